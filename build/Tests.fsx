/// Runs the test projects and counts.
module Tests

#load "Setup.fsx"

open System
open System.Diagnostics
open System.IO
open System.Xml.Linq
open Shell

type Outcome = {
    Project: string
    Passed: int
    Failed: int
    Skipped: int
    Seconds: float
    /// Names of the tests that failed, or why there are none.
    Failures: string list
}

let private results = Path.Combine(artifacts, "tests")

let private attribute name (element: XElement) =
    match element.Attribute(XName.Get name) with
    | null -> ""
    | value -> value.Value

/// What xunit wrote about one project. Errors are failures outside of a test, in a fixture's clean-up for one.
let private read project (file: string) seconds =
    let document = XDocument.Load file

    let named name =
        document.Descendants(XName.Get name) |> List.ofSeq

    let tests = named "test"
    let errors = named "error"

    let withResult result =
        tests |> List.filter (fun test -> attribute "result" test = result)

    let failed = withResult "Fail"

    {
        Project = project
        Passed = (withResult "Pass").Length
        Failed = failed.Length + errors.Length
        Skipped = (withResult "Skip").Length
        Seconds = seconds
        Failures = [
            for test in failed do
                attribute "name" test
            for error in errors do
                attribute "type" error + " " + attribute "name" error
        ]
    }

let private patience = TimeSpan.FromMinutes 15.

let private runProject arguments project =
    printfn $"\n%s{project}"
    let file = Path.Combine(results, project + ".xml")
    let assembly = inRoot $"tests/%s{project}/bin/Release/net10.0/%s{project}.dll"
    Directory.CreateDirectory results |> ignore
    File.Delete file
    let clock = Stopwatch.StartNew()

    let code =
        callWithin patience "dotnet" [
            "exec"
            assembly
            "-xml"
            file
            "-noLogo"
            "-noColor"
            // Names a test that takes longer than this many seconds.
            "-longRunning"
            "60"
            yield! arguments
        ]

    let seconds = clock.Elapsed.TotalSeconds

    let broken reason = {
        Project = project
        Passed = 0
        Failed = 1
        Skipped = 0
        Seconds = seconds
        Failures = [ $"%s{project} %s{reason}" ]
    }

    match code with
    | None -> broken $"did not end within %.0f{patience.TotalMinutes} minutes"
    | Some code when not (File.Exists file) -> broken $"left no results and ended with exit code %d{code}"
    | Some code ->
        match read project file seconds with
        | outcome when outcome.Passed + outcome.Failed = 0 && List.isEmpty arguments -> broken "ran no test"
        | outcome when outcome.Failed = 0 && code <> 0 -> broken $"ended with exit code %d{code}, and no test failed"
        | outcome -> outcome

/// Runs projects of tests/ one after another, and says in the last line how many tests passed.
let runProjects arguments (projects: string list) =
    let outcomes = projects |> List.map (runProject arguments)
    let sum count = List.sumBy count outcomes
    let failures = outcomes |> List.collect _.Failures

    if not failures.IsEmpty then
        printfn "\nFailed:"
        failures |> List.iter (printfn "  %s")

    printfn "\n%-24s %7s %7s %8s %8s" "" "passed" "failed" "skipped" "seconds"

    for outcome in outcomes do
        printfn "%-24s %7d %7d %8d %8.1f" outcome.Project outcome.Passed outcome.Failed outcome.Skipped outcome.Seconds

    let skipped = sum _.Skipped
    let remark = if skipped = 0 then "" else $", %d{skipped} skipped"
    printfn $"\n%d{sum _.Passed} passed, %d{sum _.Failed} failed%s{remark}"
    if sum _.Failed = 0 then 0 else 1

/// What takes minutes, or wants more of the machine than .NET and npm.
let endToEndTests = [ "Bento.EndToEnd"; "Onnx.Conformance" ]

/// Every project of tests/ but those and what they are tried on, which is not named as tests are.
let unitTests () =
    Setup.files [ "tests" ] [ "*.fsproj"; "*.csproj" ]
    |> Seq.map Path.GetFileNameWithoutExtension
    |> Seq.filter (fun project -> project.EndsWith ".Tests" && not (List.contains project endToEndTests))
    |> Seq.sort
    |> List.ofSeq
