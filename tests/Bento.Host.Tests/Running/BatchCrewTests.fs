/// Which worker's thread a batch gets.
module Bento.Hosting.Tests.BatchCrewTests

open System.Collections.Concurrent
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.BatcherTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

/// Two workers with a thread each, and a handler that keeps one until it is let go.
let private crew (holding: Holding) = service {
    endpoint "place" { timeout (seconds 50) }
    name "crew"
    workers 2
    threads 1
    init (fun (setup: Setup<unit>) -> setup.Worker.Index)

    api "hold" (fun (context: Context<int>) (who: string) ->
        holding.Block who
        context.State)

    api "place" (batched (fun (batch: BatchContext<int>) (rows: int[]) -> rows |> Array.map (fun _ -> batch.State)))
}

[<Fact>]
let ``a batch runs on a worker that is idle while another is busy`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (crew holding)
    use _ = server
    use client = client
    let held = postJson client "/hold" "\"it\""
    do! holding.Until "it"

    for _ in 1..4 do
        let! answer = ask client "place" 1
        Assert.Equal("1", answer.Body)

    holding.Release "it"
    let! answer = held
    Assert.Equal("0", answer.Body)
}

[<Theory>]
[<InlineData("first", "second", "0")>]
[<InlineData("second", "first", "1")>]
let ``a batch that finds all workers busy runs on the first that is not``
    (freed: string, busy: string, place: string)
    : Task = task {
    let holding = Holding()
    let! server, client = App.serving (crew holding)
    use _ = server
    use client = client
    let first = postJson client "/hold" "\"first\""
    do! holding.Until "first"
    let second = postJson client "/hold" "\"second\""
    do! holding.Until "second"
    let waiting = ask client "place" 1
    do! inWork client 3.
    holding.Release freed
    let! answer = waiting
    Assert.Equal(place, answer.Body)
    // The other worker's thread is nobody's when it comes free.
    holding.Release busy
    let! _ = Task.WhenAll(first, second)

    for who in [ "third"; "fourth" ] do
        holding.Release who
        let! again = postJson client "/hold" $"\"{who}\""
        Assert.Equal(200, again.Status)

    let! later = ask client "place" 1
    Assert.Equal(200, later.Status)
}

[<Fact>]
let ``a batch that no worker takes runs on the first that takes one again and has a thread`` () : Task = task {
    let holding = Holding()
    let places = ConcurrentDictionary<string, int>()

    let it = service {
        endpoint "place" {
            inFlight 1
            timeout (seconds 50)
        }

        name "it"
        workers 2
        threads 4
        init (fun (setup: Setup<unit>) -> setup.Worker.Index)

        api "hold" (fun (context: Context<int>) (who: string) ->
            places[who] <- context.State
            holding.Block who
            who)

        api
            "place"
            (batched (fun (batch: BatchContext<int>) (rows: int[]) ->
                if Array.contains 0 rows then
                    places["batch"] <- batch.State
                    holding.Block "batch"

                rows |> Array.map (fun _ -> batch.State)))
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let first = ask client "place" 0
    do! holding.Until "batch"
    let names = [ for name in 'a' .. 'h' -> string name ]
    let held = [ for name in names -> postJson client "/hold" $"\"{name}\"" ]
    // Eight threads, of which the batch has one.
    do! eventually "a full house" (fun () -> Task.FromResult(holding.Entered.Length = 8))
    let waiting = ask client "place" 1
    do! inWork client 10.
    holding.Release "batch"
    let! answer = first
    Assert.Equal(string places["batch"], answer.Body)
    do! eventually "the last of them" (fun () -> Task.FromResult(holding.Entered.Length = 9))

    let beside = names |> List.find (fun name -> places[name] = places["batch"])

    holding.Release beside
    let! answer = waiting
    Assert.Equal(string places["batch"], answer.Body)
    List.iter holding.Release names
    let! _ = Task.WhenAll held
    let! later = Task.WhenAll [ for row in 1..8 -> ask client "place" row ]
    Assert.All(later, fun answer -> Assert.Equal(200, answer.Status))
}
