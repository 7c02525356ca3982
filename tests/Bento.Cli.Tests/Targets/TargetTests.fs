module Bento.Tests.TargetTests

open System.IO
open Xunit
open Bento.Cli

[<Theory>]
[<InlineData("folder", "folder", null)>]
[<InlineData("folder:summarize", "folder", "summarize")>]
[<InlineData("folder/My.dll:summarize", "folder/My.dll", "summarize")>]
[<InlineData("folder:", "folder:", null)>]
[<InlineData(":summarize", ":summarize", null)>]
[<InlineData("C:\\services", "C:\\services", null)>]
[<InlineData("C:/services", "C:/services", null)>]
[<InlineData("C:\\services:summarize", "C:\\services", "summarize")>]
[<InlineData("a:b:c", "a:b", "c")>]
[<InlineData("", "", null)>]
let ``the name of a service stands behind the last colon that is no drive's`` (text, path, service) =
    Assert.Equal(
        {
            Path = path
            Service = Option.ofObj service
        },
        Target.parse text
    )

/// A folder of its own with these files in it, for as long as `test` runs.
let private inFolder (files: string list) (test: string -> unit) =
    let folder = Directory.CreateTempSubdirectory "bento-target-"

    try
        for file in files do
            File.WriteAllText(Path.Combine(folder.FullName, file), "")

        test folder.FullName
    finally
        folder.Delete true

let private kind path =
    Target.kind { Path = path; Service = None }

let private refusal path =
    Assert.Throws<CliException>(fun () -> kind path |> ignore).Message

[<Fact>]
let ``a folder with one project is that project, of either language`` () =
    for file in [ "One.fsproj"; "One.csproj" ] do
        inFolder [ file; "One.fs"; "README.md" ] (fun folder ->
            Assert.Equal(TargetKind.Project(Path.Combine(folder, file)), kind folder))

[<Fact>]
let ``a project file and a built assembly are themselves`` () =
    inFolder [ "One.fsproj"; "Two.DLL" ] (fun folder ->
        let project, assembly =
            Path.Combine(folder, "One.fsproj"), Path.Combine(folder, "Two.DLL")

        Assert.Equal(TargetKind.Project project, kind project)
        Assert.Equal(TargetKind.Assembly assembly, kind assembly))

[<Fact>]
let ``a path with a colon in it is found before it is taken apart`` () =
    inFolder [ "a:b.dll" ] (fun folder ->
        let path = Path.Combine(folder, "a:b.dll")
        Assert.Equal({ Path = path; Service = None }, Target.parse path))

[<Fact>]
let ``what cannot be served is refused with the way out`` () =
    inFolder [] (fun folder ->
        Assert.Contains("holds no project", refusal folder)
        Assert.Contains("There is nothing at", refusal (Path.Combine(folder, "absent"))))

    inFolder [ "One.fsproj"; "Two.fsproj" ] (fun folder ->
        let message = refusal folder
        Assert.Contains("One.fsproj", message)
        Assert.Contains("Two.fsproj", message))

    inFolder [ "service.py" ] (fun folder ->
        Assert.Contains(
            "give a script, a project folder or a built .dll",
            refusal (Path.Combine(folder, "service.py"))
        ))
