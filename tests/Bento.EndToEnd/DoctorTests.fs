/// `bento doctor` on this machine.
module Bento.EndToEnd.DoctorTests

open System
open System.IO
open System.Net
open System.Net.Sockets
open System.Text.Json.Nodes
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private doctor variables arguments : Task<int * string> =
    bentoWith variables ("doctor" :: arguments) ||> run

let private text (node: JsonNode | null) =
    match node with
    | null -> ""
    | node -> node.GetValue<string>()

/// Each finding by what was looked at: its condition and its sentence.
let private findings (output: string) =
    let root = nonNull (JsonNode.Parse output)

    Map.ofList [
        for finding in (nonNull root["findings"]).AsArray() do
            let finding = nonNull finding
            text finding["what"], (text finding["condition"], text finding["sentence"])
    ]

[<Fact>]
let ``a machine that these tests run on is well`` () : Task = task {
    let! code, output = doctor [] [ "--port"; "0" ]
    Assert.True((code = 0), output)

    for what in [ ".NET"; "processors"; "memory"; "disk"; "ONNX Runtime"; "GPUs"; "port" ] do
        Assert.Contains(what, output)

    Assert.Contains("1.29.0", output)
    Assert.Contains("it runs models on the processor", output)
    Assert.DoesNotContain("fault ", output)
}

[<Fact>]
let ``as JSON it says the same`` () : Task = task {
    let! code, output = doctor [] [ "--json"; "--port"; "0" ]
    Assert.Equal(0, code)
    let findings = findings output
    let condition, sentence = findings["ONNX Runtime"]
    Assert.Equal("ok", condition)
    Assert.Contains("1.29.0", sentence)

    for what in
        [
            ".NET"
            "processors"
            "memory"
            "disk"
            "GPUs"
            "CUDA"
            "CUDAExecutionProvider"
            "port"
        ] do
        Assert.True(findings.ContainsKey what, what)
}

[<Fact>]
let ``a port in use is a fault, and the exit code says so`` () : Task = task {
    use listener = new TcpListener(IPAddress.Loopback, 0)
    listener.Start()
    let port = string (listener.LocalEndpoint :?> IPEndPoint).Port
    let! code, output = doctor [] [ "--json"; "--port"; port ]
    Assert.Equal(1, code)
    let condition, sentence = (findings output)["port"]
    Assert.Equal("fault", condition)
    Assert.Contains(port, sentence)
}

[<Fact>]
let ``a library that is missing or another one is a fault, and the rest is told all the same`` () : Task = task {
    let anything = typeof<Program>.Assembly.Location

    for library, said in [ "no/such/library.so", "no such file"; anything, anything ] do
        let! code, output =
            doctor [ $"BENTO_ORT_LIBRARY={library}" ] [ "--json"; "--port"; "0" ]

        Assert.Equal(1, code)
        let findings = findings output
        let condition, sentence = findings["ONNX Runtime"]
        Assert.Equal("fault", condition)
        Assert.Contains(said, sentence)
        Assert.Equal("ok", fst findings["port"])
}

[<Fact>]
let ``a library that kills whoever loads it does not kill the doctor`` () : Task = task {
    // A library of this file's own, whose first act is to end its process by a signal.
    let folder = Directory.CreateTempSubdirectory "bento-doctor-"

    try
        let source = Path.Combine(folder.FullName, "deadly.c")
        let library = Path.Combine(folder.FullName, "libdeadly.so")

        do!
            IO.File.WriteAllTextAsync(
                source,
                "#include <stdlib.h>\n__attribute__((constructor)) static void die(void) { abort(); }\n"
            )

        let! built = task {
            try
                return! run "cc" [ "-shared"; "-fPIC"; "-o"; library; source ]
            with :? ComponentModel.Win32Exception ->
                return 127, ""
        }

        Assert.SkipUnless((fst built = 0), "There is no C compiler here to make such a library with.")

        let! code, output =
            doctor [ $"BENTO_ORT_LIBRARY={library}" ] [ "--json"; "--port"; "0" ]

        Assert.Equal(1, code)
        let condition, sentence = (findings output)["ONNX Runtime"]
        Assert.Equal("fault", condition)
        Assert.Contains("signal 6", sentence)
    finally
        folder.Delete true
}

[<Fact>]
let ``what is not understood is wrong usage`` () : Task = task {
    let! code, output = doctor [] [ "--port"; "70000" ]
    Assert.Equal(2, code)
    Assert.Contains("65535", output)
    let! code, _ = doctor [] [ "--cheerful" ]
    Assert.Equal(2, code)
}
