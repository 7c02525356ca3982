namespace Bento

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Text
open System.Threading
open System.Threading.Tasks

/// Services that are asked in this process, without a server. Each has one worker, made when it is first asked.
[<RequireQualifiedAccess>]
module internal LocalCalls =

    let private log = {
        new Log with
            member _.Write(level, message, cause) =
                match level, cause with
                | LogLevel.Debug, _ -> ()
                | _, null -> eprintfn "%s" message
                | _, cause -> eprintfn "%s %O" message cause
    }

    let private noDependencies =
        WorkerSetup.noClients (fun other -> $"There is no client for {other} without a server.")

    let private start (definition: Definition) : Task<Worker> = task {
        let hosted = Definition.require definition
        let grant = Devices.require Devices.here hosted.Card
        do! Worker.deploy hosted

        let setup =
            WorkerSetup.make log Setup.noApplication grant CancellationToken.None WorkerPlace.only

        return! Worker.start noDependencies setup hosted
    }

    let private workers = ConditionalWeakTable<Definition, Task<Worker>>()
    let private turn = obj ()

    /// A start that failed is tried again.
    let private workerOf (definition: Definition) : Task<Worker> =
        lock turn (fun () ->
            match workers.TryGetValue definition with
            | true, worker when not worker.IsFaulted -> worker
            | _ ->
                let worker = start definition
                workers.AddOrUpdate(definition, worker)
                worker)

    let private faults (card: EndpointCard) (faults: Fault list) =
        let lines =
            faults
            |> List.map (fun fault -> $"\n  {Fault.path fault.Location}: {fault.Message}")
            |> String.Concat

        ArgumentException $"This is no input for \"{card.Name}\":{lines}"

    /// Text is JSON already. Everything else becomes the JSON that a caller over HTTP would send.
    let private translated (input: 'Input) : byte[] =
        match box input with
        | :? string as json -> Encoding.UTF8.GetBytes json
        | _ ->
            match Codecs.ofType WireRules.defaults "input" typeof<'Input> with
            | Ok codec -> (codec :?> Codec<'Input>).Encode input
            | Error reasons ->
                let sentences =
                    reasons
                    |> List.map (fun reason -> $"{reason.Path} {reason.Reason}")
                    |> String.concat "; "

                raise (ArgumentException $"The input cannot travel: {sentences}.")

    let private inputOf<'Input, 'In> (card: EndpointCard) (input: 'Input) : 'In =
        match box input with
        | :? 'In as input -> input
        | input when typeof<'Input> = typeof<'In> -> unbox<'In> input
        | _ ->
            match (card.Input.Codec :?> Codec<'In>).Decode(translated input) with
            | Ok input -> input
            | Error found -> raise (faults card found)

    /// What a caller over HTTP would send to an endpoint.
    let json (card: EndpointCard) (input: 'Input) : byte[] =
        match card.Input.Codec with
        | :? Codec<'Input> as codec -> codec.Encode input
        | _ -> translated input

    let private textOf<'Out> (card: EndpointCard) (output: 'Out) : string =
        Encoding.UTF8.GetString((card.Output.Codec :?> Codec<'Out>).Encode output)

    let private call<'Input, 'In, 'Out> (worker: Worker) (card: EndpointCard) (input: 'Input) () : Task<string> = task {
        let! output =
            worker.Call<'In, 'Out>(card.Name, inputOf<'Input, 'In> card input, CancellationToken.None)

        return textOf card output
    }

    let private read<'Input, 'In, 'Out> (worker: Worker) (card: EndpointCard) (input: 'Input) () : Task<string> = task {
        let texts = ResizeArray<string>()

        do!
            worker.Items<'In, 'Out>(card.Name, inputOf<'Input, 'In> card input, CancellationToken.None)
            |> Items.iterate CancellationToken.None (fun item ->
                texts.Add(textOf card item)
                Task.CompletedTask)

        return $"""[{String.Join(",", texts)}]"""
    }

    let private asking (worker: Worker) (input: 'Input) = {
        new BoundVisitor<string * (unit -> Task<string>)> with
            member _.Api<'In, 'Out>(card, _: Handler<Context, 'In, 'Out>) =
                card.Name, call<'Input, 'In, 'Out> worker card input

            member _.Batched<'In, 'Out>(card, _: BatchHandler<BatchContext, 'In, 'Out>) =
                card.Name, call<'Input, 'In, 'Out> worker card input

            member _.Job<'In, 'Out>(card, _: Context -> 'In -> Task<'Out>) =
                card.Name, call<'Input, 'In, 'Out> worker card input

            member _.Stream<'In, 'Out>(card, _: Context -> 'In -> IAsyncEnumerable<'Out>) =
                card.Name, read<'Input, 'In, 'Out> worker card input

            member _.Socket(card, _) =
                card.Name, (fun () -> invalidOp $"\"{card.Name}\" is a socket, which is talked with over a server.")
    }

    /// The one of these that a name is meant for.
    let find (service: string) (endpoint: string) (nameOf: 'Endpoint -> string) (all: 'Endpoint list) : 'Endpoint =
        match all |> List.tryFind (fun one -> nameOf one = endpoint) with
        | Some found -> found
        | None ->
            let known = all |> List.map nameOf
            let names = String.concat ", " known

            raise (
                ArgumentException
                    $"\"{service}\" has no endpoint \"{endpoint}\"; it has {names}{Suggestion.didYouMean known endpoint}"
            )

    /// The answer of an endpoint as JSON; that of a stream is a list of its items.
    let ask (endpoint: string) (input: 'Input) (definition: Definition) : Task<string> = task {
        let! worker = workerOf definition

        let _, answer =
            find worker.Card.Name endpoint fst (worker.Bound(asking worker input))

        return! answer ()
    }
