/// The packages themselves. One at a time: these build.
[<Xunit.Collection "builds">]
module Bento.EndToEnd.PackTests

open System
open System.IO
open System.IO.Compression
open System.Security.Cryptography
open System.Threading.Tasks
open System.Xml.Linq
open Xunit
open Bento.EndToEnd.Programs
open Bento.EndToEnd.Packages

let private names () =
    Directory.GetFiles(made, "*.nupkg")
    |> Array.map (fun file -> (string (Path.GetFileName file)).Replace($".{version}.nupkg", ""))

let private entries (package: string) =
    use archive = ZipFile.OpenRead(Path.Combine(made, $"{package}.{version}.nupkg"))
    [ for entry in archive.Entries -> entry.FullName ]

let private hashOf (file: string) =
    use stream = File.OpenRead file
    Convert.ToHexString(SHA256.HashData stream)

[<Fact>]
let ``packing again makes the same bytes, and takes nothing of others' away`` () : Task = task {
    let again = Directory.CreateTempSubdirectory "bento-pack-"

    try
        let others = write again.FullName "Another.1.0.0.nupkg" "somebody else's"
        let! code, output = run "dotnet" [ "fsi"; "build.fsx"; "pack"; "--"; again.FullName ]
        Assert.True((code = 0), output)
        Assert.Equal("somebody else's", File.ReadAllText others)
        Assert.NotEmpty(names ())

        for file in Directory.GetFiles made do
            let other = Path.Combine(again.FullName, string (Path.GetFileName file))
            Assert.True(hashOf file = hashOf other, file)
    finally
        again.Delete true
}

[<Fact>]
let ``each package says what it is and under which licence`` () =
    for package in names () do
        let files = entries package

        for wanted in [ $"{package}.nuspec"; "README.md"; "LICENSE" ] do
            Assert.True(List.contains wanted files, $"{package} has no {wanted}")

[<Fact>]
let ``each ONNX Runtime has its library at its platform's place, and Microsoft's notices`` () =
    let natives =
        names () |> Array.filter (fun name -> name.StartsWith "Bento.Onnx.Native.")

    Assert.Equal(5, natives.Length)

    for package in natives do
        let platform = package.Substring "Bento.Onnx.Native.".Length
        let files = entries package

        Assert.Contains(
            files,
            fun file -> file.StartsWith $"runtimes/{platform}/native/" && file.Contains "onnxruntime."
        )

        Assert.Contains("notices/onnxruntime/LICENSE", files)
        Assert.Contains("notices/onnxruntime/ThirdPartyNotices.txt", files)

[<Fact>]
let ``Bento brings every library and an ONNX Runtime for each platform, of its own version`` () =
    use archive = ZipFile.OpenRead(Path.Combine(made, $"Bento.{version}.nupkg"))

    use stream =
        (archive.Entries |> Seq.find (fun entry -> entry.FullName = "Bento.nuspec")).Open()

    let dependencies = [
        for element in (XDocument.Load stream).Descendants() do
            if element.Name.LocalName = "dependency" then
                (nonNull (element.Attribute "id")).Value, (nonNull (element.Attribute "version")).Value
    ]

    Assert.Equal(8, dependencies.Length)

    for id, range in dependencies do
        Assert.Equal($"[{version}]", range)
        Assert.Contains(id, names ())
