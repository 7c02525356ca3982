/// What new services begin as, and what they may be named.
module Bento.Tests.StartTests

open System
open System.IO
open FsCheck
open Xunit
open Bento.Cli

let private inFolder (test: string -> 'Result) : 'Result =
    let folder = Directory.CreateTempSubdirectory "bento-new-"

    try
        test folder.FullName
    finally
        folder.Delete true

let private filesOf folder =
    Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
    |> Array.map (fun file -> Path.GetRelativePath(folder, file).Replace('\\', '/'))
    |> Set.ofArray

[<Theory>]
[<InlineData("greeting")>]
[<InlineData("My_Service2")>]
[<InlineData("x")>]
let ``a name of letters, digits and underscores is taken as it is`` (name: string) =
    Assert.Equal(Ok name, Start.judge name)

[<Theory>]
[<InlineData("my-service", "my_service")>]
[<InlineData("../up", "up")>]
[<InlineData("/etc/passwd", "etc_passwd")>]
[<InlineData("C:\\x", "C_x")>]
[<InlineData("1st", "st")>]
[<InlineData("", "greeting")>]
[<InlineData("..", "greeting")>]
[<InlineData("a\nb", "a_b")>]
[<InlineData("x\n", "x")>]
[<InlineData("<Target>", "Target")>]
[<InlineData("$(Secret)", "Secret")>]
[<InlineData("/con", "my_con")>]
let ``another is refused with one that would be taken`` (name: string, usable: string) =
    match Start.judge name with
    | Ok _ -> Assert.Fail $"{name} was taken."
    | Error sentence ->
        Assert.EndsWith($"as in {usable}.", sentence)
        Assert.DoesNotContain('\n', sentence)
        Assert.Equal(Ok usable, Start.judge usable)

[<Theory>]
[<InlineData("Bento")>]
[<InlineData("system")>]
[<InlineData("CON")>]
[<InlineData("com1")>]
let ``the name of what a service builds on or of a device is refused`` (name: string) =
    match Start.judge name with
    | Ok _ -> Assert.Fail $"{name} was taken."
    | Error sentence -> Assert.Contains($"as in my_{name.ToLowerInvariant()}", sentence)

[<Fact>]
let ``whatever is taken is one file's name and nothing else`` () =
    let holds (letters: char[]) =
        let name = String letters

        match Start.judge name with
        | Ok taken -> taken = name && string (Path.GetFileName name) = name && name.Length <= 64
        | Error sentence -> sentence.Length < 400

    Check.One(Config.QuickThrowOnFailure.WithMaxTest 2000, holds)

[<Fact>]
let ``each kind has its files, with the name and the version in them`` () =
    for kind, expected in
        [
            StartKind.Script, [ "given.fsx" ]
            StartKind.FSharp, [ ".gitignore"; "Program.fs"; "Service.fs"; "given.fsproj" ]
            StartKind.CSharp, [ ".gitignore"; "Greeter.cs"; "Program.cs"; "given.csproj" ]
        ] do
        let files = Start.files kind "given"
        Assert.Equal<Set<string>>(Set.ofList expected, files |> List.map fst |> Set.ofList)
        let all = files |> List.map snd |> String.concat "\n"
        Assert.Contains("\"given\"", all)
        Assert.Contains(Start.version, all)
        Assert.DoesNotContain("NewService", all)
        Assert.DoesNotContain("VERSION", all)

[<Fact>]
let ``a name stays as it is that has the word for the version in it`` () =
    let all = Start.files StartKind.FSharp "MyVERSION"
    Assert.Contains("MyVERSION.fsproj", List.map fst all)
    Assert.Contains("\"MyVERSION\"", all |> List.map snd |> String.concat "\n")

[<Fact>]
let ``a script is one file, and a project a folder`` () =
    inFolder (fun folder ->
        Assert.Equal("one.fsx", Start.write folder StartKind.Script "one")
        Assert.Equal("two", Start.write folder StartKind.FSharp "two")

        let expected =
            Set.ofList [
                "one.fsx"
                "two/.gitignore"
                "two/Program.fs"
                "two/Service.fs"
                "two/two.fsproj"
            ]

        Assert.Equal<Set<string>>(expected, filesOf folder))

[<Fact>]
let ``nothing that is there already is touched`` () =
    inFolder (fun folder ->
        let mine = Path.Combine(folder, "mine")
        Directory.CreateDirectory mine |> ignore
        File.WriteAllText(mine + ".fsx", "mine")

        for kind in [ StartKind.FSharp; StartKind.CSharp; StartKind.Script ] do
            let problem =
                Assert.Throws<CliException>(fun () -> Start.write folder kind "mine" |> ignore)

            Assert.Contains("is there already", problem.Message)

        Assert.Equal<Set<string>>(Set.ofList [ "mine.fsx" ], filesOf folder)
        Assert.Equal("mine", File.ReadAllText(mine + ".fsx")))
