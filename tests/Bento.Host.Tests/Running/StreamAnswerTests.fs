/// The time of a stream: to its first item, between two, and heartbeats in silence.
module Bento.Hosting.Tests.StreamAnswerTests

open System
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Wire

let private hurried (holding: Holding) (watch: Watch) = service {
    traffic {
        concurrency 1
        timeout (milliseconds 300)
        idle (milliseconds 300)
        heartbeat (milliseconds 40)
    }

    name "hurried"

    // It stops where it is told to, before which item that is, until it is cancelled.
    stream "heeding" (fun (stop: int) ->
        producer watch stop (fun count token ->
            ValueTask<int voption>(
                task {
                    if count = stop then
                        do! Task.Delay(Timeout.Infinite, token)

                    return ValueSome count
                }
            )))

    // It stops there whatever its token says.
    stream "deaf" (fun (stop: int) ->
        producer watch stop (fun count _ ->
            ValueTask<int voption>(
                task {
                    if count = stop then
                        do! holding.Stay "deaf"

                    return ValueSome count
                }
            )))

    // It is always in time, and takes longer than `timeout` and `idle` in all.
    stream "steady" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    do! Task.Delay(100, token)
                    return if count = 10 then ValueNone else ValueSome count
                }
            )))
}

[<Theory>]
[<InlineData("heeding", "text/event-stream")>]
[<InlineData("deaf", "text/event-stream")>]
[<InlineData("deaf", "application/x-ndjson")>]
let ``a first item that does not come in time is a 504, and the place is held until the producer ends``
    (endpoint: string, accept: string)
    : Task = task {
    let holding = Holding()
    let watch = Watch()
    let! server, client = App.serving (hurried holding watch)
    use _ = client
    use _ = server
    let! answer = read client accept ("/" + endpoint) "0"
    Assert.Contains("The deadline of 300 ms has passed", problem 504 answer)

    if endpoint = "deaf" then
        Assert.Empty watch.Stopped
        do! inWork client 1.
        holding.Release "deaf"

    do! watch.UntilStopped 1
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Theory>]
[<InlineData("heeding", "text/event-stream")>]
[<InlineData("heeding", "application/x-ndjson")>]
[<InlineData("heeding", "*/*")>]
[<InlineData("deaf", "text/event-stream")>]
[<InlineData("deaf", "application/x-ndjson")>]
let ``a stream that is silent for too long is told to be over and broken off, and its producer cancelled``
    (endpoint: string, accept: string)
    : Task = task {
    let holding = Holding()
    let watch = Watch()
    let! server, client = App.serving (hurried holding watch)
    use _ = client
    use _ = server
    use! response = openStream client accept ("/" + endpoint) "1"
    let! body, ended = readBroken response
    Assert.True(ended.IsSome, body)

    Assert.StartsWith(
        (if accept = "text/event-stream" then
             "data: 0\n\n"
         else
             "0\n"),
        body
    )

    Assert.Contains(
        "\"status\":504,\"detail\":\"The stream was silent, or its reader took nothing, for 300 ms.\"",
        body
    )

    if endpoint = "deaf" then
        Assert.Empty watch.Stopped
        do! inWork client 1.
        holding.Release "deaf"

    do! watch.UntilStopped 1
    Assert.Equal(1, watch.Cancelled)
    do! inWork client 0.
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "504" ] figures)
}

[<Fact>]
let ``a reader that takes nothing for too long is left, and its producer cancelled`` () : Task = task {
    let watch = Watch()
    let text = String('x', 8192)

    let endless = service {
        traffic { idle (milliseconds 500) }
        name "endless"
        stream "endless" (fun (number: int) -> ready watch number (fun _ -> text))
    }

    let! server, client = App.serving endless
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (request "/endless" 1 "text/event-stream")
    do! watch.UntilStopped 1
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "504" ] 1.
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "deadline" ] 1.
}

[<Fact>]
let ``a stream that is never silent for long goes on past every deadline, with a heartbeat in each silence`` () : Task =
    task {
        let! server, client = App.serving (hurried (Holding()) (Watch()))
        use _ = client
        use _ = server
        let! events = read client "text/event-stream" "/steady" "1"
        let wanted = String.concat "" [ for index in 0..9 -> $"data: {index}\n\n" ]

        Assert.Equal(
            wanted + "event: end\ndata:\n\n",
            events.Body.Replace("\n\n:\n\n", "\n\n").Replace("\n\n:\n\n", "\n\n")
        )

        Assert.Contains("data: 0\n\n:\n\n", events.Body)
        Assert.False(events.Body.StartsWith ':')
        let! lines = read client "application/x-ndjson" "/steady" "2"
        Assert.Equal(String.concat "" [ for index in 0..9 -> $"{index}\n" ], lines.Body)
    }
