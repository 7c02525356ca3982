namespace Bento

open System
open System.Threading.Tasks

/// How a request becomes rows of a batch, and what the batch made of them becomes its answer.
[<NoComparison; NoEquality>]
type BatchRows<'In, 'Row, 'Raw, 'Out> =
    /// A request brings one row.
    | One of row: ('In -> 'Row) * answer: ('Raw -> 'Out)
    /// A request brings as many rows as it likes; its results are in the order of its rows.
    | Many of rows: ('In -> 'Row[]) * answer: ('Raw[] -> 'Out)

/// Everything about a batched handler, at the types of its rows.
[<NoComparison; NoEquality>]
type BatchPlan<'Context, 'In, 'Row, 'Raw, 'Out> = {
    /// Takes the rows of a batch, and gives one result for each, in their order.
    Handler: Handler<'Context, 'Row[], 'Raw[]>
    /// Of a request and one of its rows: only rows of equal keys share a batch. Without a key, all may.
    Key: ('In -> 'Row -> objnull) option
    Rows: BatchRows<'In, 'Row, 'Raw, 'Out>
}

/// What is done with a batched handler, at the types of its rows.
[<Interface>]
type BatchVisitor<'Context, 'In, 'Out, 'Result> =
    abstract Visit<'Row, 'Raw> : BatchPlan<'Context, 'In, 'Row, 'Raw, 'Out> -> 'Result

/// A batched handler whose row types are hidden until it is visited.
[<Interface>]
type BatchHandler<'Context, 'In, 'Out> =
    abstract Synchronous: bool
    abstract Accept<'Result> : BatchVisitor<'Context, 'In, 'Out, 'Result> -> 'Result

