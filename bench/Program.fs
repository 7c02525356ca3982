module Bento.Bench.Program

open System
open System.Threading.Tasks
open Bento.Bench

/// A benchmark: its options are whole numbers, each with what it is when nothing is said, and `--save`.
type private Benchmark = {
    Name: string
    Does: string
    Options: (string * int) list
    Run: Map<string, int> -> bool -> Task<int>
}

let private benchmarks = [
    {
        Name = "http"
        Does = "an echo beside a bare Kestrel endpoint"
        Options = [ "rounds", 8; "requests", 20_000 ]
        Run = fun given -> Http.run given["rounds"] given["requests"]
    }
    {
        Name = "stream"
        Does = "items flushed one by one beside a bare Kestrel endpoint"
        Options = [ "rounds", 8; "streams", 2_000; "items", 50 ]
        Run = fun given -> Stream.run given["rounds"] given["streams"] given["items"]
    }
    {
        Name = "soak"
        Does = "memory, places and files after millions of requests, good and bad"
        Options = [ "requests", 2_000_000; "warm-up", 100_000 ]
        Run = fun given -> Soak.run given["requests"] given["warm-up"]
    }
    {
        Name = "start"
        Does = "the first answer of scripts, by fsi beside Kestrel in a script, by bento serve beside an assembly"
        Options = [ "rounds", 11 ]
        Run = fun given -> Start.run given["rounds"]
    }
    {
        Name = "drain"
        Does = "requests lost when a server under load is told to end"
        Options = [ "rounds", 50; "callers", 200 ]
        Run = fun given -> Drain.run given["rounds"] given["callers"]
    }
    {
        Name = "reload"
        Does = "requests lost while a script is saved over and over, good and broken"
        Options = [ "seconds", 60; "callers", 100 ]
        Run = fun given -> Reload.run given["seconds"] given["callers"]
    }
    {
        Name = "health"
        Does = "how soon probes are answered while every thread is blocked"
        Options = [ "probes", 3_000; "callers", 64 ]
        Run = fun given -> Health.run given["probes"] given["callers"]
    }
    {
        Name = "onnx"
        Does = "the binding's call beside that of ONNX Runtime itself"
        Options = [ "rounds", 40; "calls", 5_000 ]
        Run = fun given saved -> Task.FromResult(Onnx.run given["rounds"] given["calls"] saved)
    }
    {
        Name = "batching"
        Does = "models with and without batches, beside what the machine could do at best"
        Options = [ "rounds", 5; "requests", 24_000 ]
        Run = fun given -> Batching.run given["rounds"] given["requests"]
    }
    {
        Name = "poison"
        Does = "who fails when one row of a hundred makes its batch raise"
        Options = [ "items", 1_000_000; "callers", 256 ]
        Run = fun given -> Poison.run given["items"] given["callers"]
    }
    {
        Name = "wire"
        Does = "a tensor of a picture, as JSON and as its bytes"
        Options = [ "rounds", 9; "requests", 40 ]
        Run = fun given -> Wire.run given["rounds"] given["requests"]
    }
]

let private help () =
    printfn "dotnet fsi build.fsx bench NAME [-- OPTIONS] [--save]\n"

    for benchmark in benchmarks do
        let options =
            benchmark.Options
            |> List.map (fun (name, usual) -> $"--%s{name} N (%d{usual})")
            |> String.concat ", "

        printfn $"  %-8s{benchmark.Name}%s{benchmark.Does}: %s{options}"

    printfn "\n--save writes bench/results/NAME.md as well."

let rec private read (benchmark: Benchmark) (given: Map<string, int>) saved arguments =
    match arguments with
    | [] -> Ok(given, saved)
    | "--save" :: rest -> read benchmark given true rest
    | name :: rest when given |> Map.exists (fun known _ -> name = "--" + known) ->
        match rest |> List.tryHead |> Option.map Int32.TryParse with
        | Some(true, number) when number > 0 -> read benchmark (given.Add(name.Substring 2, number)) saved rest.Tail
        | _ -> Error $"`%s{name}` takes a whole number above zero."
    | other :: _ -> Error $"`%s{benchmark.Name}` has no option `%s{other}`."

let private misused (message: string) =
    eprintfn $"%s{message}\n"
    help ()
    2

[<EntryPoint>]
let main arguments =
    match List.ofArray arguments with
    | [ "serve"; role ] -> (Server.run role).Result
    | [] ->
        help ()
        0
    | name :: options ->
        match benchmarks |> List.tryFind (fun benchmark -> benchmark.Name = name) with
        | None -> misused $"There is no benchmark `%s{name}`."
        | Some benchmark ->
            match read benchmark (Map.ofList benchmark.Options) false options with
            | Error message -> misused message
            | Ok(given, saved) -> (benchmark.Run given saved).Result
