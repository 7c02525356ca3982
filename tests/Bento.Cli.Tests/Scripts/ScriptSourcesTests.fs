module Bento.Tests.ScriptSourcesTests

open System.IO
open Xunit
open Bento.Cli

[<Theory>]
[<InlineData("#load \"a.fsx\"", "a.fsx")>]
[<InlineData("  #load   \"a.fsx\" \"b.fsx\"\r", "a.fsx b.fsx")>]
[<InlineData("#load @\"x\\a.fsx\"", "x\\a.fsx")>]
[<InlineData("#load \"\"\"a.fsx\"\"\"", "a.fsx")>]
[<InlineData("#r \"a.dll\"", "")>]
[<InlineData("let load = \"a.fsx\"", "")>]
let ``directives are read as written`` (text: string, expected: string) =
    Assert.Equal(expected, String.concat " " (ScriptSources.directives "load" text))

let private within (files: (string * string) list) (test: string -> unit) =
    let folder = Directory.CreateTempSubdirectory "bento-sources-"

    try
        for name, text in files do
            let path = Path.Combine(folder.FullName, name)
            Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
            File.WriteAllText(path, text)

        test folder.FullName
    finally
        folder.Delete true

let private names folder =
    ScriptSources.files (Path.Combine(folder, "main.fsx"))
    |> List.map (fun path -> Path.GetRelativePath(folder, path).Replace('\\', '/'))

[<Fact>]
let ``loaded files load others, from their own folders, and in a circle too`` () =
    within
        [
            "main.fsx", "#load \"parts/a.fsx\""
            "parts/a.fsx", "#load \"b.fsx\""
            "parts/b.fsx", "#load \"../main.fsx\""
        ]
        (fun folder -> Assert.Equal<string list>([ "main.fsx"; "parts/a.fsx"; "parts/b.fsx" ], names folder))

[<Fact>]
let ``a file of an included folder is found, and a missing one is named`` () =
    within [ "main.fsx", "#I \"parts\"\n#load \"a.fsx\" \"none.fsx\""; "parts/a.fsx", "" ] (fun folder ->
        Assert.Equal<string list>([ "main.fsx"; "parts/a.fsx"; "none.fsx" ], names folder))

[<Fact>]
let ``the name in the cache is another for another text, place or compiler`` () =
    within [ "main.fsx", "#load \"a.fsx\""; "a.fsx", "let a = 1" ] (fun folder ->
        let files = ScriptSources.files (Path.Combine(folder, "main.fsx"))
        let before = CompiledScript.key "one" files
        Assert.Equal(before, CompiledScript.key "one" files)
        Assert.NotEqual<string>(before, CompiledScript.key "two" files)
        File.WriteAllText(Path.Combine(folder, "a.fsx"), "let a = 2")
        Assert.NotEqual<string>(before, CompiledScript.key "one" files)

        within [ "main.fsx", "#load \"a.fsx\""; "a.fsx", "let a = 1" ] (fun other ->
            let others = ScriptSources.files (Path.Combine(other, "main.fsx"))
            Assert.NotEqual<string>(before, CompiledScript.key "one" others)))

[<Fact>]
let ``of two files of one name both count, as F# takes that of the included folder`` () =
    within
        [
            "main.fsx", "#I \"lib\"\n#load \"util.fsx\""
            "util.fsx", ""
            "lib/util.fsx", ""
        ]
        (fun folder -> Assert.Equal<string list>([ "main.fsx"; "lib/util.fsx"; "util.fsx" ], names folder))

[<Fact>]
let ``what a loaded file includes counts for those after it`` () =
    within
        [
            "main.fsx", "#load \"parts/a.fsx\" \"c.fsx\""
            "c.fsx", "#load \"b.fsx\""
            "parts/a.fsx", "#I \"lib\""
            "parts/lib/b.fsx", ""
            "b.fsx", ""
        ]
        (fun folder ->
            Assert.Equal<string list>([ "main.fsx"; "parts/a.fsx"; "c.fsx"; "parts/lib/b.fsx"; "b.fsx" ], names folder))

[<Fact>]
let ``of two assemblies of one name that of the included folder is taken, and both are a part of the name in the cache``
    ()
    =
    within
        [
            "main.fsx", "#load \"parts/a.fsx\"\n#I \"lib\""
            "parts/a.fsx", "#r \"x.dll\""
            "lib/x.dll", "1"
            "parts/x.dll", "1"
        ]
        (fun folder ->
            let files = ScriptSources.files (Path.Combine(folder, "main.fsx"))
            Assert.Equal<string list>([ Path.Combine(folder, "lib", "x.dll") ], ScriptSources.assemblies files)
            let before = CompiledScript.key "one" files

            for place in [ "lib"; "parts" ] do
                File.WriteAllText(Path.Combine(folder, place, "x.dll"), place)
                Assert.NotEqual<string>(before, CompiledScript.key "one" files)
                File.WriteAllText(Path.Combine(folder, place, "x.dll"), "1")
                Assert.Equal(before, CompiledScript.key "one" files))

[<Fact>]
let ``native code is told by its place in a package, and not by a folder above`` () =
    within
        [
            "native/script.dll", ""
            "native/package/lib/net10.0/a.dll", ""
            "native/package/runtimes/linux-x64/native/libb.so", ""
        ]
        (fun folder ->
            let place = Path.Combine(folder, "native")
            let managed = Path.Combine(place, "package", "lib", "net10.0", "a.dll")

            let native =
                Path.Combine(place, "package", "runtimes", "linux-x64", "native", "libb.so")

            File.WriteAllLines(Path.Combine(place, "references.txt"), [ managed; native ])

            match CompiledScript.find place with
            | None -> Assert.Fail "It was not found."
            | Some found ->
                Assert.Equal<string list>([ managed ], found.References)
                Assert.Equal<string list>([ native ], found.Natives))