[<RequireQualifiedAccess>]
module BatchHandler =

    /// A batched handler of these parts.
    let ofPlan (plan: BatchPlan<'Context, 'In, 'Row, 'Raw, 'Out>) : BatchHandler<'Context, 'In, 'Out> =
        let synchronous = Handler.isSynchronous plan.Handler

        {
            new BatchHandler<'Context, 'In, 'Out> with
                member _.Synchronous = synchronous
                member _.Accept visitor = visitor.Visit plan
        }

    /// The same handler for whoever has another context, from which its own can be made.
    let internal within (context: 'Outer -> 'Context) (handler: BatchHandler<'Context, 'In, 'Out>) =
        handler.Accept
            {
                new BatchVisitor<'Context, 'In, 'Out, BatchHandler<'Outer, 'In, 'Out>> with
                    member _.Visit plan =
                        ofPlan {
                            Handler = Handler.within context plan.Handler
                            Key = plan.Key
                            Rows = plan.Rows
                        }
            }

    /// The same handler with its answers read in another way.
    let internal map (read: 'Out -> 'Answer) (handler: BatchHandler<'Context, 'In, 'Out>) =
        handler.Accept
            {
                new BatchVisitor<'Context, 'In, 'Out, BatchHandler<'Context, 'In, 'Answer>> with
                    member _.Visit plan =
                        ofPlan {
                            Handler = plan.Handler
                            Key = plan.Key
                            Rows =
                                match plan.Rows with
                                | One(row, answer) -> One(row, answer >> read)
                                | Many(rows, answer) -> Many(rows, answer >> read)
                        }
            }

    let internal withKey key (handler: BatchHandler<'Context, 'In, 'Out>) =
        handler.Accept
            {
                new BatchVisitor<'Context, 'In, 'Out, BatchHandler<'Context, 'In, 'Out>> with
                    member _.Visit plan =
                        let ofRequest: 'In -> 'Row -> objnull =
                            match plan.Rows with
                            | One _ -> fun input _ -> key input
                            // All rows have one key, which is not asked for where there are none.
                            | Many _ ->
                                fun input ->
                                    let known = lazy (key input)
                                    fun _ -> known.Value

                        ofPlan { plan with Key = Some ofRequest }
            }

    let internal ofRows (handler: Handler<'Context, 'In[], 'Out[]>) : BatchHandler<'Context, 'In, 'Out> =
        ofPlan {
            Handler = handler
            Key = None
            Rows = One(id, id)
        }

    let internal ofSeveralRows key (handler: Handler<'Context, 'In[], 'Out[]>) : BatchHandler<'Context, 'In[], 'Out[]> =
        ofPlan {
            Handler = handler
            Key = key |> Option.map (fun key -> fun _ row -> key row)
            Rows = Many(id, id)
        }

/// A handler that answers many requests at once: `api "classify" (batched classify)`. Each request brings one `'In`.
type Batched<'State, 'In, 'Out>(handler: BatchHandler<BatchContext<'State>, 'In, 'Out>) =

    /// A function of the rows of a batch, which gives one result for each, in their order.
    new(handler: 'In[] -> 'Out[]) =
        Batched<'State, 'In, 'Out>(BatchHandler.ofRows (Synchronous(fun _ rows -> handler rows)))

    /// A function of the rows of a batch that returns a task of their results.
    new(handler: 'In[] -> Task<'Out[]>) =
        Batched<'State, 'In, 'Out>(BatchHandler.ofRows (Asynchronous(fun _ rows -> handler rows)))

    /// A function of the batch's context and its rows.
    new(handler: BatchContext<'State> -> 'In[] -> 'Out[]) =
        Batched<'State, 'In, 'Out>(BatchHandler.ofRows (Synchronous handler))

    /// A function of the batch's context and its rows that returns a task.
    new(handler: BatchContext<'State> -> 'In[] -> Task<'Out[]>) =
        Batched<'State, 'In, 'Out>(BatchHandler.ofRows (Asynchronous handler))

    /// What an interpreter visits.
    member _.Handler = handler

/// A handler that answers many requests at once, each of which brings several rows: `api "embed" (batchedRows embed)`.
[<Sealed>]
type BatchedRows<'State, 'In, 'Out>
    internal (handler: Handler<BatchContext<'State>, 'In[], 'Out[]>, key: ('In -> objnull) option) =
    inherit Batched<'State, 'In[], 'Out[]>(BatchHandler.ofSeveralRows key handler)

    /// A function of the rows of a batch, which gives one result for each, in their order.
    new(handler: 'In[] -> 'Out[]) = BatchedRows<'State, 'In, 'Out>(Synchronous(fun _ rows -> handler rows), None)

    /// A function of the rows of a batch that returns a task of their results.
    new(handler: 'In[] -> Task<'Out[]>) = BatchedRows<'State, 'In, 'Out>(Asynchronous(fun _ rows -> handler rows), None)

    /// A function of the batch's context and its rows.
    new(handler: BatchContext<'State> -> 'In[] -> 'Out[]) = BatchedRows<'State, 'In, 'Out>(Synchronous handler, None)

    /// A function of the batch's context and its rows that returns a task.
    new(handler: BatchContext<'State> -> 'In[] -> Task<'Out[]>) =
        BatchedRows<'State, 'In, 'Out>(Asynchronous handler, None)

    /// The same with a key of each row, wherever it comes from: only rows of equal keys share a batch.
    member internal _.By(key: 'In -> objnull) =
        BatchedRows<'State, 'In, 'Out>(handler, Some key)

/// Many requests answered by one call, each bringing one row: `api "classify" (batched (fun (rows: Text[]) -> …))`.
type batched<'State, 'In, 'Out> = Batched<'State, 'In, 'Out>

/// Many requests answered by one call, each bringing an array of rows: `api "embed" (batchedRows (fun (rows: Text[]) -> …))`.
type batchedRows<'State, 'In, 'Out> = BatchedRows<'State, 'In, 'Out>

/// Batched handlers changed after they are made.
[<RequireQualifiedAccess>]
module Batched =

    /// Reads results of a row that are its failure: the caller of that row is told, and no other.
    let internal results (failure: 'Error -> exn) (batched: Batched<'State, 'In, Result<'Out, 'Error>>) =
        let read result =
            match result with
            | Ok answer -> answer
            | Error error -> raise (failure error)

        Batched<'State, 'In, 'Out>(BatchHandler.map read batched.Handler)

    /// The same for requests of several rows, whose first failure is told.
    let internal severalResults (failure: 'Error -> exn) (batched: Batched<'State, 'In, Result<'Out, 'Error>[]>) =
        let read (results: Result<'Out, 'Error>[]) =
            results
            |> Array.map (fun result ->
                match result with
                | Ok answer -> answer
                | Error error -> raise (failure error))

        Batched<'State, 'In, 'Out[]>(BatchHandler.map read batched.Handler)

    /// What a row says of itself in words is about what the caller sent.
    let internal refusal (message: string) : exn = BentoException(400, message)

    /// Only requests of equal keys share a batch: `batched f |> Batched.by (fun text -> text.Length)`.
    let by (key: 'In -> 'Key when 'Key: equality) (batched: Batched<'State, 'In, 'Out>) : Batched<'State, 'In, 'Out> =
        Batched<'State, 'In, 'Out>(BatchHandler.withKey (key >> box) batched.Handler)

    /// Only rows of equal keys share a batch, also those of one request.
    let byRow
        (key: 'In -> 'Key when 'Key: equality)
        (batched: BatchedRows<'State, 'In, 'Out>)
        : BatchedRows<'State, 'In, 'Out> =
        batched.By(key >> box)
