/// This assembly is the one that is loaded: it has services as a user's has.
module Bento.Tests.LoadingTests

open System
open Xunit
open Bento
open Bento.Cli

let first = service { api "upper" (fun (text: string) -> text.ToUpperInvariant()) }

let second = service {
    name "other"
    api "length" (fun (text: string) -> text.Length)
}

/// As a class of C# is.
[<CSharp.Service("classy")>]
type Classy() =
    [<CSharp.Api>]
    member _.Length(text: string) = text.Length

/// Of a class that cannot be served, what is wrong is told only to whoever asks for it.
[<CSharp.Service("faulty")>]
type Faulty() =
    [<CSharp.Api>]
    member _.Nothing(_text: string) = ()

let built =
    CSharp.Service.Create("built").Api("double", Func<int, int>(fun number -> 2 * number)).Build()

let private own = Reflection.Assembly.GetExecutingAssembly().Location

let private definition path service =
    Loading.definitions path
    |> Loading.choose { Path = path; Service = service } path

let private refusal path service =
    Assert.Throws<CliException>(fun () -> definition path service |> ignore).Message

[<Fact>]
let ``a service is found by its name, and its types are the command's own`` () =
    Assert.Equal("first", (definition own (Some "first")).Name)
    Assert.Equal("other", (definition own (Some "other")).Name)

[<Fact>]
let ``a class marked as a service is found, and what a builder made`` () =
    let endpoint (name: string) =
        (Definition.require (definition own (Some name))).Card.Endpoints.Head

    Assert.Equal("/length", (endpoint "classy").Route)
    Assert.Equal("an object with text", Shape.describe (endpoint "classy").Input.Shape)
    Assert.Equal("an object with number", Shape.describe (endpoint "built").Input.Shape)

[<Fact>]
let ``a class that cannot be served tells why when it is asked for`` () =
    let problem =
        Assert.Throws<InvalidServiceException>(fun () -> Definition.require (definition own (Some "faulty")) |> ignore)

    Assert.Contains("`Nothing` returns nothing, and a caller wants an answer", problem.Message)

[<Fact>]
let ``where there are several, one must be named, and the message names them all`` () =
    let unnamed = refusal own None
    Assert.Contains("first", unnamed)
    Assert.Contains("other", unnamed)
    Assert.Contains("has no service \"third\"", refusal own (Some "third"))

[<Fact>]
let ``an assembly without a service says what is wanted`` () =
    Assert.Contains("a public class marked [Service]", refusal typeof<HttpHandler>.Assembly.Location None)
    Assert.Contains("let hello = service { … }", refusal typeof<HttpHandler>.Assembly.Location None)

[<Fact>]
let ``a file that is no assembly is refused`` () =
    let file = IO.Path.GetTempFileName()

    try
        Assert.Contains("is not a .NET assembly", refusal file None)
    finally
        IO.File.Delete file

[<Fact>]
let ``ONNX Runtime is taken from the target's own packages, unless another was chosen`` () =
    let folder = IO.Directory.CreateTempSubdirectory "bento-target-"
    let target = IO.Path.Combine(folder.FullName, "Target.dll")

    let name =
        if OperatingSystem.IsWindows() then "onnxruntime.dll"
        elif OperatingSystem.IsMacOS() then "libonnxruntime.dylib"
        else "libonnxruntime.so"

    let native = IO.Path.Combine(folder.FullName, name)
    IO.File.Copy(own, target)
    IO.File.WriteAllText(native, "native code")

    try
        Assert.Equal(Some native, Loading.runtimeOf "" None target)
        Assert.Equal(None, Loading.runtimeOf "/opt/libonnxruntime.so" None target)
        Assert.Equal(Some "/chosen.so", Loading.runtimeOf "" (Some "/chosen.so") target)
        IO.File.Delete native
        Assert.Equal(None, Loading.runtimeOf "" None target)
    finally
        folder.Delete true
