namespace Bento

open System
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

// Every operation takes the line it is written on, which the compiler gives: problems are shown with it.

/// `resources { }`: what a worker needs of its machine.
[<Sealed>]
type ResourcesBuilder internal () =

    member _.Yield(()) : GivenSetting list = []
    member _.Zero() : GivenSetting list = []

    /// Processor cores.
    [<CustomOperation "cpu">]
    member _.Cpu
        (settings: GivenSetting list, cores: float, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Cpu(Number cores)) ]

    /// Processor cores.
    [<CustomOperation "cpu">]
    member _.Cpu
        (settings: GivenSetting list, cores: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Cpu(Number(float cores))) ]

    /// Processor cores, as in "500m" or "2".
    [<CustomOperation "cpu">]
    member _.Cpu
        (settings: GivenSetting list, cores: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Cpu(Written cores)) ]

    /// Memory, as in "500MiB" or "4Gi".
    [<CustomOperation "memory">]
    member _.Memory
        (settings: GivenSetting list, amount: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Memory(Written amount)) ]

    /// GPUs.
    [<CustomOperation "gpu">]
    member _.Gpu
        (settings: GivenSetting list, count: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Gpu(Number(float count))) ]

    /// GPUs, as in "1".
    [<CustomOperation "gpu">]
    member _.Gpu
        (settings: GivenSetting list, count: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Gpu(Written count)) ]

    /// What to run on where the GPUs are missing, as in `fallback Cpu`; without it a start without them is refused.
    [<CustomOperation "fallback">]
    member _.Fallback
        (
            settings: GivenSetting list,
            fallback: Fallback,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) =
        settings @ [ Setting.given line (Setting.Fallback fallback) ]

    member _.Run
        (settings: GivenSetting list, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        : Block = {
        Settings = Setting.given line (Setting.Block "resources") :: settings
    }

/// `traffic { }`: what a service takes of its callers.
[<Sealed>]
type TrafficBuilder internal () =

    member _.Yield(()) : GivenSetting list = []
    member _.Zero() : GivenSetting list = []

    /// Requests admitted and not yet ended.
    [<CustomOperation "concurrency">]
    member _.Concurrency
        (settings: GivenSetting list, limit: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Concurrency limit) ]

    /// Requests that wait for admission.
    [<CustomOperation "queue">]
    member _.Queue
        (settings: GivenSetting list, limit: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Queue limit) ]

    /// How long one request may take, from its arrival to its answer.
    [<CustomOperation "timeout">]
    member _.Timeout
        (settings: GivenSetting list, span: TimeSpan, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Timeout span) ]

    /// How long a stream may be silent between two items.
    [<CustomOperation "idle">]
    member _.Idle
        (settings: GivenSetting list, span: TimeSpan, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Idle span) ]

    /// How long a stream of events is silent before a comment tells its reader that the server is still there.
    [<CustomOperation "heartbeat">]
    member _.Heartbeat
        (settings: GivenSetting list, span: TimeSpan, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Heartbeat span) ]

    /// The largest body of a request, as in "1MiB".
    [<CustomOperation "bodyLimit">]
    member _.BodyLimit
        (settings: GivenSetting list, amount: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.BodyLimit(Written amount)) ]

    member _.Run
        (settings: GivenSetting list, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        : Block = {
        Settings = Setting.given line (Setting.Block "traffic") :: settings
    }

/// `endpoint "name" { }`: the settings of one endpoint.
[<Sealed>]
type EndpointBuilder internal (name: string) =

    member _.Yield(()) : GivenSetting list = []
    member _.Zero() : GivenSetting list = []

    /// The path that is posted to; without it, the endpoint's name.
    [<CustomOperation "route">]
    member _.Route
        (settings: GivenSetting list, path: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Route path) ]

    /// How long one request to this endpoint may take.
    [<CustomOperation "timeout">]
    member _.Timeout
        (settings: GivenSetting list, span: TimeSpan, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Timeout span) ]

    /// The largest body of a request to this endpoint, as in "1MiB".
    [<CustomOperation "bodyLimit">]
    member _.BodyLimit
        (settings: GivenSetting list, amount: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.BodyLimit(Written amount)) ]

    /// The most rows of one batch; 64 without it.
    [<CustomOperation "maxBatch">]
    member _.MaxBatch
        (settings: GivenSetting list, rows: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.MaxBatch rows) ]

    /// How long the first row of a batch may wait for company while a batch could run; not at all without it.
    [<CustomOperation "maxDelay">]
    member _.MaxDelay
        (settings: GivenSetting list, span: TimeSpan, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.MaxDelay span) ]

    /// The most batches that run at once on one worker; as many as it has threads without it.
    [<CustomOperation "inFlight">]
    member _.InFlight
        (settings: GivenSetting list, batches: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.InFlight batches) ]

    /// Whether a batch that raises is halved until the guilty are found; true without it.
    [<CustomOperation "retry">]
    member _.Retry
        (settings: GivenSetting list, retry: bool, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings @ [ Setting.given line (Setting.Retry retry) ]

    /// An input that the handler of each worker is given before the service is ready; it may be written several times.
    [<CustomOperation "warmup">]
    member _.Warmup
        (settings: GivenSetting list, input: 'In, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        settings
        @ [ Setting.given line (Setting.Warmup { Type = typeof<'In>; Input = input }) ]

    member _.Run
        (settings: GivenSetting list, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        : Block = {
        Settings =
            Setting.given line (Setting.Block $"endpoint \"{name}\"") :: settings
            |> List.map (fun given -> { given with Endpoint = Some name })
    }
