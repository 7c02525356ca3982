module Bento.Tests.ReloadedProjectTests

open System.IO
open System.Threading.Tasks
open Xunit
open Bento.Cli
open Bento.Tests.Folders

[<Fact>]
let ``sources are watched, and neither what is made of them, nor packages, nor what a link leads to`` () : Task =
    inFolder (fun folder -> task {
        let project = write folder "a.fsproj" ""

        for name in
            [
                "a.fs"
                "notes.txt"
                "parts/b.fs"
                "bin/c.dll"
                "obj/c.json"
                ".idea/d.json"
                "web/node_modules/e.json"
                "artifacts/f.json"
            ] do
            write folder name "" |> ignore

        Directory.CreateSymbolicLink(Path.Combine(folder, "parts", "round"), folder)
        |> ignore

        File.CreateSymbolicLink(Path.Combine(folder, "linked.fs"), Path.Combine(folder, "a.fs"))
        |> ignore

        use watched = new ReloadedProject(project)

        let names =
            watched.Sources()
            |> List.map (fun file -> Path.GetRelativePath(folder, file).Replace('\\', '/'))

        Assert.Equal<string list>([ "a.fs"; "a.fsproj"; "linked.fs"; "parts/b.fs" ], names)
    })

[<Fact>]
let ``a folder that is gone has no sources`` () =
    use watched =
        new ReloadedProject(Path.Combine(Path.GetTempPath(), "bento-no-such-folder", "a.fsproj"))

    Assert.Empty(watched.Sources())
