namespace Bento

open System

/// Readings of a card that need no I/O.
[<RequireQualifiedAccess>]
module Report =

    let private given name format value =
        value |> Option.map (fun value -> $"{name} {format value}")

    let private span (span: TimeSpan) =
        if span.TotalMilliseconds % 1000. = 0. then
            $"{span.TotalSeconds} s"
        else
            $"{span.TotalMilliseconds} ms"

    let private line title settings =
        match List.choose id settings with
        | [] -> []
        | given ->
            let settings = String.concat ", " given
            [ $"  {title}: {settings}" ]

    let private resources (resources: Resources) =
        line "resources" [
            given "cpu" string resources.Cpu
            given "memory" string resources.Memory
            given "gpu" string resources.Gpu
            given "fallback" string resources.Fallback
        ]

    let private traffic (traffic: Traffic) =
        line "traffic" [
            given "concurrency" string traffic.Concurrency
            given "queue" string traffic.Queue
            given "timeout" span traffic.Timeout
            given "idle" span traffic.Idle
            given "heartbeat" span traffic.Heartbeat
            given "bodyLimit" string traffic.BodyLimit
        ]

    let private endpoint (card: EndpointCard) =
        let settings =
            [
                given "timeout" span card.Timeout
                given "bodyLimit" string card.BodyLimit

                match card.Batch with
                | None -> ()
                | Some batch ->
                    Some "batched"
                    given "maxBatch" string batch.MaxBatch
                    given "maxDelay" span batch.MaxDelay
                    given "inFlight" string batch.InFlight
                    given "retry" (fun retry -> (string<bool> retry).ToLowerInvariant()) batch.Retry
            ]
            |> List.choose id
            |> List.map (fun setting -> ", " + setting)
            |> String.Concat

        let kind = (string card.Kind).ToLowerInvariant()
        $"  {kind} {card.Route}: {Shape.describe card.Input.Shape} -> {Shape.describe card.Output.Shape}{settings}"

    /// The service on a terminal: a line for itself, for each group of settings that were given, and for each endpoint.
    let text (card: ServiceCard) =
        String.concat "\n" [
            match card.Version with
            | Some version -> $"{card.Name} {version}"
            | None -> card.Name

            match card.Description with
            | Some description -> $"  {description}"
            | None -> ()

            yield! line "labels" [ for key, value in card.Labels -> Some $"{key}={value}" ]
            yield! resources card.Resources
            yield! traffic card.Traffic

            if card.Workers <> Defaults.workers || card.Threads.IsSome then
                yield! line "workers" [ Some(string card.Workers); given "threads" string card.Threads ]

            yield! line "depends on" (card.Dependencies |> List.map Some)
            yield! line "models" (card.Models |> List.map Some)
            yield! card.Endpoints |> List.map endpoint
        ]
