namespace Bento

open System
open System.Collections.Generic
open System.Threading.Tasks

/// A batched handler called by one caller in the same process: its rows are a batch of their own.
[<RequireQualifiedAccess>]
module internal LocalBatch =

    /// Results of a batch, one for each of its rows; what else there is cannot be told apart.
    let judge (name: string) (rows: int) (results: 'Raw[] | null) : Result<'Raw[], string> =
        match results with
        | null -> Error $"The batched handler of \"{name}\" gave null in place of {rows} results."
        | results when results.Length <> rows ->
            Error $"The batched handler of \"{name}\" gave {results.Length} results for {rows} rows."
        | results -> Ok results

    let private demand name rows results =
        match judge name rows results with
        | Ok results -> results
        | Error message -> invalidOp message

    /// No key is a key as well.
    let private noKey = obj ()

    /// The positions of rows that may share a batch, each at most so many, in the order of their first.
    let groups (mostRows: int) (key: ('Row -> objnull) option) (rows: 'Row[]) : int[] list =
        let positions = [| 0 .. rows.Length - 1 |]

        let alike =
            match key with
            | None -> [| positions |]
            | Some key ->
                let found = Dictionary<obj, ResizeArray<int>>(SeededComparer.structural<obj>())

                let order = ResizeArray()

                for position in positions do
                    let key = key rows[position] |> Option.ofObj |> Option.defaultValue noKey

                    match found.TryGetValue key with
                    | true, group -> group.Add position
                    | _ ->
                        let group = ResizeArray [ position ]
                        found.Add(key, group)
                        order.Add group

                [| for group in order -> group.ToArray() |]

        [
            for group in alike do
                yield! Array.chunkBySize mostRows group
        ]

    let private call (name: string) (context: BatchContext) (handler: Handler<BatchContext, 'Row[], 'Raw[]>) rows = task {
        match handler with
        | Asynchronous handle ->
            let! results = handle context rows
            return demand name rows.Length results
        | Synchronous handle -> return demand name rows.Length (handle context rows)
    }

    let private several name mostRows newContext (plan: BatchPlan<BatchContext, 'In, 'Row, 'Raw, 'Out>) input rows =
        task {
            let results: 'Raw[] = Array.zeroCreate (Array.length rows)
            let key = plan.Key |> Option.map (fun key -> key input)

            for group in groups mostRows key rows do
                let! raws =
                    call name (newContext group.Length) plan.Handler (group |> Array.map (Array.item >> (|>) rows))

                raws |> Array.iteri (fun at raw -> results[group[at]] <- raw)

            return results
        }

    /// Runs a handler for one caller, whose rows are split where they are too many or too different for one batch.
    let run (card: EndpointCard) (newContext: int -> BatchContext) (handler: BatchHandler<BatchContext, 'In, 'Out>) =
        let mostRows =
            card.Batch |> Option.bind _.MaxBatch |> Option.defaultValue Defaults.maxBatch

        handler.Accept
            {
                new BatchVisitor<BatchContext, 'In, 'Out, 'In -> Task<'Out>> with
                    member _.Visit plan =
                        match plan.Rows with
                        | One(row, answer) ->
                            fun input -> task {
                                let! raws = call card.Name (newContext 1) plan.Handler [| row input |]
                                return answer raws[0]
                            }
                        | Many(rows, answer) ->
                            fun input -> task {
                                let! raws = several card.Name mostRows newContext plan input (rows input)
                                return answer raws
                            }
            }
