module Bento.Tests.NativesTests

open Xunit
open Bento
open Bento.Cli

let private gpus count : Gpus =
    let all =
        List.init count (fun index -> {
            Model = $"Tesla {index}"
            Uuid = None
        })

    {
        Seen = all
        Usable = all
        VisibleDevices = None
    }

let private answer error : Result<Answer, string> =
    Ok {
        Error = error
        Version = Some "1.29.0"
        File = Some "/lib/libonnxruntime.so"
        Providers = []
    }

let private cuda = "CUDAExecutionProvider"

[<Fact>]
let ``a library that runs models is well, and is named with its version`` () =
    let finding = Natives.library (answer None)

    Assert.Equal(Finding.ok "ONNX Runtime" "1.29.0, /lib/libonnxruntime.so; it runs models on the processor.", finding)

[<Fact>]
let ``a library that is missing, too old, broken or crashes is a fault`` () =
    let unknown: Result<Answer, string> =
        Ok {
            Error = Some "It was not found. Tried: here"
            Version = None
            File = None
            Providers = []
        }

    for given, said in
        [
            unknown, "It was not found. Tried: here."
            answer (Some "out of memory"),
            "1.29.0, /lib/libonnxruntime.so makes no session on the processor: out of memory."
            Error "the attempt was ended by signal 11", "Nothing is known of it: the attempt was ended by signal 11."
        ] do
        let finding = Natives.library given
        Assert.Equal(Condition.Fault, finding.Condition)
        Assert.Equal(said, finding.Sentence)
        Assert.True finding.Mend.IsSome

[<Fact>]
let ``a provider that makes sessions is well`` () =
    Assert.Equal(Finding.ok cuda "It makes sessions.", Natives.provider (gpus 1) cuda (answer None))

[<Fact>]
let ``CUDA that does not work is a warning where there is a GPU, and nothing to mend where there is none`` () =
    for failure in
        [
            answer (Some "libcublasLt.so.13 is missing")
            Error "libcublasLt.so.13 is missing"
        ] do
        let mattering = Natives.provider (gpus 1) cuda failure
        Assert.Equal(Condition.Warning, mattering.Condition)
        Assert.Contains("libcublasLt.so.13 is missing", mattering.Sentence)
        Assert.Contains("natives --gpu", string mattering.Mend)
        let idle = Natives.provider (gpus 0) cuda failure
        Assert.Equal(Condition.Ok, idle.Condition)
        Assert.Contains("there is no GPU", idle.Sentence)
        Assert.Contains("libcublasLt.so.13 is missing", idle.Sentence)

[<Fact>]
let ``a provider that nothing asks for is no warning`` () =
    let finding =
        Natives.provider (gpus 1) "WebGpuExecutionProvider" (answer (Some "no adapter"))

    Assert.Equal(Condition.Ok, finding.Condition)
    Assert.Contains("only to a service that asks for it: no adapter.", finding.Sentence)

[<Fact>]
let ``libraries of CUDA that are missing are named, and matter to a GPU only`` () =
    Assert.Equal(Condition.Ok, (Natives.libraries (gpus 1) []).Condition)
    let mattering = Natives.libraries (gpus 1) [ "libcudart.so.13"; "libcudnn.so.9" ]
    Assert.Equal(Condition.Warning, mattering.Condition)
    Assert.Equal("Missing: libcudart.so.13, libcudnn.so.9.", mattering.Sentence)
    let idle = Natives.libraries (gpus 0) [ "libcudnn.so.9" ]
    Assert.Equal(Condition.Ok, idle.Condition)
    Assert.Contains("libcudnn.so.9", idle.Sentence)

[<Fact>]
let ``GPUs are told by their models`` () =
    Assert.EndsWith(": Tesla 0, Tesla 1.", (Natives.gpus (gpus 2)).Sentence)
    Assert.StartsWith("No GPU is seen in /proc/driver/nvidia", (Natives.gpus (gpus 0)).Sentence)
    Assert.EndsWith("services run on the processor.", (Natives.gpus (gpus 0)).Sentence)
