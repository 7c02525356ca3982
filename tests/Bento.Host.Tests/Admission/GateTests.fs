/// Admission over HTTP: places, the queue, and who is turned away.
module Bento.Hosting.Tests.GateTests

open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private narrow (places: int) (line: int) (holding: Holding) = service {
    traffic {
        concurrency places
        queue line
        timeout (minutes 5)
    }

    endpoint "brief" { timeout (milliseconds 300) }
    name "narrow"

    api "hold" (fun (who: string) -> task {
        do! holding.Stay who
        return who
    })

    api "brief" (fun (who: string) -> task {
        do! holding.Stay who
        return who
    })
}

let private hold client (who: string) = postJson client "/hold" $"\"{who}\""

[<Fact>]
let ``past concurrency and queue a request is refused with 429 and told when to come again`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (narrow 1 1 holding)
    use _ = client
    use _ = server
    let first = hold client "first"
    do! holding.Until "first"
    let second = hold client "second"
    do! waiting client 1.
    let! third = hold client "third"
    Assert.Contains("\"narrow\" has as many requests as it takes at once", problem 429 third)
    Assert.Equal("1", third.Headers["retry-after"])
    holding.Release "first"
    let! answer = first
    Assert.Equal("first", answer.Body)
    do! holding.Until "second"
    holding.Release "second"
    let! answer = second
    Assert.Equal("second", answer.Body)
    Assert.Equal<string list>([ "first"; "second" ], holding.Entered)
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_refused_total" [ "reason", "overload" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "status", "429" ] figures)
    do! inWork client 0.
    do! waiting client 0.
}

[<Fact>]
let ``those who wait are let in in the order in which they came`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (narrow 1 8 holding)
    use _ = client
    use _ = server
    let names = [ for number in 0..8 -> $"caller {number}" ]
    let asked = ResizeArray<Task<Answer>>()

    for position, who in List.indexed names do
        asked.Add(hold client who)

        if position = 0 then
            do! holding.Until who
        else
            do! waiting client (float position)

    for who in names do
        do! holding.Until who
        holding.Release who

    let! answers = Task.WhenAll asked
    Assert.Equal<string list>(names, [ for answer in answers -> answer.Body ])
    Assert.Equal<string list>(names, holding.Entered)
}

[<Fact>]
let ``one whose time is over while it waits is told so, never computed, and leaves room for another`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (narrow 1 1 holding)
    use _ = client
    use _ = server
    let first = hold client "first"
    do! holding.Until "first"
    let! late = postJson client "/brief" "\"late\""
    let detail = problem 504 late
    Assert.Contains("The deadline of 300 ms has passed", detail)
    Assert.Contains("queue", detail)
    let next = hold client "next"
    do! waiting client 1.
    holding.Release "first"
    holding.Release "next"
    let! _ = first
    let! answer = next
    Assert.Equal("next", answer.Body)
    Assert.Equal<string list>([ "first"; "next" ], holding.Entered)
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "deadline" ] figures)
}

[<Fact>]
let ``one who leaves the queue is never computed`` () : Task = task {
    let holding = Holding()
    let! server, client = App.serving (narrow 1 1 holding)
    use _ = client
    use _ = server
    let first = hold client "first"
    do! holding.Until "first"
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/hold" [ "Content-Length: 6" ] + "\"gone\"")
    do! waiting client 1.
    socket.Close()
    do! untilFigure client "bento_requests_total" [ "status", "499" ] 1.
    do! waiting client 0.
    holding.Release "first"
    let! _ = first
    holding.Release "next"
    let! answer = hold client "next"
    Assert.Equal("next", answer.Body)
    Assert.Equal<string list>([ "first"; "next" ], holding.Entered)
    let! figures = scrape client
    Assert.Equal(1., value "bento_requests_cancelled_total" [ "cause", "caller" ] figures)
}

[<Fact>]
let ``a caller that comes again at once finds its own place free`` () : Task = task {
    let single = service {
        traffic { concurrency 1 }
        name "single"
        api "add" (fun (number: int) -> number + 1)
        api "fail" (fun (_: int) -> (raise (BentoException(409, "no")): int))
    }

    let! server, client = App.serving single
    use _ = client
    use _ = server

    for number in 1..300 do
        let! answer = postJson client "/add" (string number)
        Assert.Equal(string (number + 1), answer.Body)
        let! refused = postJson client "/fail" "1"
        Assert.Equal(409, refused.Status)
        let! wrong = postJson client "/add" "\"one\""
        Assert.Equal(400, wrong.Status)
}

[<Fact>]
let ``under a crowd there are never more in work than may be, and everybody is answered`` () : Task = task {
    let crowd = Crowd()

    let crowded = service {
        traffic {
            concurrency 3
            queue 200
        }

        name "crowded"

        api "work" (fun (number: int) -> task {
            crowd.Enter()
            do! Task.Delay(number % 3)
            crowd.Leave()
            return number
        })
    }

    let! server, client = App.serving crowded
    use _ = client
    use _ = server

    let! answers =
        Task.WhenAll [ for number in 1..150 -> postJson client "/work" (string number) ]

    Assert.Equal<string list>([ for number in 1..150 -> string number ], [ for answer in answers -> answer.Body ])
    Assert.InRange(crowd.Most, 1, 3)
    do! inWork client 0.
    do! waiting client 0.
}

[<Fact>]
let ``callers that come and go at random leave every place free`` () : Task = task {
    let restless = service {
        traffic {
            concurrency 2
            queue 3
            timeout (milliseconds 40)
        }

        name "restless"
        threads 1

        api "wait" (fun (context: Context<unit>) (span: int) -> task {
            do! Task.Delay(span, context.Cancellation)
            return span
        })

        api "sleep" (fun (span: int) ->
            Thread.Sleep span
            span)
    }

    let! server, client = App.serving restless
    use _ = client
    use _ = server
    let random = System.Random 7

    let ask () : Task<unit> = task {
        use leaving = new CancellationTokenSource(random.Next(1, 120))
        let path = if random.Next 2 = 0 then "/wait" else "/sleep"

        try
            use content = new System.Net.Http.StringContent(string (random.Next 70))
            content.Headers.ContentType <- System.Net.Http.Headers.MediaTypeHeaderValue "application/json"
            let! answer = client.PostAsync(path, content, leaving.Token)
            Assert.Contains(int answer.StatusCode, [ 200; 429; 504 ])
        with :? System.OperationCanceledException ->
            ()
    }

    for _ in 1..40 do
        let! _ = Task.WhenAll [ for _ in 1..8 -> ask () ]
        ()

    do! inWork client 0.
    do! waiting client 0.
    let! answer = postJson client "/wait" "0"
    Assert.Equal("0", answer.Body)
}
