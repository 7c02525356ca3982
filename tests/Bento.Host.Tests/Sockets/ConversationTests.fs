/// Sockets from their first message to their close, over connections.
module Bento.Hosting.Tests.ConversationTests

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Net.WebSockets
open System.Numerics.Tensors
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Hosting.Server
open Microsoft.AspNetCore.TestHost
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Talking
open Bento.Hosting.Tests.Wire

type Say = { Text: string; Times: int }

/// What handlers do, step by step.
let private notes = ConcurrentDictionary<string, ConcurrentQueue<string>>()

let private noted name =
    notes.GetOrAdd(name, (fun _ -> ConcurrentQueue()))

let private untilNoted name (what: string) =
    eventually $"\"{what}\" of {name}" (fun () -> Task.FromResult(Seq.contains what (noted name)))

let private repeating (says: IAsyncEnumerable<Say>) : IAsyncEnumerable<string> =
    Items.produce (fun emit cancellation -> task {
        do!
            says
            |> Items.iterate cancellation (fun say -> task {
                for number in 1 .. say.Times do
                    do! emit $"{say.Text} {number}"
            })

        do! emit "that was all"
    })

/// Notes how it ends, under a name that the caller gives as the query.
let private watched (context: Context<unit>) (numbers: IAsyncEnumerable<int>) : IAsyncEnumerable<int> =
    let note (step: string) =
        (noted (string (context.Request.Query.Find "name"))).Enqueue step

    Items.produce (fun emit cancellation -> task {
        note "begun"

        try
            do! numbers |> Items.iterate CancellationToken.None (fun number -> emit number)
            note "end of messages"
            do! Task.Delay(Timeout.Infinite, cancellation)
        with :? OperationCanceledException ->
            note "cancelled"
    })

let private raising (numbers: IAsyncEnumerable<int>) : IAsyncEnumerable<int> =
    Items.produce (fun _ cancellation -> task {
        do!
            numbers
            |> Items.iterate cancellation (fun number ->
                if number = 0 then
                    raise (BentoException(400, "Zero is not for me."))
                else
                    invalidOp $"secret {number}")
    })

let private talking = service {
    endpoint "small" { bodyLimit "1KiB" }
    endpoint "echo" { timeout (milliseconds 100) }
    name "talking"
    socket "repeating" repeating
    socket "watched" watched
    socket "raising" raising
    socket "small" (fun (texts: IAsyncEnumerable<string>) -> texts)
    socket "echo" (fun (texts: IAsyncEnumerable<string>) -> texts)
    socket "tensors" (fun (tensors: IAsyncEnumerable<Tensor<int>>) -> tensors)
    socket "bytes" (fun (bytes: IAsyncEnumerable<byte[]>) -> bytes)
}

let private served (ask: Server -> Net.Http.HttpClient -> Task<unit>) : Task = task {
    let! server, client = App.serving talking
    use _ = server
    do! ask server client
}

