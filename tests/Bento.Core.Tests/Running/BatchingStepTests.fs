/// What single events do to a batcher.
module Bento.Tests.BatchingStepTests

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open Xunit
open Bento

let private usual: BatchSettings = {
    MaxBatch = 4
    MaxDelay = 10L
    InFlight = 1
    Margin = 0L
    Capacity = 8L
    Retry = true
}

let private arriving (batching: Batching) at shape deadline =
    let item = BatchItem(1, shape, at, deadline)
    batching.Arrive item
    item

let private shapeOf (length: int) : obj = [| length |]

let private arrivals batching count = [ for _ in 1..count -> arriving batching 0L BatchItem.AnyShape 1_000L ]

/// What a runner takes that is summoned now.
let private takes (batching: Batching) now =
    match batching.Summon now with
    | 0 -> None
    | _ ->
        match batching.Take(now, List()) with
        | null -> None
        | batch -> Some batch

let private reasonAndSize (batch: Batch option) =
    batch |> Option.map (fun batch -> batch.Reason, batch.Items.Length)

[<Fact>]
let ``a batch leaves when it is full`` () =
    let batching = Batching usual
    arrivals batching 3 |> ignore
    Assert.Equal(0, batching.Summon 0L)
    arrivals batching 1 |> ignore
    Assert.Equal(Some(BatchReason.Full, 4), reasonAndSize (takes batching 0L))

[<Fact>]
let ``a batch leaves when its first item has waited long enough`` () =
    let batching = Batching usual
    arrivals batching 2 |> ignore
    Assert.Equal(10L, batching.WakeAt 0L)
    Assert.Equal(None, reasonAndSize (takes batching 9L))
    Assert.Equal(Some(BatchReason.Delay, 2), reasonAndSize (takes batching 10L))

[<Fact>]
let ``a deadline makes a batch leave early enough to run`` () =
    let batching = Batching usual
    arrivals batching 4 |> ignore
    let first = (takes batching 0L).Value
    batching.Succeed(first, 3L) |> ignore
    arriving batching 20L BatchItem.AnyShape 25L |> ignore
    Assert.Equal(22L, batching.WakeAt 20L)
    Assert.Equal(Some(BatchReason.Deadline, 1), reasonAndSize (takes batching 22L))

[<Fact>]
let ``when the most urgent item leaves, the next deadline counts`` () =
    let batching = Batching { usual with MaxDelay = 100L }
    let urgent = arriving batching 0L BatchItem.AnyShape 20L
    arriving batching 0L BatchItem.AnyShape 50L |> ignore
    Assert.Equal(20L, batching.WakeAt 0L)
    Assert.Null(batching.Leave urgent)
    Assert.Equal(50L, batching.WakeAt 0L)

[<Fact>]
let ``while all places are taken company gathers`` () =
    let batching = Batching { usual with MaxDelay = 0L }
    arrivals batching 1 |> ignore
    let first = takes batching 0L
    Assert.Equal(Some(BatchReason.Idle, 1), reasonAndSize first)
    arrivals batching 3 |> ignore
    Assert.Equal(0, batching.Summon 1L)
    batching.Succeed(first.Value, 5L) |> ignore
    Assert.Equal(Some(BatchReason.Idle, 3), reasonAndSize (takes batching 5L))

[<Fact>]
let ``company gathers too while a runner is on its way`` () =
    let batching =
        Batching {
            usual with
                MaxDelay = 0L
                InFlight = 2
        }

    arrivals batching 1 |> ignore
    Assert.Equal(1, batching.Summon 0L)
    arrivals batching 2 |> ignore
    Assert.Equal(0, batching.Summon 1L)
    let batch = batching.Take(2L, List())
    Assert.Equal(Some(BatchReason.Idle, 3), reasonAndSize (Option.ofObj batch))

[<Fact>]
let ``more than one batch's worth summons more than one runner`` () =
    let batching =
        Batching {
            usual with
                MaxDelay = 0L
                InFlight = 3
                Capacity = 100L
        }

    arrivals batching 8 |> ignore
    Assert.Equal(2, batching.Summon 0L)

