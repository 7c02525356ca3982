namespace Bento.Lowering

open System
open System.Collections.Generic
open System.Threading.Tasks
open Bento

/// A function of the rows of a batch, as a delegate of either kind.
[<Sealed; NoComparison; NoEquality>]
type BatchFunction<'State, 'In, 'Out> private (handler: Handler<BatchContext<'State>, 'In[], 'Out[]>) =

    /// One that keeps its thread until it is done.
    new(handler: Func<BatchContext<'State>, 'In[], 'Out[]>) =
        BatchFunction<'State, 'In, 'Out>(Synchronous(fun context rows -> handler.Invoke(context, rows)))

    /// One that returns a task.
    new(handler: Func<BatchContext<'State>, 'In[], Task<'Out[]>>) =
        BatchFunction<'State, 'In, 'Out>(Asynchronous(fun context rows -> handler.Invoke(context, rows)))

    member internal _.Handler = handler

/// Makes the same description as the `service` block, for front ends in other languages: what they call takes delegates
/// and tasks, and no F# function, option or list. Nothing is judged before `Build`.
[<Sealed>]
type ServiceFront<'State>(name: string, file: string, line: int) =

    let settings = ResizeArray<GivenSetting>()
    let endpoints = ResizeArray<Placed<Endpoint<'State>>>()
    let mistakes = ResizeArray<Problem>()
    /// The member that each endpoint is, for messages.
    let members = Dictionary<string, string>()
    let deployment = ResizeArray<unit -> Task>()
    let startup = ResizeArray<'State -> Task>()
    let shutdown = ResizeArray<'State -> Task>()
    let ready = ResizeArray<'State -> Task<bool>>()
    let alive = ResizeArray<'State -> Task<bool>>()
    let mutable isAnyBroken = false

    let mutable make: Setup<unit> -> Task<'State> =
        fun _ -> invalidOp $"The service \"{name}\" has nothing that makes its state."

    let add line (method: EndpointMethod) (owner: string) (endpoint: Endpoint<'State>) =
        members.TryAdd(endpoint.Name, owner) |> ignore

        endpoints.Add {
            Part = Endpoint.ofMethod method endpoint
            Line = line
        }

    let capitalised (word: string) =
        string (Char.ToUpperInvariant word[0]) + word.Substring 1

    /// The same problem in the words of a class and its attributes.
    let reword problem =
        match problem with
        | CannotTravel(endpoint, direction, path, reason, line) when members.ContainsKey endpoint ->
            OfMember(members[endpoint], $"has an {direction} that cannot travel: {path} {reason}", line)
        | BadName("service", given, line) ->
            OfMember(
                $"the service name \"{given}\"",
                "is not usable; begin with a letter and use letters, digits, '-' and '_', as in [Service(\"summarization\")]",
                line
            )
        | BadValue(word, given, wanted, line) -> BadValue(capitalised word, given, wanted, line)
        | SameRoute(route, names, lines) ->
            let names = names |> List.map (fun name -> $"\"{name}\"") |> String.concat ", "

            OfMember(
                $"the route \"{route}\"",
                $"is that of {names}; give each its own, as in [Api(Route = \"/v1/x\")]",
                List.max lines
            )
        | NoEndpoint line -> OfMember(name, "has no endpoint; mark a public method with [Api]", line)
        | other -> other

    let draft () : Draft<'State> = {
        Settings = List.ofSeq settings
        Requirements = []
        Init = fun _ setup -> make setup
        OnDeployment = List.ofSeq deployment
        OnStartup = List.ofSeq startup
        OnShutdown = List.ofSeq shutdown
        OnReady = List.ofSeq ready
        OnAlive = List.ofSeq alive
        Endpoints = List.ofSeq endpoints
    }

    /// Says something about the service.
    member _.Set(setting: Setting, line: int) =
        settings.Add(Setting.given line setting)

    /// Says something about an endpoint.
    member _.SetOf(endpoint: string, setting: Setting, line: int) =
        settings.Add {
            Setting.given line setting with
                Endpoint = Some endpoint
        }

    /// Tells what is wrong with a part of the class, as in "`Model`" and "is given twice; keep one".
    member _.Mistake(part: string, mistake: string, line: int) =
        mistakes.Add(OfMember(part, mistake, line))

    /// The same of a part that would have been an endpoint.
    member _.BrokenEndpoint(part: string, mistake: string, line: int) =
        isAnyBroken <- true
        mistakes.Add(OfMember(part, mistake, line))

    /// Makes the state of one worker.
    member _.Init(init: Func<Setup<unit>, Task<'State>>) = make <- init.Invoke

    /// Runs once, before any worker starts.
    member _.OnDeployment(step: Func<Task>) = deployment.Add step.Invoke

    /// Runs in each worker when its state is made, before it is ready.
    member _.OnStartup(step: Func<'State, Task>) = startup.Add step.Invoke

    /// Runs in each worker when it stops.
    member _.OnShutdown(step: Func<'State, Task>) = shutdown.Add step.Invoke

    /// Asked of each worker by `/readyz`.
    member _.OnReady(check: Func<'State, Task<bool>>) = ready.Add check.Invoke

    /// Asked of each worker by `/livez`.
    member _.OnAlive(check: Func<'State, Task<bool>>) = alive.Add check.Invoke

    /// A request and its answer, by a method that keeps its thread until it is done.
    member _.Api<'In, 'Out>(name, line, owner, method, handler: Func<Context<'State>, 'In, 'Out>) =
        Endpoint.api name (Synchronous(fun context input -> handler.Invoke(context, input)))
        |> add line method owner

    /// A request and its answer, by a method that returns a task.
    member _.ApiAsync<'In, 'Out>(name, line, owner, method, handler: Func<Context<'State>, 'In, Task<'Out>>) =
        Endpoint.api name (Asynchronous(fun context input -> handler.Invoke(context, input)))
        |> add line method owner

    /// Work that is submitted now and fetched later.
    member _.Job<'In, 'Out>(name, line, owner, method, handler: Func<Context<'State>, 'In, Task<'Out>>) =
        Endpoint.job name (fun context input -> handler.Invoke(context, input))
        |> add line method owner

    /// A request answered by a sequence.
    member _.Stream<'In, 'Out>(name, line, owner, method, handler: Func<Context<'State>, 'In, IAsyncEnumerable<'Out>>) =
        Endpoint.stream name (fun context input -> handler.Invoke(context, input))
        |> add line method owner

    /// Messages both ways.
    member _.Socket<'In, 'Out>
        (name, line, owner, method, handler: Func<Context<'State>, IAsyncEnumerable<'In>, IAsyncEnumerable<'Out>>)
        =
        Endpoint.socket name (fun context messages -> handler.Invoke(context, messages))
        |> add line method owner

    /// Requests answered together, each of which brings one row, by a method that keeps its thread or one that returns a task.
    member _.Batched<'In, 'Out>(name, line, owner, method, handler: BatchFunction<'State, 'In, 'Out>) =
        BatchHandler.ofRows handler.Handler
        |> Endpoint.batched name
        |> add line method owner

    /// The same where `read` makes a row's answer of its result, or raises what the row's caller is told.
    member _.Batched<'In, 'Raw, 'Out>
        (name, line, owner, method, handler: BatchFunction<'State, 'In, 'Raw>, read: Func<'Raw, 'Out>)
        =
        BatchHandler.ofRows handler.Handler
        |> BatchHandler.map read.Invoke
        |> Endpoint.batched name
        |> add line method owner

    /// Requests answered together, each of which brings an array of rows.
    member _.BatchedRows<'In, 'Out>(name, line, owner, method, handler: BatchFunction<'State, 'In, 'Out>) =
        BatchHandler.ofSeveralRows None handler.Handler
        |> Endpoint.batched name
        |> add line method owner

    /// The same where `read` makes a row's answer of its result, or raises what the caller of all its rows is told.
    member _.BatchedRows<'In, 'Raw, 'Out>
        (name, line, owner, method, handler: BatchFunction<'State, 'In, 'Raw>, read: Func<'Raw, 'Out>)
        =
        BatchHandler.ofSeveralRows None handler.Handler
        |> BatchHandler.map (Array.map read.Invoke)
        |> Endpoint.batched name
        |> add line method owner

    /// Judges what was said, and gathers every problem beside the mistakes that were told.
    member _.Build() : Definition =
        let definition = Service.check file { Part = name; Line = line } (draft ())

        let judged =
            match definition.Checked with
            | Ok _ -> []
            | Error problems ->
                problems
                |> List.filter (fun problem -> not (problem.IsNoEndpoint && isAnyBroken))
                |> List.map reword

        match List.ofSeq mistakes @ judged with
        | [] -> definition
        | problems -> {
            definition with
                Checked = Error(problems |> List.sortBy Problem.line)
          }

/// What a front end may ask of types before it gives a method to a `ServiceFront`.
[<AbstractClass; Sealed>]
type MethodInputs private () =

    /// Whether a method's only parameter of this type is the input itself, its fields being the type's.
    static member IsInputItself(kind: Type) : bool = TypeKinds.isObject kind
