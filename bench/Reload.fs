/// `bench reload`: a script is saved over and over while callers ask its service: well, so that it does not compile, and so
/// that its `init` raises.
module Bento.Bench.Reload

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
open Bento.Bench.Client

let private command = "src/Bento.Cli/bin/Release/net10.0/bento.dll"

let private ask = post "/greet" "\"Ada\""
let private readiness = request "GET" "/readyz" "" ""

let private good (number: int) =
    $"open Bento\nlet greeter = service {{ api \"greet\" (fun (name: string) -> $\"%d{number} {{name}}\") }}\nServe.run greeter\n"

let private uncompiled = "open Bento\nlet port: int = \"3000\"\n"

let private raising =
    "open Bento\nlet greeter = service {\n    init (fun (_: Setup<unit>) -> (invalidOp \"no weights\": string))\n    api \"greet\" (fun (name: string) -> name)\n}\nServe.run greeter\n"

/// The command with its script. It ends when it is disposed, and the worker with it.
[<Sealed>]
type private Served(script: string) =
    let running =
        Process.Start(
            ProcessStartInfo(
                "/bin/sh",
                [
                    "-c"
                    $"exec dotnet '{command}' serve '{script}' --reload --port 0 2>/dev/null"
                ],
                RedirectStandardOutput = true
            )
        )
        |> nonNull

    let rec address () =
        match running.StandardOutput.ReadLine() with
        | null -> invalidOp $"The command ended; is it built? ({command})"
        | line ->
            let found = Regex.Match(line, @"http://127\.0\.0\.1:\d+")
            if found.Success then Uri found.Value else address ()

    let address = address ()
    do running.StandardOutput.ReadToEndAsync() |> ignore

    member _.Address = address

    interface IDisposable with
        member _.Dispose() =
            running.Kill true
            running.WaitForExit()
            running.Dispose()

let private call (address: Uri) (requests: int ref) (failed: int ref) (stop: CancellationToken) : Task<unit> = task {
    use caller = new Caller(address)

    while not stop.IsCancellationRequested do
        match! caller.Ask ask with
        | Answered(200, _) -> ()
        | _ -> Interlocked.Increment &failed.contents |> ignore

        Interlocked.Increment &requests.contents |> ignore
}

/// Asks until the answer is as it should be.
let private until (caller: Caller) (question: byte[]) (isReached: string -> bool) : Task<unit> =
    let rec again () : Task<unit> = task {
        match! caller.Ask question with
        | Answered(200, _) when isReached caller.Body -> ()
        | _ ->
            do! Task.Delay 1
            return! again ()
    }

    task { do! within (again ()) }

/// Every second save is broken, one way and the other; every fourth is by a rename.
let private save (script: string) (number: int) : Task<unit> = task {
    let text =
        match number % 4 with
        | 1 -> uncompiled
        | 3 -> raising
        | _ -> good number

    if number % 8 = 4 then
        do! File.WriteAllTextAsync(script + ".new", text)
        File.Move(script + ".new", script, true)
    else
        do! File.WriteAllTextAsync(script, text)
}

let private saves (script: string) (address: Uri) (time: TimeSpan) : Task<float list> = task {
    use caller = new Caller(address)
    let times = ResizeArray<float>()
    let clock = Stopwatch.StartNew()
    let mutable number = 1

    while clock.Elapsed < time do
        let began = Stopwatch.GetTimestamp()
        do! save script number

        match number % 4 with
        | 1 -> do! until caller readiness _.Contains("does not compile")
        | 3 -> do! until caller readiness _.Contains("no weights")
        | _ ->
            let text = $"%d{number} Ada"
            do! until caller ask (fun body -> body = text)
            times.Add (Stopwatch.GetElapsedTime began).TotalMilliseconds

        number <- number + 1

    return List.ofSeq times
}

let run (seconds: int) (callers: int) saved : Task<int> = task {
    let folder = Directory.CreateTempSubdirectory "bento-bench-reload-"

    try
        let script = Path.Combine(folder.FullName, "greeter.fsx")
        File.WriteAllText(script, good 0)
        use served = new Served(script)
        let requests, failed = ref 0, ref 0
        use stop = new CancellationTokenSource()

        let calling = [ for _ in 1..callers -> call served.Address requests failed stop.Token ]

        let! times = saves script served.Address (TimeSpan.FromSeconds(float seconds))
        stop.Cancel()
        let all = Task.WhenAll calling
        do! within all

        let json =
            JsonSerializer.Serialize {|
                requests = requests.Value
                failed = failed.Value
                reloads = times.Length
                medianReloadMilliseconds = Math.Round(Results.median times, 1)
            |}

        let table = [
            "| callers | seconds | requests | failed | reloads | save to new answer, ms (median, longest) |"
            "| ---: | ---: | ---: | ---: | ---: | ---: |"
            $"| %d{callers} | %d{seconds} | %d{requests.Value} | %d{failed.Value} | %d{times.Length} | %.0f{Results.median times}, %.0f{List.max times} |"
        ]

        Results.tell
            "reload"
            "A script is saved under callers, every second time broken: it does not compile, or its `init` raises. A request has failed where its answer is not 200."
            table
            json
            saved

        return if failed.Value = 0 then 0 else 1
    finally
        folder.Delete true
}
