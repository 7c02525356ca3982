namespace Bento

open System
open System.Collections.Generic
open System.Reflection
open System.Threading
open System.Threading.Tasks

/// Where a model runs.
[<RequireQualifiedAccess>]
type Device =
    | Cpu
    | Gpu of index: int

/// What takes the place of GPUs that a machine does not have.
type Fallback =
    /// The processor: slower, and the same answers.
    | Cpu

/// What `init` is given to make the state of one worker.
[<NoComparison; NoEquality>]
type Setup<'Clients> = {
    /// The clients of the services that `depends` names, in that order; unit where there are none.
    Clients: 'Clients
    /// The folder of each model that `model` names, by the tag written there.
    Models: IReadOnlyDictionary<string, string>
    Device: Device
    Worker: WorkerPlace
    /// What the application that hosts the service holds for its parts; nothing where there is no application.
    Application: IServiceProvider
    /// Fires when the start is given up.
    Cancellation: CancellationToken
    Log: Log
}

[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix); RequireQualifiedAccess>]
module Setup =

    /// What holds nothing.
    let noApplication: IServiceProvider = {
        new IServiceProvider with
            member _.GetService _ = null
    }

    /// The same setup with clients in it.
    let withClients (clients: 'Clients) (setup: Setup<unit>) : Setup<'Clients> = {
        Clients = clients
        Models = setup.Models
        Device = setup.Device
        Worker = setup.Worker
        Application = setup.Application
        Cancellation = setup.Cancellation
        Log = setup.Log
    }

/// What a caller may do with an endpoint: ask and be answered, read a stream, submit work and fetch it later, or talk
/// with it over a socket.
[<RequireQualifiedAccess>]
type EndpointKind =
    | Api
    | Stream
    | Job
    | Socket

/// What an interpreter does with each kind of endpoint, at the endpoint's own types.
[<Interface>]
type EndpointVisitor<'State, 'Result> =
    abstract Api<'In, 'Out> : Handler<Context<'State>, 'In, 'Out> -> 'Result
    /// An `api` whose requests are answered together.
    abstract Batched<'In, 'Out> : BatchHandler<BatchContext<'State>, 'In, 'Out> -> 'Result
    abstract Stream<'In, 'Out> : (Context<'State> -> 'In -> IAsyncEnumerable<'Out>) -> 'Result
    abstract Job<'In, 'Out> : (Context<'State> -> 'In -> Task<'Out>) -> 'Result
    abstract Socket<'In, 'Out> : (Context<'State> -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>) -> 'Result

/// A method that is an endpoint's handler, and says of its types what they do not say themselves.
[<NoComparison>]
type EndpointMethod = {
    Method: MethodInfo
    /// The parameters that travel; the others are filled in.
    Inputs: ParameterInfo list
    /// Whether these are the fields of the input, which is then `Arguments`; otherwise there is at most one, the input itself.
    AreFields: bool
    /// How many types down in what the method returns the type is that travels, by their first arguments: one in `Task<T>` and `T[]`.
    Depth: int
} with

    /// From what other languages have.
    static member Of(method: MethodInfo, inputs: ParameterInfo seq, areFields: bool, depth: int) = {
        Method = method
        Inputs = List.ofSeq inputs
        AreFields = areFields
        Depth = depth
    }

/// An endpoint as written, its input and output types hidden until it is visited. Those of a socket are its messages'.
[<Interface>]
type Endpoint<'State> =
    abstract Name: string
    abstract Kind: EndpointKind
    abstract Synchronous: bool
    abstract IsBatched: bool
    /// The method that is the handler, where its types are not all that there is to say.
    abstract Method: EndpointMethod option
    abstract Input: Type
    abstract Output: Type
    abstract Accept<'Result> : EndpointVisitor<'State, 'Result> -> 'Result

/// A type that travels, and what reads and writes it.
[<NoComparison>]
type Travelling = {
    Type: Type
    Codec: Codec
} with

    /// What the type looks like on the wire.
    member this.Shape = this.Codec.Shape

/// How requests to an endpoint share batches. A setting that was not given is `None`.
type BatchCard = {
    /// The most rows of one batch.
    MaxBatch: int option
    /// How long the first row of a batch may wait for company while a batch could run.
    MaxDelay: TimeSpan option
    /// The most batches that run at once on one worker.
    InFlight: int option
    /// Whether a batch that raises is halved until the guilty are found; without it, all of its requests fail.
    Retry: bool option
}

/// All of an endpoint but its behaviour. A setting that was not given is `None`.
[<NoComparison>]
type EndpointCard = {
    Name: string
    Kind: EndpointKind
    /// Whether the handler keeps a thread while it runs.
    Synchronous: bool
    Input: Travelling
    Output: Travelling
    Route: string
    Timeout: TimeSpan option
    BodyLimit: Memory option
    /// Of an `api` whose requests are answered together.
    Batch: BatchCard option
    /// The method that is the handler, where one was given.
    Method: EndpointMethod option
    Line: int
}

/// What a worker needs of its machine.
type Resources = {
    Cpu: Cores option
    Memory: Memory option
    Gpu: int option
    /// What to run on where the GPUs are missing; without it a start without them is refused.
    Fallback: Fallback option
}

/// What a service takes of its callers.
type Traffic = {
    Concurrency: int option
    Queue: int option
    Timeout: TimeSpan option
    Idle: TimeSpan option
    Heartbeat: TimeSpan option
    BodyLimit: Memory option
}

/// All of a service but its behaviour: comparable, printable, and enough for documents and manifests.
[<NoComparison>]
type ServiceCard = {
    Name: string
    Description: string option
    Version: string option
    Labels: (string * string) list
    Resources: Resources
    Traffic: Traffic
    Workers: int
    Threads: int option
    Dependencies: string list
    Models: string list
    Endpoints: EndpointCard list
}

/// What holds where a service says nothing.
[<RequireQualifiedAccess>]
module Defaults =

    /// Workers of a service.
    let workers = 1

    /// Requests admitted and not yet ended.
    let concurrency = 1_000

    /// Requests that wait for admission.
    let queue = 0

    /// From the arrival of a request to its answer.
    let timeout = TimeSpan.FromSeconds 60.

    /// Between two items of a stream or messages of a socket.
    let idle = TimeSpan.FromSeconds 60.

    /// Of silence in a stream of events, before a comment breaks it.
    let heartbeat = TimeSpan.FromSeconds 15.

    /// The largest body of a request: 64 MiB.
    let bodyLimit = Bytes(64L <<< 20)

    /// Rows of one batch.
    let maxBatch = 64

    /// How long a row waits for company while a batch could run.
    let maxDelay = TimeSpan.Zero

    /// Whether a batch that raises is halved until the guilty are found.
    let retry = true

/// Endpoints made one by one, for the `endpoints` operation; inside a service, write `api`, `stream`, `job` and `socket`.
[<RequireQualifiedAccess>]
module Endpoint =

    /// A request and its answer, by a synchronous or asynchronous handler.
    let api (name: string) (handler: Handler<Context<'State>, 'In, 'Out>) : Endpoint<'State> =
        let synchronous = Handler.isSynchronous handler

        {
            new Endpoint<'State> with
                member _.Name = name
                member _.Kind = EndpointKind.Api
                member _.Synchronous = synchronous
                member _.IsBatched = false
                member _.Method = None
                member _.Input = typeof<'In>
                member _.Output = typeof<'Out>
                member _.Accept visitor = visitor.Api handler
        }

    /// A request and its answer, by a handler of many at once.
    let batched (name: string) (handler: BatchHandler<BatchContext<'State>, 'In, 'Out>) : Endpoint<'State> = {
        new Endpoint<'State> with
            member _.Name = name
            member _.Kind = EndpointKind.Api
            member _.Synchronous = handler.Synchronous
            member _.IsBatched = true
            member _.Method = None
            member _.Input = typeof<'In>
            member _.Output = typeof<'Out>
            member _.Accept visitor = visitor.Batched handler
    }

    /// A request answered by a sequence.
    let stream (name: string) (handler: Context<'State> -> 'In -> IAsyncEnumerable<'Out>) : Endpoint<'State> = {
        new Endpoint<'State> with
            member _.Name = name
            member _.Kind = EndpointKind.Stream
            member _.Synchronous = false
            member _.IsBatched = false
            member _.Method = None
            member _.Input = typeof<'In>
            member _.Output = typeof<'Out>
            member _.Accept visitor = visitor.Stream handler
    }

    /// Work that is submitted now and fetched later.
    let job (name: string) (handler: Context<'State> -> 'In -> Task<'Out>) : Endpoint<'State> = {
        new Endpoint<'State> with
            member _.Name = name
            member _.Kind = EndpointKind.Job
            member _.Synchronous = false
            member _.IsBatched = false
            member _.Method = None
            member _.Input = typeof<'In>
            member _.Output = typeof<'Out>
            member _.Accept visitor = visitor.Job handler
    }

    /// Messages both ways for as long as both sides like: what the caller sends, and what it is sent.
    let socket
        (name: string)
        (handler: Context<'State> -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>)
        : Endpoint<'State> = {
        new Endpoint<'State> with
            member _.Name = name
            member _.Kind = EndpointKind.Socket
            member _.Synchronous = false
            member _.IsBatched = false
            member _.Method = None
            member _.Input = typeof<'In>
            member _.Output = typeof<'Out>
            member _.Accept visitor = visitor.Socket handler
    }

    /// The same endpoint with the method that its handler calls.
    let internal ofMethod (method: EndpointMethod) (endpoint: Endpoint<'State>) : Endpoint<'State> = {
        new Endpoint<'State> with
            member _.Name = endpoint.Name
            member _.Kind = endpoint.Kind
            member _.Synchronous = endpoint.Synchronous
            member _.IsBatched = endpoint.IsBatched
            member _.Method = Some method
            member _.Input = endpoint.Input
            member _.Output = endpoint.Output
            member _.Accept visitor = endpoint.Accept visitor
    }