[<Fact>]
let ``of two shapes the one whose first item came first goes first`` () =
    let batching = Batching { usual with MaxDelay = 0L }
    arrivals batching 1 |> ignore
    let first = (takes batching 0L).Value
    let other = arriving batching 1L (shapeOf 7) 1_000L
    arriving batching 2L BatchItem.AnyShape 1_000L |> ignore
    let late = arriving batching 3L (shapeOf 7) 1_000L
    batching.Succeed(first, 3L) |> ignore
    // Arrays of the same values are the same shape.
    Assert.Equal<BatchItem[]>([| other; late |], (takes batching 3L).Value.Items)

[<Fact>]
let ``what would exceed the capacity has no room, even where nobody waits`` () =
    let batching = Batching usual
    Assert.True(batching.HasRoom 8L)
    Assert.False(batching.HasRoom 9L)
    arrivals batching 5 |> ignore
    Assert.True(batching.HasRoom 3L)
    Assert.False(batching.HasRoom 4L)

[<Fact>]
let ``a batch that all have left is abandoned, and its halves are not run`` () =
    let batching = Batching usual
    let items = arrivals batching 4
    let batch = (takes batching 0L).Value

    for item in List.take 3 items do
        Assert.Null(batching.Leave item)

    Assert.Same(batch, batching.Leave items[3])
    Assert.Empty(batching.Raise batch)
    Assert.Equal(None, reasonAndSize (takes batching 1L))
    Assert.Equal(0, batching.Summoned)

[<Fact>]
let ``without retry all members of a batch that raises fail`` () =
    let batching = Batching { usual with Retry = false }
    let items = arrivals batching 4
    Assert.Equal<BatchItem[]>(Array.ofList items, batching.Raise (takes batching 0L).Value)

[<Fact>]
let ``nobody waits for company once the host stops`` () =
    let batching = Batching usual
    arrivals batching 2 |> ignore
    batching.Drain()
    Assert.Equal(Int64.MaxValue, batching.WakeAt 0L)
    Assert.Equal(Some(BatchReason.Drain, 2), reasonAndSize (takes batching 0L))

[<Fact>]
let ``whoever has no time left when the runner comes is told so, and not computed`` () =
    let batching = Batching { usual with MaxDelay = 0L }
    let late = arriving batching 0L BatchItem.AnyShape 5L
    let patient = arriving batching 0L BatchItem.AnyShape 50L
    Assert.Equal(1, batching.Summon 0L)
    let expired = List()
    Assert.Equal<BatchItem[]>([| patient |], (nonNull (batching.Take(5L, expired))).Items)
    Assert.Equal<BatchItem seq>([ late ], expired)

[<Fact>]
let ``whoever has no time left when a half is to run is told so, and not computed again`` () =
    let batching = Batching usual

    let items = [ for at in 1L .. 4L -> arriving batching 0L BatchItem.AnyShape (at * 10L) ]

    let batch = (takes batching 0L).Value
    Assert.Empty(batching.Raise batch)
    Assert.Equal(1, batching.Summon 10L)
    let expired = List()
    Assert.Equal<BatchItem[]>([| items[1] |], (nonNull (batching.Take(10L, expired))).Items)
    Assert.Equal<BatchItem seq>([ items[0] ], expired)

[<Fact>]
let ``shapes that are chosen to collide are lines like any other`` () =
    let batching = Batching { usual with Capacity = Int64.MaxValue }

    for number in 1L .. 200_000L do
        arriving batching 0L (number ||| (number <<< 32)) 1_000L |> ignore

    Assert.Equal(200_000L, batching.WaitingRows)

/// Has items of keys that are equal to nothing come and go, and gives what remembers the keys without keeping them.
[<MethodImpl(MethodImplOptions.NoInlining)>]
let private keysOfPast (batching: Batching) =
    let keyOf row : obj =
        match row % 2 with
        | 0 -> (nan, row)
        | _ -> [| nan |]

    let keys = List.init 1_000 keyOf

    for key in keys do
        arriving batching 0L key 1_000L |> ignore

    for _ in keys do
        Assert.Single(batching.Succeed((takes batching 0L).Value, 1L)) |> ignore

    Assert.Equal(0L, batching.WaitingRows)
    [ for key in keys -> WeakReference key ]

[<Fact>]
let ``a key with NaN in it is forgotten with its last item`` () =
    let batching =
        Batching {
            usual with
                MaxDelay = 0L
                Capacity = Int64.MaxValue
        }

    let keys = keysOfPast batching
    GC.Collect()
    Assert.All(keys, fun key -> Assert.False key.IsAlive)
    GC.KeepAlive batching