let private closing (socket: WebSocket) =
    within (socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", cancellation ()))

[<Fact>]
let ``messages are answered with messages, in order and at their types`` () =
    served (fun server _ -> task {
        use! socket = talk server "/repeating"
        do! say socket """{"text": "yes", "times": 2}"""
        do! say socket """{"text": "no", "times": 1}"""
        let! first = hear socket
        let! second = hear socket
        let! third = hear socket
        Assert.Equal<Said list>([ Text "\"yes 1\""; Text "\"yes 2\""; Text "\"no 1\"" ], [ first; second; third ])
        do! closing socket
        Assert.Equal(Nullable WebSocketCloseStatus.NormalClosure, socket.CloseStatus)
    })

[<Fact>]
let ``a caller that closes ends the messages and the handler, and frees its place`` () =
    served (fun server client -> task {
        use! socket = talk server "/watched?name=closes"
        do! say socket "1"
        let! said = hear socket
        Assert.Equal(Text "1", said)
        do! closing socket
        do! untilNoted "closes" "cancelled"
        Assert.Equal<string seq>([ "begun"; "end of messages"; "cancelled" ], noted "closes")
        do! inWork client 0.
        do! untilFigure client "bento_requests_cancelled_total" [ "endpoint", "/watched"; "cause", "caller" ] 0.
    })

[<Fact>]
let ``a caller that vanishes ends the handler, and is counted as gone`` () =
    served (fun server client -> task {
        let! socket = RawSocket.Open server "/watched?name=vanishes"
        do! untilNoted "vanishes" "begun"
        socket.Vanish()
        do! untilNoted "vanishes" "cancelled"
        do! inWork client 0.
        do! untilFigure client "bento_requests_cancelled_total" [ "endpoint", "/watched"; "cause", "caller" ] 1.
    })

[<Fact>]
let ``a handler that raises closes with 1011, and only what is meant for the caller is told`` () =
    served (fun server client -> task {
        use! intended = talk server "/raising"
        do! say intended "0"
        let! said = hear intended
        Assert.Equal(Closed(1011, "Zero is not for me."), said)
        use! failing = talkWith [ "X-Request-ID", "mine" ] server "/raising"
        do! say failing "7"
        let! said = hear failing
        Assert.Equal(Closed(1011, "The handler failed; the log has it under mine."), said)
        do! closing intended
        do! closing failing
        do! untilFigure client "bento_requests_total" [ "endpoint", "/raising"; "status", "400" ] 1.
        do! untilFigure client "bento_requests_total" [ "endpoint", "/raising"; "status", "500" ] 1.
    })

[<Fact>]
let ``what a handler raises is in the log`` () : Task = task {
    use! app = App.hosting [ talking ]
    use! socket = talkWithin app "/raising"
    do! say socket "7"
    let! said = hear socket
    Assert.True(said.IsClosed)

    let cause =
        app.Lines
        |> List.pick (fun line ->
            match line.Cause with
            | :? InvalidOperationException as cause -> Some cause.Message
            | _ -> None)

    Assert.Equal("secret 7", cause)
}

[<Theory>]
[<InlineData("""{"text": "yes"}""", "times")>]
[<InlineData("""{"text": 1, "times": "2"}""", "(1 more)")>]
[<InlineData("""{"text": """, "JSON")>]
[<InlineData("", "empty")>]
let ``a message that cannot be read closes with 1007, and says why`` (message: string, reason: string) =
    served (fun server client -> task {
        use! socket = talk server "/repeating"
        do! say socket message

        match! hearAll socket with
        | [ Closed(1007, said) ] ->
            Assert.Contains(reason, said)
            do! inWork client 0.
        | said -> Assert.Fail $"%A{said}"
    })

[<Fact>]
let ``messages before the one that cannot be read were answered`` () =
    served (fun server _ -> task {
        use! socket = talk server "/echo"
        do! say socket "\"one\""
        let! said = hear socket
        Assert.Equal(Text "\"one\"", said)
        do! sayBytes socket "\"two\""B
        let! said = hear socket
        Assert.Equal(Closed(1007, "A binary message; \"echo\" takes text as JSON text."), said)
    })

[<Fact>]
let ``a message as large as may be is taken, and a larger one closes with 1009`` () =
    served (fun server client -> task {
        use! socket = talk server "/small"
        let largest = "\"" + String('x', 1022) + "\""
        do! say socket largest
        let! said = hear socket
        Assert.Equal(Text largest, said)
        do! say socket (largest + " ")
        let! said = hear socket
        Assert.Equal(Closed(1009, "A message is larger than 1KiB, the most that is taken."), said)
        do! inWork client 0.
    })

[<Fact>]
let ``the timeout of a request is not one of what is said after the upgrade`` () =
    served (fun server _ -> task {
        use! socket = talk server "/echo"
        do! Task.Delay 500
        do! say socket "\"still here\""
        let! said = hear socket
        Assert.Equal(Text "\"still here\"", said)
    })

[<Fact>]
let ``tensors come as they went, as text or as files of numpy's, and bytes as bytes`` () =
    served (fun server _ -> task {
        use! socket = talk server "/tensors"
        do! say socket "[[1, 2], [3, 4]]"
        let! said = hear socket
        Assert.Equal(Text "[[1,2],[3,4]]", said)

        let file =
            Array.append (Npy.head ElementType.Int32 [| 2 |]) [| 1uy; 0uy; 0uy; 0uy; 2uy; 0uy; 0uy; 0uy |]

        do! sayBytes socket file
        let! said = hear socket
        Assert.Equal(Binary file, said)
        use! socket = talk server "/bytes"
        do! sayBytes socket [| 1uy; 2uy; 255uy |]
        let! said = hear socket
        Assert.Equal(Binary [| 1uy; 2uy; 255uy |], said)
    })

// -- time and pressure -------------------------------------------------------------------------------

let private idling = service {
    traffic { idle (milliseconds 300) }
    name "idling"
    socket "watched" watched
}

[<Fact>]
let ``without a message for too long it closes with 1008, and the handler ends`` () : Task = task {
    let! server, client = App.serving idling
    use _ = server
    use! socket = talk server "/watched?name=idle"
    let! said = hear socket
    Assert.Equal(Closed(1008, "No message came or went for 300 ms."), said)
    do! untilNoted "idle" "cancelled"
    do! inWork client 0.
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "deadline" ] 1.
}

