/// Sequences over time: order, ends of every kind, and a producer that never runs ahead.
module Bento.Tests.ItemsTests

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento

let private collect (items: IAsyncEnumerable<'T>) : Task<'T list> = task {
    let taken = ResizeArray<'T>()

    do!
        items
        |> Items.iterate CancellationToken.None (fun item ->
            taken.Add item
            Task.CompletedTask)

    return List.ofSeq taken
}

let private upTo count =
    Items.produce (fun emit _ -> task {
        for number in 1..count do
            do! emit number
    })

/// Emits until it is stopped; `emitted` counts what was taken from it or lies ready.
let private endless (emitted: int ref) (stopped: TaskCompletionSource) =
    Items.produce (fun emit _ -> task {
        try
            while true do
                do! emit (Interlocked.Increment &emitted.contents)
        finally
            stopped.SetResult()
    })

[<Fact>]
let ``items come in the order in which they are emitted`` () : Task = task {
    let! taken = collect (upTo 1000)
    Assert.Equal<int list>([ 1..1000 ], taken)
}

[<Fact>]
let ``a producer that emits nothing gives no items`` () : Task = task {
    let! taken = collect (upTo 0)
    Assert.Empty taken
}

[<Fact>]
let ``each reading runs the producer anew`` () : Task = task {
    let items = upTo 3
    let! first = collect items
    let! second = collect items
    Assert.Equal<int list>(first, second)
}

[<Fact>]
let ``a consumer that stops early stops the producer and waits for it`` () : Task = task {
    let stopped = TaskCompletionSource()
    let items = (endless (ref 0) stopped).GetAsyncEnumerator()
    let! _ = items.MoveNextAsync()
    do! items.DisposeAsync()
    Assert.True stopped.Task.IsCompletedSuccessfully
}

[<Fact>]
let ``disposal waits for a producer that is slow to stop`` () : Task = task {
    let finish = TaskCompletionSource()

    let items =
        Items.produce (fun emit _ -> task {
            do! emit 1
            do! finish.Task
        })

    let reader = items.GetAsyncEnumerator()
    let! _ = reader.MoveNextAsync()
    let disposal = reader.DisposeAsync().AsTask()
    do! Task.Delay 20
    Assert.False disposal.IsCompleted
    finish.SetResult()
    do! disposal
}

[<Fact>]
let ``disposal twice does what disposal once does`` () : Task = task {
    let reader = (upTo 3).GetAsyncEnumerator()
    do! reader.DisposeAsync()
    do! reader.DisposeAsync()
}

[<Fact>]
let ``what a producer raises reaches the consumer after the items before it`` () : Task = task {
    let taken = ResizeArray<int>()

    let items =
        Items.produce (fun emit _ -> task {
            do! emit 1
            invalidOp "no more"
        })

    let reading () : Task = task {
        do!
            items
            |> Items.iterate CancellationToken.None (fun item ->
                taken.Add item
                Task.CompletedTask)
    }

    let! raised = Assert.ThrowsAsync<InvalidOperationException> reading
    Assert.Equal("no more", raised.Message)
    Assert.Equal<int seq>([ 1 ], taken)
}

[<Fact>]
let ``a producer that raises before its first task reaches the consumer too`` () : Task = task {
    let items: IAsyncEnumerable<int> = Items.produce (fun _ _ -> invalidOp "at once")
    let! _ = Assert.ThrowsAsync<InvalidOperationException>(fun () -> collect items)
    ()
}

[<Fact>]
let ``cancellation ends the reading and the producer`` () : Task = task {
    use cancellation = new CancellationTokenSource()
    let stopped = TaskCompletionSource()

    let reading () : Task = task {
        do!
            endless (ref 0) stopped
            |> Items.iterate cancellation.Token (fun item ->
                if item = 10 then
                    cancellation.Cancel()

                Task.CompletedTask)
    }

    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException> reading
    Assert.True stopped.Task.IsCompletedSuccessfully
}

/// Fails when it is stopped, as with files that it can no longer close.
let private failingInItsEnd: IAsyncEnumerable<int> =
    Items.produce (fun emit stop -> task {
        do! emit 1

        try
            do! Task.Delay(Timeout.Infinite, stop)
        with :? OperationCanceledException ->
            invalidOp "cannot close"
    })

[<Theory; InlineData false; InlineData true>]
let ``what a producer raises when nobody takes its items any more comes out of the disposal`` (waiting: bool) : Task =
    task {
        use cancellation = new CancellationTokenSource()
        let reader = failingInItsEnd.GetAsyncEnumerator cancellation.Token
        let! _ = reader.MoveNextAsync()

        if waiting then
            let next = reader.MoveNextAsync().AsTask()
            cancellation.Cancel()
            let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> next)
            ()

        let! raised =
            Assert.ThrowsAsync<InvalidOperationException>(fun () -> reader.DisposeAsync().AsTask())

        Assert.Equal("cannot close", raised.Message)
    }

[<Fact>]
let ``what a producer raised and its consumer was told is not raised again`` () : Task = task {
    let items: IAsyncEnumerable<int> =
        Items.produce (fun _ _ -> task {
            do! Task.Yield()
            invalidOp "no more"
        })

    let reader = items.GetAsyncEnumerator()

    let! _ =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> reader.MoveNextAsync().AsTask())

    do! reader.DisposeAsync()
}

[<Fact>]
let ``a producer sees cancellation while it does not emit`` () : Task = task {
    use cancellation = new CancellationTokenSource()

    let waiting: IAsyncEnumerable<int> =
        Items.produce (fun _ stop -> Task.Delay(Timeout.Infinite, stop))

    let reader = waiting.GetAsyncEnumerator cancellation.Token
    let next = reader.MoveNextAsync().AsTask()
    cancellation.Cancel()
    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> next)
    do! reader.DisposeAsync()
}

[<Fact>]
let ``a producer is never more than two items ahead`` () : Task = task {
    let emitted = ref 0
    let reader = (endless emitted (TaskCompletionSource())).GetAsyncEnumerator()

    for taken in 1..50 do
        let! _ = reader.MoveNextAsync()
        Assert.Equal(taken, reader.Current)
        do! Task.Delay 1
        Assert.InRange(Volatile.Read &emitted.contents, taken, taken + 2)

    do! reader.DisposeAsync()
}

[<Fact>]
let ``an action ends before the next item is taken`` () : Task = task {
    let running = ref 0

    do!
        upTo 20
        |> Items.iterate CancellationToken.None (fun _ -> task {
            Assert.Equal(1, Interlocked.Increment &running.contents)
            do! Task.Yield()
            Interlocked.Decrement &running.contents |> ignore
        })
}

[<Fact>]
let ``an action that raises ends the iteration and the producer`` () : Task = task {
    let stopped = TaskCompletionSource()

    let reading () : Task = task {
        do!
            endless (ref 0) stopped
            |> Items.iterate CancellationToken.None (fun _ -> invalidOp "enough")
    }

    let! _ = Assert.ThrowsAsync<InvalidOperationException> reading
    Assert.True stopped.Task.IsCompletedSuccessfully
}
