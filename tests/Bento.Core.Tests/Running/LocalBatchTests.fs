/// Batched handlers called in process: what one caller brings is split and put together again.
module Bento.Tests.LocalBatchTests

open System
open System.Threading
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento

let private none = CancellationToken.None

/// A service that writes down the rows of each batch.
let private noting (batches: ResizeArray<int[]>) = service {
    endpoint "rows" { maxBatch 3 }
    endpoint "keyed" { maxBatch 3 }
    name "noting"

    api
        "one"
        (batched (fun (rows: int[]) ->
            batches.Add rows
            rows |> Array.map string))

    api
        "rows"
        (batchedRows (fun (rows: int[]) -> task {
            batches.Add rows
            return rows |> Array.map string
        }))

    api
        "keyed"
        (batchedRows (fun (rows: int[]) ->
            batches.Add rows
            rows |> Array.map string)
         |> Batched.byRow (fun row -> row % 2))

    api
        "together"
        (batchedRows (fun (rows: int[]) ->
            batches.Add rows
            rows |> Array.map string)
         |> Batched.by (fun rows ->
             batches.Add [| -1 |]
             box (float rows[0] / 0.)))

    api
        "judged"
        (batched (fun (rows: int[]) -> rows |> Array.map (fun row -> if row < 0 then Error "below zero" else Ok row)))

    api
        "judgedRows"
        (batchedRows (fun (rows: int[]) ->
            rows
            |> Array.map (fun row ->
                if row < 0 then
                    Error(BentoException(403, "below zero"))
                else
                    Ok row)))

    api "short" (batched (fun (rows: int[]) -> rows |> Array.skip 1))
    api "missing" (batched (fun (_: int[]) -> task { return Unchecked.defaultof<int[]> }))

    api
        "ids"
        (batched (fun (batch: BatchContext<unit>) (rows: int[]) ->
            rows |> Array.map (fun _ -> batch.RequestIds.Count, batch.Worker.Count)))
}

let private worker batches =
    Worker.ofState (Service.require (noting batches)) ()

[<Fact>]
let ``a call is a batch of one`` () : Task = task {
    let batches = ResizeArray()
    let! answer = (worker batches).Call<int, string>("one", 7, none)
    Assert.Equal("7", answer)
    Assert.Equal<int[] seq>([ [| 7 |] ], batches)
}

[<Fact>]
let ``rows are computed at most so many at once, and answered in their order`` () =
    Check.One(
        Config.QuickThrowOnFailure,
        fun (rows: int[]) ->
            let batches = ResizeArray()
            let answers = (worker batches).Call<int[], string[]>("rows", rows, none).Result

            answers = Array.map string rows
            && Array.concat batches = rows
            && batches |> Seq.forall (fun batch -> batch.Length <= 3 && batch.Length > 0)
    )

[<Fact>]
let ``rows of unequal keys never share a batch, and are answered in their order all the same`` () =
    Check.One(
        Config.QuickThrowOnFailure,
        fun (rows: int[]) ->
            let batches = ResizeArray()
            let answers = (worker batches).Call<int[], string[]>("keyed", rows, none).Result

            answers = Array.map string rows
            && Array.sort (Array.concat batches) = Array.sort rows
            && batches
               |> Seq.forall (fun batch ->
                   batch.Length <= 3 && (batch |> Array.distinctBy (fun row -> row % 2)).Length = 1)
    )

[<Fact>]
let ``the key of a request is asked for once, whatever it is, and not at all where there are no rows`` () : Task = task {
    let batches = ResizeArray()

    let! answers =
        (worker batches).Call<int[], string[]>("together", [| 0; 1; 2 |], none)

    Assert.Equal<string[]>([| "0"; "1"; "2" |], answers)
    Assert.Equal<int[] seq>([ [| -1 |]; [| 0; 1; 2 |] ], batches)
    let! answers = (worker batches).Call<int[], string[]>("together", [||], none)
    Assert.Empty answers
    Assert.Equal(2, batches.Count)
}

[<Fact>]
let ``a row's own failure is that of its caller`` () : Task = task {
    let worker = worker (ResizeArray())
    let! answer = worker.Call<int, int>("judged", 1, none)
    Assert.Equal(1, answer)

    let! refused =
        Assert.ThrowsAsync<BentoException>(fun () -> worker.Call<int, int>("judged", -1, none))

    Assert.Equal((400, "below zero"), (refused.Status, refused.Message))

    let! refused =
        Assert.ThrowsAsync<BentoException>(fun () -> worker.Call<int[], int[]>("judgedRows", [| 1; -1 |], none))

    Assert.Equal(403, refused.Status)
}

[<Fact>]
let ``as many results as rows are wanted`` () : Task = task {
    let worker = worker (ResizeArray())

    let! short =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> worker.Call<int, int>("short", 1, none))

    Assert.Equal("The batched handler of \"short\" gave 0 results for 1 rows.", short.Message)

    let! missing =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> worker.Call<int, int>("missing", 1, none))

    Assert.Equal("The batched handler of \"missing\" gave null in place of 1 results.", missing.Message)
}

[<Fact>]
let ``the context of a batch tells an id for each row and the worker`` () : Task = task {
    let! answer = (worker (ResizeArray())).Call<int, int * int>("ids", 1, none)
    Assert.Equal((1, 1), answer)
}

[<Fact>]
let ``keys that are chosen to collide are told apart like any other`` () =
    let rows = [| for number in 1L .. 200_000L -> number ||| (number <<< 32) |]
    Assert.Equal(rows.Length, (LocalBatch.groups 8 (Some box) rows).Length)

[<Fact>]
let ``no key is a key as well, and arrays of equal items are one`` () =
    let key row : objnull =
        if row % 2 = 0 then null else [| row % 4 |]

    Assert.Equal<int[] list>(
        [ [| 0; 2 |]; [| 4 |]; [| 1; 5 |]; [| 3 |] ],
        LocalBatch.groups 2 (Some key) [| 0; 1; 2; 3; 4; 5 |]
    )
