namespace Bento

open System
open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

// Overloads that would be ambiguous side by side are not when some are extensions: the compiler prefers a builder's own
// members, then the extensions of the module opened last. So, from the last resort up: refusals that explain, plain
// results, result types that are refused by name, and tasks on the builder itself.

[<AutoOpen>]
module ServiceBuilderRefused =

    type ServiceBuilder with

        [<CompilerMessage("A service declares at least one `api`, `stream` or `job`.", 9002, IsError = true)>]
        member _.Run
            (
                _block: Block,
                [<CallerMemberName; Optional; DefaultParameterValue "">] _binding: string,
                [<CallerFilePath; Optional; DefaultParameterValue "">] _file: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Definition<unit> =
            invalidOp "unreachable"

        [<CompilerMessage("`depends` is written once, before `init` and the endpoints; it takes up to four services.",
                          9008,
                          IsError = true)>]
        [<CustomOperation "depends">]
        member _.Depends
            (
                draft: Draft<'Phase, 'State>,
                _on: Dependency<'Client>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<'Phase, 'State> =
            draft

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Yield(_other: 'Other) : Draft<Declaring, unit> = invalidOp "unreachable"

        [<CompilerMessage("A service holds no loop. Make the endpoints in a list with `Endpoint.api` and its like, and give it to `endpoints`.",
                          9010,
                          IsError = true)>]
        member _.For(_items: 'Item seq, _body: 'Item -> 'Any) : Draft<Declaring, unit> = invalidOp "unreachable"

        [<CompilerMessage("`api` takes a name and a handler, as in: api \"summarize\" summarize", 9011, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _only: 'Any,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("This handler does not fit. Wanted one of 'In -> 'Out, 'In -> Task<'Out>, Context<'State> -> 'In -> 'Out, Context<'State> -> 'In -> Task<'Out>, where 'State is what `init` makes and 'Out is data.",
                          9007,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'Other,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

[<AutoOpen>]
module ServiceBuilderPlain =

    type ServiceBuilder with

        /// Makes the state of one worker, such as a loaded model.
        [<CustomOperation "init">]
        member this.Init(draft: Draft<Declaring, 'Clients>, make: Setup<'Clients> -> 'State) =
            this.Init(draft, (fun setup -> Task.FromResult(make setup)))

        /// Runs once, before any worker starts.
        [<CustomOperation "onDeployment">]
        member this.OnDeployment(draft: Draft<'Phase, 'State>, step: unit -> unit) : Draft<'Phase, 'State> =
            this.OnDeployment(draft, (fun () -> Task.FromResult(step ())))

        /// Runs in each worker when its state is made, before it is ready.
        [<CustomOperation "onStartup">]
        member this.OnStartup(draft: Draft<'Phase, 'State>, step: 'State -> unit) : Draft<Serving, 'State> =
            this.OnStartup(draft, (fun state -> Task.FromResult(step state)))

        /// Runs in each worker when it stops. A state that can be disposed is disposed afterwards in any case.
        [<CustomOperation "onShutdown">]
        member this.OnShutdown(draft: Draft<'Phase, 'State>, step: 'State -> unit) : Draft<Serving, 'State> =
            this.OnShutdown(draft, (fun state -> Task.FromResult(step state)))

        /// A request and its answer, by a plain function.
        [<CustomOperation "api">]
        member _.Api
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: 'In -> 'Out when 'Out: equality,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> = {
            Draft = Draft.withEndpoint line (Endpoint.api name (Synchronous(fun _ input -> handler input))) draft.Draft
        }

        /// A request and its answer, by a function of the context that needs no task.
        [<CustomOperation "api">]
        member _.Api
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: Context<'State> -> 'In -> 'Out when 'Out: equality,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> = {
            Draft = Draft.withEndpoint line (Endpoint.api name (Synchronous handler)) draft.Draft
        }

        /// A request answered by a sequence, by a plain function.
        [<CustomOperation "stream">]
        member this.Stream
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: 'In -> IAsyncEnumerable<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> =
            this.Stream(draft, name, (fun (_: Context<'State>) input -> handler input), line)

        /// Work that is submitted now and fetched later, by a plain function.
        [<CustomOperation "job">]
        member this.Job
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: 'In -> Task<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> =
            this.Job(draft, name, (fun (_: Context<'State>) input -> handler input), line)

[<AutoOpen>]
module ServiceBuilderUnsupported =

    type ServiceBuilder with

        [<CompilerMessage("A handler that returns IAsyncEnumerable is a stream: write `stream` in place of `api`.",
                          9005,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'In -> IAsyncEnumerable<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("A handler that returns IAsyncEnumerable is a stream: write `stream` in place of `api`.",
                          9005,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: Context<'State> -> 'In -> IAsyncEnumerable<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("A handler returns a Task, not an Async: write `task { }`, or end it with Async.StartAsTask.",
                          9006,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'In -> Async<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("A handler returns a Task, not an Async: write `task { }`, or end it with Async.StartAsTask.",
                          9006,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: Context<'State> -> 'In -> Async<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("A handler returns a Task, not a ValueTask: end it with .AsTask().", 9006, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'In -> ValueTask<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

        [<CompilerMessage("A handler returns a Task, not a ValueTask: end it with .AsTask().", 9006, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: Context<'State> -> 'In -> ValueTask<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            invalidOp "unreachable"

/// The words a definition begins with.
[<AutoOpen>]
module Builders =

    /// A service.
    let service = ServiceBuilder()

    /// What a worker needs of its machine.
    let resources = ResourcesBuilder()

    /// What a service takes of its callers.
    let traffic = TrafficBuilder()

    /// The settings of the endpoint of that name.
    let endpoint (name: string) = EndpointBuilder name
