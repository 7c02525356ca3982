/// Synchronous handlers: how many run at once, and what still answers while they block every thread they have.
module Bento.Hosting.Tests.ThreadsTests

open System
open System.Diagnostics
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private blocking (count: int) (holding: Holding) = service {
    traffic { timeout (minutes 5) }
    name "blocking"
    threads count

    api "block" (fun (who: string) ->
        holding.Block who
        who)

    api "async" (fun (who: string) -> task {
        do! Task.Yield()
        return who
    })
}

let private block client (who: string) = postJson client "/block" $"\"{who}\""

[<Fact>]
let ``as many synchronous handlers run at once as there are threads, and the next is admitted and waits`` () : Task =
    task {
        let holding = Holding()
        let! server, client = App.serving (blocking 2 holding)
        use _ = client
        use _ = server
        let first, second = block client "first", block client "second"
        do! holding.Until "first"
        do! holding.Until "second"
        let third = block client "third"
        do! inWork client 3.
        let! asynchronous = postJson client "/async" "\"no thread is mine\""
        Assert.Equal("no thread is mine", asynchronous.Body)
        Assert.Equal(2, holding.Entered.Length)
        holding.Release "first"
        do! holding.Until "third"
        holding.Release "second"
        holding.Release "third"
        let! answers = Task.WhenAll [ first; second; third ]
        Assert.Equal<string list>([ "first"; "second"; "third" ], [ for answer in answers -> answer.Body ])
    }

[<Theory>]
[<InlineData("1500m", 2)>]
[<InlineData("500m", 1)>]
[<InlineData("3", 3)>]
let ``without a word on threads there is one a core, rounded up`` (cores: string, wanted: int) : Task = task {
    let holding = Holding()

    let sized = service {
        resources { cpu cores }
        traffic { timeout (minutes 5) }
        name "sized"

        api "block" (fun (who: string) ->
            holding.Block who
            who)
    }

    let! server, client = App.serving sized
    use _ = client
    use _ = server
    let names = [ for number in 0..wanted -> $"caller {number}" ]
    let asked = ResizeArray<Task<Answer>>()

    for position, who in List.indexed names do
        asked.Add(block client who)

        if position < wanted then
            do! holding.Until who

    do! inWork client (float wanted + 1.)
    Assert.Equal(wanted, holding.Entered.Length)
    List.iter holding.Release names
    let! _ = Task.WhenAll asked
    ()
}

[<Fact>]
let ``while every thread is blocked, probes and figures are answered, and so is everything that needs no thread``
    ()
    : Task = task {
    let holding = Holding()
    let! server, client = App.serving (blocking 24 holding)
    use _ = client
    use _ = server
    let names = [ for number in 1..40 -> $"caller {number}" ]
    let asked = names |> List.map (block client)
    do! eventually "24 blocked threads" (fun () -> Task.FromResult(holding.Entered.Length = 24))
    do! inWork client 40.
    let took = ResizeArray<float>()

    for _ in 1..20 do
        for path in [ "/livez"; "/readyz"; "/metrics" ] do
            let clock = Stopwatch.StartNew()
            let! answer = get client path
            took.Add clock.Elapsed.TotalMilliseconds
            Assert.Equal(200, answer.Status)

    let! answer = postJson client "/async" "\"in between\""
    Assert.Equal("in between", answer.Body)
    // Nobody was let go meanwhile: the answers did not wait for a thread to come free.
    Assert.Equal(24, holding.Entered.Length)
    took.Sort()

    TestContext.Current.TestOutputHelper
    |> Option.ofObj
    |> Option.iter (fun output ->
        output.WriteLine
            $"p50 %.1f{took[took.Count / 2]} ms, the slowest of {took.Count} %.1f{took[took.Count - 1]} ms")

    List.iter holding.Release names
    let! answers = Task.WhenAll asked
    Assert.All(answers, fun answer -> Assert.Equal(200, answer.Status))
}
