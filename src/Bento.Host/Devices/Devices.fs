namespace Bento

open System
open System.Collections.Concurrent
open Bento.OnnxRuntime

/// What of a machine decides where a service runs.
[<NoComparison; NoEquality>]
type internal Machine = {
    Gpus: unit -> Gpus
    /// Makes a session on that device and runs it, or says why that cannot be.
    Session: int -> Result<unit, string>
}

/// Where the workers of one service run.
[<RequireQualifiedAccess>]
type internal Grant =
    | Processor
    | Devices of count: int
    /// The GPUs asked for are missing, and `fallback Cpu` allows for that.
    | FallenBack of reason: string

/// From `resources { gpu; fallback }` to the device of each worker.
[<RequireQualifiedAccess>]
module internal Devices =

    /// What is missing where a provider does not work, as a clause.
    let reason (problem: exn) =
        match problem with
        | :? ProviderUnavailableException as problem when not (isNull problem.MissingLibrary) ->
            let places =
                String.concat " and " [ yield! problem.LookedIn; "the system's folders" ]

            $"{problem.MissingLibrary} is missing; it was looked for in {places}"
        | other -> other.Message.ReplaceLineEndings(" ").Trim().TrimEnd '.'

    /// Whether ONNX Runtime makes a session on a device, else its reason.
    let private trySession device : Result<unit, string> =
        try
            Ok(CudaProvider(DeviceId = device).Check())
        with
        | :? OrtException
        | :? DllNotFoundException
        | :? NotSupportedException as problem -> Error(reason problem)

    let private sessions = ConcurrentDictionary<int, Lazy<Result<unit, string>>>()

    /// The machine that this process runs on. CUDA is asked once a device: what it has failed at once it fails at again.
    let here: Machine = {
        Gpus = Gpus.here
        Session = fun device -> sessions.GetOrAdd(device, (fun device -> lazy trySession device)).Value
    }

    /// Why that many GPUs cannot be used, if so: too few are seen, or one of them makes no session.
    let private missing (machine: Machine) wanted =
        let gpus = machine.Gpus()

        // Even where too few are seen, what else is missing is worth knowing at once.
        let broken =
            Seq.init (max 1 (min wanted gpus.Usable.Length)) id
            |> Seq.tryPick (fun device ->
                match machine.Session device with
                | Ok() -> None
                | Error reason -> Some $"a session on GPU {device} is not possible: {reason}")

        let tooFew = gpus.Usable.Length < wanted

        match broken with
        | None when tooFew -> Some(gpus.Usable.Length, Gpus.describe gpus)
        | Some broken -> Some(gpus.Usable.Length, $"{Gpus.describe gpus}; {broken}")
        | None -> None

    /// Where the workers run, or how many GPUs were seen and what is wrong with them.
    let grant (machine: Machine) (resources: Resources) : Result<Grant, int * string> =
        match resources.Gpu with
        | None
        | Some 0 -> Ok Grant.Processor
        | Some wanted ->
            match missing machine wanted, resources.Fallback with
            | None, _ -> Ok(Grant.Devices wanted)
            | Some(_, reason), Some Cpu -> Ok(Grant.FallenBack reason)
            | Some missing, None -> Error missing

    /// Where the workers of a service run that `problems` finds nothing wrong with.
    let require (machine: Machine) (service: ServiceCard) : Grant =
        match grant machine service.Resources with
        | Ok grant -> grant
        | Error(_, reason) -> invalidOp $"\"{service.Name}\" is started without its GPUs: {reason}."

    /// The device of a worker: with n of them, worker i has device i mod n.
    let ofWorker (grant: Grant) (worker: WorkerPlace) =
        match grant with
        | Grant.Processor
        | Grant.FallenBack _ -> Device.Cpu
        | Grant.Devices count -> Device.Gpu(worker.Index % count)

    /// What stands in the way of starting a service on this machine's devices.
    let problems (machine: Machine) (hosted: Hosted) : Problem list =
        match grant machine hosted.Card.Resources with
        | Ok _ -> []
        | Error(seen, reason) -> [
            for given in hosted.Settings do
                if given.Setting.IsGpu then
                    MissingGpus(defaultArg hosted.Card.Resources.Gpu 0, seen, reason, given.Line)
          ]

    /// Says what a person would otherwise have to find out from the speed of the answers.
    let warn (log: Log) (service: ServiceCard) (grant: Grant) =
        match grant with
        | Grant.FallenBack reason ->
            log
            |> Log.warning
                $"\"{service.Name}\" falls back to the processor, `gpu {defaultArg service.Resources.Gpu 0}` not being possible here: {reason}. `bento doctor` tells more."
        | Grant.Processor
        | Grant.Devices _ -> ()
