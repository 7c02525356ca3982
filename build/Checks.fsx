/// What every file of the repository keeps to.
module Checks

#load "Setup.fsx"

open System.IO
open System.Text.RegularExpressions
open Shell
open Setup

let private folders = [ "src"; "samples"; "tests"; "bench"; "build" ]

let private sources () =
    "build.fsx" :: files folders [ "*.fs"; "*.fsi"; "*.fsx"; "*.cs" ]

let private csharpProjects () = files folders [ "*.csproj" ]

let private reference = Regex "<ProjectReference Include=\"([^\"]+)\""

/// Whether a project refers to one of F#, itself or by another: `dotnet format` sees nothing of such a one, and takes all
/// its types for mistakes.
let rec private seesFSharp (project: string) =
    let folder = Path.GetDirectoryName project

    reference.Matches(File.ReadAllText project)
    |> Seq.map (fun found -> Path.GetFullPath(Path.Combine(folder, found.Groups[1].Value)))
    |> Seq.exists (fun other -> other.EndsWith ".fsproj" || (File.Exists other && seesFSharp other))

/// What `dotnet format` is to look at: a whole project, or, where F# is in sight, the files in a folder for their layout.
/// Their style is the build's to judge, as `EnforceCodeStyleInBuild` has it.
let private formatting (project: string) =
    if seesFSharp (inRoot project) then
        [ "whitespace"; string (Path.GetDirectoryName project); "--folder" ]
    else
        [ project; "--no-restore" ]

/// Formats F# and C#, or says what is not formatted.
let private formatter write =
    run "dotnet" [
        "fantomas"
        if not write then
            "--check"
        "build.fsx"
        yield! folders
    ]

    for project in csharpProjects () do
        run "dotnet" [
            "format"
            yield! formatting project
            if not write then
                "--verify-no-changes"
        ]

let format () = formatter true

let private longest = 500

/// What is right on one machine and wrong everywhere else: in which files, how it looks, what it is.
let private ofOneMachine =
    [
        "", @"(?<![\w.~-])/(home|root|work|Users|tmp)/\w|[A-Z]:\\Users\\", "a path"
        "", @"https?://[\w.-]*(nuget|npmjs|registry|packages)\.", "a registry's address"
        @"^paket\.(lock|dependencies)$", @"^\s*(remote:|source)\s+(?!%NUGET_FEED%)", "a feed's address"
        @"(^|[\\/])package-lock\.json$", "\"resolved\":", "a registry's address"
    ]
    |> List.map (fun (file, text, what) -> Regex file, Regex text, what)

let private problemsOf file = [
    let lines = File.ReadAllLines(inRoot file)

    if Regex.IsMatch(file, @"\.(fs|fsi|fsx|cs)$") && lines.Length > longest then
        $"%s{file}: %d{lines.Length} lines, of at most %d{longest}: split it by idea"

    for files, text, what in ofOneMachine do
        if files.IsMatch file then
            for number, line in Array.indexed lines do
                if text.IsMatch line then
                    $"%s{file}(%d{number + 1}): `%s{line.Trim()}` holds %s{what} of one machine"
]

let check () =
    let texts = [
        // A work tree has a file of this name, with the path of its repository in it.
        yield!
            Directory.EnumerateFiles root
            |> Seq.map Path.GetFileName
            |> Seq.filter ((<>) ".git")
        yield! files (".ci" :: "docs" :: folders) [ "*.*" ]
    ]

    let isText (file: string) =
        not (Regex.IsMatch(file, @"\.(onnx|png|bin)$"))

    let problems = texts |> List.filter isText |> List.collect problemsOf

    if not problems.IsEmpty then
        problems |> List.iter (eprintfn "%s")
        fail $"%d{problems.Length} lines or files are not as they should be"

    once (stampOf "format") (fingerprint (".editorconfig" :: ".config/dotnet-tools.json" :: sources ())) true (fun () ->
        try
            formatter false
        with Stop _ ->
            fail "Not formatted, as said above: `dotnet fsi build.fsx format` does it")
