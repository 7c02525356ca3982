/// Readers that leave and readers that are slow: what becomes of their producers.
module Bento.Hosting.Tests.StreamReadersTests

open System
open System.Collections.Concurrent
open System.Net
open System.Net.Sockets
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Producing
open Bento.Hosting.Tests.Wire

// -- readers that leave ------------------------------------------------------------------------------------

/// Producers of every kind: one that waits, one that never has to, and one that keeps its thread between two items.
let private watched (watch: Watch) = service {
    traffic { concurrency 1000 }
    name "watched"

    stream "waiting" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    do! Task.Delay(Random.Shared.Next 20, token)
                    return ValueSome count
                }
            )))

    stream "stuck" (fun (number: int) ->
        producer watch number (fun count token ->
            ValueTask<int voption>(
                task {
                    if count > 0 then
                        do! Task.Delay(Timeout.Infinite, token)

                    return ValueSome count
                }
            )))

    stream "flooding" (fun (number: int) -> ready watch number id)

    stream "spinning" (fun (number: int) ->
        producer watch number (fun count token ->
            while count > 0 && not token.IsCancellationRequested do
                Thread.Sleep 1

            ValueTask<int voption>(ValueSome count)))

    stream "context" (fun (context: Context<unit>) (number: int) ->
        producer watch number (fun count _ ->
            ValueTask<int voption>(
                task {
                    if count > 0 then
                        do! Task.Delay(Timeout.Infinite, context.Cancellation)

                    return ValueSome count
                }
            )))
}

[<Theory>]
[<InlineData "waiting">]
[<InlineData "stuck">]
[<InlineData "flooding">]
[<InlineData "spinning">]
[<InlineData "context">]
let ``a reader that leaves stops its producer, wherever that is`` (endpoint: string) : Task = task {
    let watch = Watch()
    let! server, client = App.serving (watched watch)
    use _ = client
    use _ = server

    for number, reset in [ 1, true; 2, false ] do
        use! socket = connect server.Address
        do! sendText socket (request ("/" + endpoint) number "text/event-stream")
        let! count = socket.ReceiveAsync(Memory(Array.zeroCreate 256), cancellation ())
        Assert.True(count > 0)

        if reset then
            socket.LingerState <- LingerOption(true, 0)

        socket.Dispose()
        do! watch.UntilStopped number

    Assert.Equal(2, watch.Cancelled)
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "499" ] 2.
    do! untilFigure client "bento_requests_cancelled_total" [ "cause", "caller" ] 2.
}

[<Fact>]
let ``a thousand readers that leave at random points stop a thousand producers, each within a second, and no place is lost``
    ()
    : Task = task {
    // From the reader's close to the end of its producer's disposal. The readers are in this process too, in waves, and
    // what either side waits for a processor is no time of the server's.
    use clock = new RunningClock()
    let watch = Watch(fun () -> clock.Now)
    let! server, client = App.serving (watched watch)
    use _ = client
    use _ = server
    let left = ConcurrentDictionary<int, TimeSpan>()
    let random = Random 7

    let read (number: int) endpoint (bytes: int) reset : Task<unit> = task {
        use! socket = connect server.Address
        do! sendText socket (request endpoint number "text/event-stream")
        let buffer = Array.zeroCreate 1024
        let mutable got = 0
        let mutable count = 1

        while got < bytes && count > 0 do
            let! read = socket.ReceiveAsync(Memory buffer, cancellation ())
            count <- read
            got <- got + read

        if reset then
            socket.LingerState <- LingerOption(true, 0)

        left[number] <- clock.Now
        socket.Dispose()
    }

    for wave in 0..19 do
        let readers: Task list = [
            for number in wave * 50 + 1 .. wave * 50 + 50 ->
                // The one is silent after its first item, the other never is.
                if random.Next 3 = 0 then
                    read number "/stuck" (1 + random.Next 100) (random.Next 2 = 0)
                else
                    read number "/waiting" (1 + random.Next 500) (random.Next 2 = 0)
        ]

        do! Task.WhenAll readers
        do! watch.UntilStopped((wave + 1) * 50)

    Assert.Equal(1000, watch.Cancelled)

    let taken = [|
        for KeyValue(number, left) in left -> (watch.Stopped[number] - left).TotalMilliseconds
    |]

    Array.sortInPlace taken

    let told =
        $"half ended within {taken[500]} ms, all but ten within {taken[989]} ms, the last within {taken[999]} ms"

    TestContext.Current.TestOutputHelper
    |> Option.ofObj
    |> Option.iter _.WriteLine(told)

    Assert.Equal(1000, taken.Length)
    Assert.True(taken[999] <= 1000., told)
    do! inWork client 0.
    do! untilFigure client "bento_requests_total" [ "status", "499" ] 1000.
}

[<Fact>]
let ``over HTTP/2 a reader that gives up its stream stops the producer`` () : Task = task {
    let watch = Watch()
    let! app, client = overHttp2 (watched watch)
    use _ = client
    use _ = app
    let! response = openWith client HttpVersion.Version20 "" "/stuck" "1"
    response.Dispose()
    do! watch.UntilStopped 1
    Assert.Equal(1, watch.Cancelled)
    do! inWork client 0.
}

// -- readers that are slow ---------------------------------------------------------------------------------

[<Fact>]
let ``a slow reader slows a producer that could make a million items, and memory stays flat`` () : Task = task {
    let size = 8192
    let watch = Watch()
    let text = String('x', size)

    let endless = service {
        name "endless"
        stream "endless" (fun (number: int) -> ready watch number (fun _ -> text))
    }

    let! server, client = App.serving endless
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (request "/endless" 1 "text/plain")
    let buffer = Array.zeroCreate size

    // What the system holds between the two sides is not ours to choose, and grows to a few megabytes.
    let mostHeld = 32 <<< 20

    /// Waits until nothing more is made.
    let settled () : Task<int64> = task {
        let mutable before = -1L

        while before <> watch.Items do
            before <- watch.Items
            do! Task.Delay 200

        return before
    }

    let! held = settled ()
    Assert.InRange(held * int64 size, 1L, int64 mostHeld)
    let memory = GC.GetTotalMemory true
    let mutable taken = 0

    for _ in 1..50 do
        let! count = socket.ReceiveAsync(Memory buffer, cancellation ())
        taken <- taken + count
        do! Task.Delay 5

    let! afterwards = settled ()
    Assert.InRange(afterwards * int64 size, held * int64 size, int64 (taken + mostHeld))
    Assert.InRange(GC.GetTotalMemory true - memory, Int64.MinValue, 4L <<< 20)
    socket.Dispose()
    do! watch.UntilStopped 1
    do! inWork client 0.
}