/// Counts what is made of a million items of 10 kB.
let private counting (made: int ref) = service {
    traffic { idle (seconds 5) }
    name "counting"

    socket "flood" (fun (_: IAsyncEnumerable<int>) ->
        Items.produce (fun emit _ -> task {
            for _ in 1..1_000_000 do
                do! emit (String('x', 10_000))
                Interlocked.Increment made |> ignore
        }))

    socket "deaf" (fun (_: IAsyncEnumerable<string>) ->
        Items.produce (fun (_: string -> Task) cancellation -> Task.Delay(Timeout.Infinite, cancellation)))
}

/// Waits until a number stays as it is.
let private untilStill (read: unit -> int) : Task<int> = task {
    let mutable before = -1

    do!
        eventually "stillness" (fun () -> task {
            let now = read ()
            let isStill = now = before && now > 0
            before <- now

            if not isStill then
                do! Task.Delay 1_000

            return isStill
        })

    return before
}

[<Fact>]
let ``a caller that does not read holds the handler up, and one that reads on lets it go on`` () : Task = task {
    let made = ref 0
    let! server, client = App.serving (counting made)
    use _ = server
    use! socket = talk server "/flood"
    let! still = untilStill (fun () -> Volatile.Read &made.contents)
    Assert.InRange(still, 1, 10_000)

    for _ in 1 .. still + 100 do
        let! _ = hear socket
        ()

    Assert.True(Volatile.Read &made.contents > still, $"{made.Value} after {still}")
    socket.Abort()
    do! inWork client 0.
}

[<Fact>]
let ``a handler that does not read holds the caller up`` () : Task = task {
    let! server, client = App.serving (counting (ref 0))
    use _ = server
    use! socket = talk server "/deaf"
    let message = Text.Encoding.UTF8.GetBytes("\"" + String('x', 1_000_000) + "\"")
    let mutable sent = 0
    let mutable isHeldUp = false

    while not isHeldUp do
        Assert.InRange(sent, 0, 100)

        let sending =
            socket.SendAsync(ArraySegment message, WebSocketMessageType.Text, true, cancellation ())

        let! first = Task.WhenAny(sending, Task.Delay 3_000)
        isHeldUp <- not (obj.ReferenceEquals(first, sending))
        sent <- sent + 1

    socket.Abort()
    do! inWork client 0.
}

// -- the end of the service --------------------------------------------------------------------------

[<Fact>]
let ``when the service stops, a handler says its last words and the socket closes with 1012`` () : Task = task {
    let! server, _ = App.serving talking
    use _ = server
    use! socket = talk server "/repeating"
    do! say socket """{"text": "yes", "times": 1}"""
    let! first = hear socket
    Assert.Equal(Text "\"yes 1\"", first)
    let stopping = server.Stop CancellationToken.None
    let! rest = hearAll socket
    Assert.Equal<Said list>([ Text "\"that was all\""; Closed(1012, "The service stops; connect again.") ], rest)
    do! within stopping
    Assert.Equal(0, server.Cancelled)
}

[<Fact>]
let ``a handler that goes on without messages is cancelled when the service stops`` () : Task = task {
    let! server, _ = App.serving talking
    use _ = server
    use! socket = talk server "/watched?name=stops"
    do! untilNoted "stops" "begun"
    let stopping = server.Stop CancellationToken.None
    let! said = hear socket
    Assert.Equal(Closed(1012, "The service stops; connect again."), said)
    do! within stopping
    Assert.Equal<string seq>([ "begun"; "end of messages"; "cancelled" ], noted "stops")
    Assert.Equal(0, server.Cancelled)
}

[<Fact>]
let ``a place is held until the handler has ended, whatever the socket does`` () : Task = task {
    let holding = Holding()

    let staying = service {
        name "staying"

        socket "stay" (fun (_: IAsyncEnumerable<int>) ->
            Items.produce (fun (_: int -> Task) _ -> holding.Stay "inside"))
    }

    let! server, client = App.serving staying
    use _ = server
    use! socket = talk server "/stay"
    do! holding.Until "inside"
    do! closing socket
    do! inWork client 1.
    holding.Release "inside"
    do! inWork client 0.
}

[<Fact>]
let ``work for after the end is done`` () : Task = task {
    let finished =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let leaving = service {
        name "leaving"

        socket "leave" (fun (context: Context<unit>) (numbers: IAsyncEnumerable<int>) ->
            context.Response.After(fun () ->
                finished.TrySetResult() |> ignore
                Task.CompletedTask)

            numbers)
    }

    let! server, _ = App.serving leaving
    use _ = server
    use! socket = talk server "/leave"
    do! closing socket
    do! within finished.Task
}
