/// Handlers that stay inside until they are let go, and what can be seen of them from outside.
module Bento.Hosting.Tests.Holding

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Bento.Hosting.Tests.ExpositionTests

/// Longer than anything here takes, however busy the machine is.
let patience = TimeSpan.FromSeconds 60.

/// Waits for something that comes by itself.
let eventually (what: string) (holds: unit -> Task<bool>) : Task<unit> = task {
    let giveUp = DateTime.UtcNow + patience
    let! first = holds ()
    let mutable isSo = first

    while not isSo do
        if DateTime.UtcNow > giveUp then
            failwith $"{what} did not come."

        do! Task.Delay 5
        let! next = holds ()
        isSo <- next
}

/// Where handlers wait, each under a name that the test gives it.
[<Sealed>]
type Holding() =
    let entered = ConcurrentQueue<string>()
    let doors = ConcurrentDictionary<string, TaskCompletionSource>()

    let door name =
        doors.GetOrAdd(name, (fun _ -> TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously))

    /// Those who came in, in that order.
    member _.Entered = List.ofSeq entered

    /// For a handler: tells that it is in, and waits whatever becomes of its request.
    member _.Stay(name: string) : Task =
        entered.Enqueue name
        (door name).Task.WaitAsync patience

    /// The same, on the thread of the caller.
    member this.Block(name: string) = this.Stay(name).Wait()

    member _.Release(name: string) = (door name).TrySetResult() |> ignore

    member this.Until(name: string) : Task<unit> =
        eventually $"\"{name}\"" (fun () -> Task.FromResult(List.contains name this.Entered))

/// Waits until a figure of `/metrics` is what it should be.
let untilFigure (client: HttpClient) name labels wanted : Task<unit> =
    eventually $"{name} = {wanted}" (fun () -> task {
        let! figures = scrape client
        return value name labels figures = wanted
    })

let inWork client =
    untilFigure client "bento_requests_in_progress" []

let waiting client =
    untilFigure client "bento_requests_waiting" []

/// The time that this process gets to run: it goes on with the pool's own work, and stands where that has to wait for a
/// processor, so that what else a machine does is not counted.
[<Sealed>]
type RunningClock() =
    let stop = new CancellationTokenSource()
    let longest = TimeSpan.FromMilliseconds 50.
    let mutable ticks = 0L

    do
        task {
            let mutable before = Stopwatch.GetTimestamp()

            while not stop.IsCancellationRequested do
                do! Task.Delay 10
                let now = Stopwatch.GetTimestamp()
                let passed = Stopwatch.GetElapsedTime(before, now)
                Interlocked.Add(&ticks, (min passed longest).Ticks) |> ignore
                before <- now
        }
        |> ignore

    member _.Now = TimeSpan(Volatile.Read &ticks)

    interface IDisposable with
        member _.Dispose() = stop.Cancel()

/// How many threads are inside at once, and how many there were at most.
[<Sealed>]
type Crowd() =
    let mutable inside = 0
    let mutable most = 0

    member _.Most = most

    member _.Enter() =
        let now = Interlocked.Increment &inside
        let mutable seen = Volatile.Read &most

        while now > seen && Interlocked.CompareExchange(&most, now, seen) <> seen do
            seen <- Volatile.Read &most

    member _.Leave() = Interlocked.Decrement &inside |> ignore
