module Bento.Tests.ProbeTests

open Xunit
open Bento.Cli

let private full = {
    Error = Some "libcublasLt.so.13 is missing"
    Version = Some "1.29.0"
    File = Some "/lib/libonnxruntime.so"
    Providers = [ "CUDAExecutionProvider"; "CPUExecutionProvider" ]
}

let private empty = {
    Error = None
    Version = None
    File = None
    Providers = []
}

[<Fact>]
let ``what a child prints is what the doctor reads`` () =
    for answer in [ full; empty ] do
        Assert.Equal(Some answer, Probe.read (Probe.json answer + "\n"))

[<Fact>]
let ``what a dying child leaves is no answer`` () =
    for output in [ ""; "{"; "Segmentation fault"; "[]"; "{}"; "{\"error\": 1}" ] do
        Assert.Equal(None, Probe.read output)

[<Fact>]
let ``a child that a signal ended has crashed`` () =
    Assert.Contains("signal 11", Probe.died 139)
    Assert.Contains("exit code 3", Probe.died 3)
