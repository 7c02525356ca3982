/// Every chore of this repository: `dotnet fsi build.fsx TARGET [-- ARGUMENTS]`.
/// Each target does the set-up it needs, once: see build/Setup.fsx.

// One directive for all: each of its own would cost half a second.
#load "build/Shell.fsx" "build/Setup.fsx" "build/Checks.fsx" "build/Tests.fsx" "build/Demo.fsx" "build/Nupkg.fsx" "build/Pack.fsx"

open System
open System.IO
open Shell

let private buildOnly project =
    printfn $"Building %s{project}"

    run "dotnet" [
        "build"
        project
        "--configuration"
        "Release"
        "--no-restore"
        "--verbosity"
        "quiet"
    ]

let build () =
    Setup.restore ()
    buildOnly "Bento.slnx"

let prepareAndBuild () =
    Setup.restore ()
    Setup.prepare ()
    buildOnly "Bento.slnx"

let demo arguments =
    Setup.restore ()
    Setup.prepare ()
    buildOnly "src/Bento.Cli"
    buildOnly "samples/summarize"
    Demo.demo arguments

let check () =
    Setup.restore ()
    Checks.check ()

let test arguments =
    check ()
    Setup.testTools ()
    prepareAndBuild ()
    Tests.runProjects arguments (Tests.unitTests ())

let e2e arguments =
    Setup.testTools ()
    Setup.onnxTestData ()
    Setup.promtool ()
    Setup.chromium ()
    prepareAndBuild ()
    Setup.nativesForGpuTests ()
    Pack.pack Pack.usualFolder
    Tests.runProjects arguments Tests.endToEndTests

let format () =
    Setup.restore ()
    Checks.format ()

let bench arguments =
    Setup.restore ()
    // The build copies ONNX Runtime and the models beside the benchmarks, where they are there.
    Setup.prepare ()
    buildOnly "bench"

    if List.tryHead arguments = Some "start" then
        List.iter buildOnly Pack.projects
        Pack.pack Pack.usualFolder

    call "dotnet" ("bench/bin/Release/net10.0/Bento.Bench.dll" :: arguments)

let pack (arguments: string list) =
    Setup.restore ()
    List.iter buildOnly Pack.projects

    match arguments with
    | [] -> Pack.pack Pack.usualFolder
    | [ folder ] -> Pack.pack (Path.GetFullPath folder)
    | others ->
        let given = String.Join(' ', others)
        raise (Stop($"`pack` takes a folder or nothing, and was given `%s{given}`", 2))

    0

let natives (arguments: string list) =
    match arguments with
    | [] -> Setup.natives ()
    | [ "--gpu" ] -> Setup.nativesForGpu ()
    | others ->
        let given = String.Join(' ', others)
        raise (Stop($"`natives` takes --gpu and nothing else, and was given `%s{given}`", 2))

    0

let private ok chore (arguments: string list) =
    if not arguments.IsEmpty then
        let given = String.Join(' ', arguments)
        raise (Stop($"This target takes no arguments, and was given `%s{given}`", 2))

    chore ()
    0

let targets = [
    "demo", demo, "serve samples/summarize and ask it for a summary; -- --once ends then, -- --port N picks the port"
    "test", test, "check, build, and run every test but the end-to-end ones; -- ARGUMENTS go to xunit"
    "e2e", e2e, "build, and run the tests that drive the built command; -- ARGUMENTS go to xunit"
    "build", ok build, "build everything, warnings being errors"
    "format", ok format, "format F# and C#"
    "check", ok check, "say what is not formatted, too long, or belongs to one machine"
    "natives", natives, "get ONNX Runtime for this machine; --gpu gets its CUDA provider too (Linux x64, 230 MB)"
    "models", ok Setup.models, "get and convert the models of the samples"
    "tools", ok Setup.testTools, "get what the tests take from npm"
    "bench", bench, "NAME: run a benchmark; without a name, list them"
    "pack", pack, "build, and make all packages in artifacts/packages; -- FOLDER makes them there"
]

let help () =
    printfn "dotnet fsi build.fsx TARGET [-- ARGUMENTS]\n"

    for name, _, line in targets do
        printfn $"  %-8s{name}%s{line}"

    printfn $"\nWhat is downloaded and prepared is kept in %s{Setup.home} (BENTO_HOME)."

/// The number of letters to add, take away or change.
let private distance (given: string) (target: string) =
    let row above letter =
        Seq.zip target (Seq.pairwise above)
        |> Seq.scan
            (fun left (other, (diagonal, up)) ->
                let changed = if letter = other then diagonal else diagonal + 1
                List.min [ left + 1; up + 1; changed ])
            (List.head above + 1)
        |> List.ofSeq

    given |> Seq.fold row [ 0 .. target.Length ] |> List.last

let unknown name =
    let near =
        [
            for target, _, _ in targets do
                distance name target, target
        ]
        |> List.min

    match near with
    | letters, target when letters <= 2 -> eprintfn $"There is no target `%s{name}`. Is it `%s{target}`?"
    | _ -> eprintfn $"There is no target `%s{name}`. `dotnet fsi build.fsx` lists them"

    2

let main arguments =
    match List.filter ((<>) "--") arguments with
    | []
    | ("--help" | "-h" | "help") :: _ ->
        help ()
        0
    | name :: rest ->
        match List.tryFind (fun (target, _, _) -> target = name) targets with
        | Some(_, chore, _) -> chore rest
        | None -> unknown name

let code =
    try
        main (List.tail (List.ofArray fsi.CommandLineArgs))
    with Stop(message, code) ->
        eprintfn $"%s{message}"
        code

exit code
