namespace Bento

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.IO
open Bento.OnnxRuntime

/// ONNX models on the devices that Bento gives to workers.
[<RequireQualifiedAccess>]
module Onnx =

    /// What makes two models one: the same file, unchanged, on the same device, run in the same way.
    [<NoComparison>]
    type internal Key = {
        Path: string
        Written: DateTime
        Length: int64
        Device: Device
        /// As they were given: what Bento adds for the device is a new list each time, and equal only to itself.
        Options: SessionOptions
    }

    /// The sessions of one model that were given out. They do not keep a state alive that nobody disposed of.
    type private Sharers = List<WeakReference<InferenceSession>>

    let private models = Dictionary<Key, Sharers>()

    /// A session over the model of one that is still in use.
    let private shareOne (sharer: WeakReference<InferenceSession>) =
        match sharer.TryGetTarget() with
        | true, session ->
            try
                Some(session.Share())
            with :? ObjectDisposedException ->
                None
        | _ -> None

    /// Loads a model, or shares one that is loaded already. Where several workers start at once, the second waits.
    let private shared key (load: unit -> InferenceSession) =
        let sharers =
            lock models (fun () ->
                match models.TryGetValue key with
                | true, sharers -> sharers
                | _ ->
                    let sharers = Sharers()
                    models.Add(key, sharers)
                    sharers)

        lock sharers (fun () ->
            let session = sharers |> Seq.tryPick shareOne |> Option.defaultWith load
            sharers.Add(WeakReference<InferenceSession> session)
            session)

    let private onDevice (device: Device) (options: SessionOptions) =
        match device with
        | Device.Gpu index when options.Providers.IsEmpty ->
            options.On(ImmutableArray.Create<ExecutionProvider>(CudaProvider(DeviceId = index)))
        | Device.Gpu _
        | Device.Cpu -> options

    let internal keyOf (options: SessionOptions) (device: Device) (file: FileInfo) : Key = {
        Path = file.FullName
        Written = file.LastWriteTimeUtc
        Length = file.Length
        Device = device
        Options = options
    }

    /// Loads a model as the options say, on the worker's device unless they name providers of their own. Workers on one
    /// device that ask for the same file with equal options share its one copy in memory; each disposes of its own session.
    let loadWith (options: SessionOptions) (setup: Setup<'Clients>) (path: string) : InferenceSession =
        let file = FileInfo path

        if not file.Exists then
            let message = $"The model {file.FullName} does not exist."
            raise (FileNotFoundException(message, file.FullName))

        shared (keyOf options setup.Device file) (fun () ->
            InferenceSession.Load(file.FullName, onDevice setup.Device options))

    /// Loads a model on the worker's device. Workers on one device share its one copy in memory, and each disposes of
    /// its own session: the model goes with the last.
    let load (setup: Setup<'Clients>) (path: string) : InferenceSession = loadWith (SessionOptions()) setup path

    /// A model as a function from rows to rows, as the options say: what `batched` takes, for handlers that get one row at
    /// a time. It is made in `init`, and raises there when the model or the types of the rows do not allow it.
    let batchedWith (options: BatchingOptions) (session: InferenceSession) : 'In[] -> 'Out[] =
        let model = session.Batched<'In, 'Out> options
        fun rows -> model.Run rows

    /// A model as a function from rows to rows. Rows are arrays, memory, tensors or numbers where the model has one input
    /// or output, and records with such fields by its names where it has several; those of one shape run at once.
    let batched (session: InferenceSession) : 'In[] -> 'Out[] = batchedWith (BatchingOptions()) session

    /// The same as `batchedWith` for rows that callers choose: a row that does not fit the model is an `Error` with the
    /// reason, which is its own caller's 400, and the others run without it.
    let batchedResultsWith (options: BatchingOptions) (session: InferenceSession) : 'In[] -> Result<'Out, string>[] =
        let model = session.Batched<'In, 'Out> options

        fun rows ->
            let reasons = rows |> Array.map (model.Unfit >> Option.ofObj)

            if Array.forall Option.isNone reasons then
                model.Run rows |> Array.map Ok
            else
                let fitting = Array.zip rows reasons |> Array.filter (snd >> Option.isNone)
                let answers = Queue(model.Run(Array.map fst fitting))

                reasons
                |> Array.map (fun reason ->
                    match reason with
                    | None -> Ok(answers.Dequeue())
                    | Some reason -> Error reason)

    /// The same as `batched`, with an `Error` for each row that does not fit the model.
    let batchedResults (session: InferenceSession) : 'In[] -> Result<'Out, string>[] =
        batchedResultsWith (BatchingOptions()) session
