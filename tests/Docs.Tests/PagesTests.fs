/// What the pages for people say of code is what the compiler says.
module Docs.Tests.PagesTests

open System
open System.IO
open System.Text.RegularExpressions
open Xunit
open Bento.Tests

let private root =
    let rec up (folder: DirectoryInfo | null) =
        match folder with
        | null -> failwith "There is no Bento.slnx above the tests."
        | folder when File.Exists(Path.Combine(folder.FullName, "Bento.slnx")) -> folder.FullName
        | folder -> up folder.Parent

    up (DirectoryInfo AppContext.BaseDirectory)

let private pages = [
    Path.Combine(root, "README.md")
    yield! Directory.GetFiles(Path.Combine(root, "docs"), "*.md")

    for sample in Directory.GetDirectories(Path.Combine(root, "samples")) do
        yield! Directory.GetFiles(sample, "README.md")
]

let private blocks language text =
    Regex.Matches(text, $"^```{language}\n(.*?)^```$", RegexOptions.Multiline ||| RegexOptions.Singleline)
    |> Seq.map (fun block -> block.Groups[1].Value)

/// The first line of a script, which is for fsi alone.
let private reference = Regex "^#r \"nuget: Bento, ([^,\"]+)[^\"]*\"$"

let private version =
    let settings = File.ReadAllText(Path.Combine(root, "Directory.Build.props"))
    Regex.Match(settings, "<Version>(.*)</Version>").Groups[1].Value

/// A script as a file of a project, where the packages are the projects'. Its lines keep their numbers.
let private ofProject (code: string) =
    let lines = code.Split '\n'

    match reference.Match lines[0] with
    | line when line.Success ->
        Assert.Equal(version, line.Groups[1].Value)
        lines[0] <- "module Script"
        String.Join('\n', lines)
    | _ -> code

/// Each F# block: the page it is on, its number there, the code.
let examples =
    TheoryData<string, int, string>(
        [
            for page in pages do
                for number, code in File.ReadAllText page |> blocks "fsharp" |> Seq.indexed do
                    struct (Path.GetRelativePath(root, page), number + 1, code)
        ]
    )

[<Theory; MemberData(nameof examples)>]
let ``an F# block compiles as it stands`` (_page: string, _number: int, code: string) =
    Assert.Empty(Compiler.check (ofProject code))

[<Fact>]
let ``links between pages lead somewhere`` () =
    let broken = [
        for page in pages do
            for link in Regex.Matches(File.ReadAllText page, @"\]\((?!https?:|#)([^)#\s]+)") do
                let target = link.Groups[1].Value
                let folder = string (Path.GetDirectoryName page)

                if not (Path.Exists(Path.Combine(folder, target))) then
                    $"{page}: {target}"
    ]

    Assert.Empty broken
