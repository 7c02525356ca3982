namespace Bento

open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

// The tiers of `api`, from the last resort up; ServiceBuilderTiers.fs says why they are tiers.

/// Handlers of `api` that do not fit anywhere else, refused with the way out.
[<AutoOpen>]
module ServiceBuilderApiRefused =

    type ServiceBuilder with

        [<CompilerMessage("`api` takes a name and a handler, as in: api \"summarize\" summarize", 9011, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _only: 'Any,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`api` takes a name and a handler, as in: api \"summarize\" summarize", 9011, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _handler: 'In -> 'Out,
                _name: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("This handler does not fit. Wanted one of 'In -> 'Out, 'In -> Task<'Out>, Context<'State> -> 'In -> 'Out, Context<'State> -> 'In -> Task<'Out>, or `batched` and a function of 'In[], where 'State is what `init` makes and 'Out is data.",
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
            Unreachable.result ()

/// Handlers of `api` that return plain values.
[<AutoOpen>]
module ServiceBuilderApiPlain =

    type ServiceBuilder with

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

        /// Requests answered together, by a function of many at once.
        [<CustomOperation "api">]
        member _.Api
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: Batched<'State, 'In, 'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> = {
            Draft = Draft.withEndpoint line (Endpoint.batched name handler.Handler) draft.Draft
        }

/// Handlers of `api` that look right and are not, refused by name.
[<AutoOpen>]
module ServiceBuilderApiUnsupported =

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
            Unreachable.result ()

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
            Unreachable.result ()

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
            Unreachable.result ()

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
            Unreachable.result ()

        [<CompilerMessage("A handler returns a Task, not a ValueTask: end it with .AsTask().", 9006, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'In -> ValueTask<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("A handler returns a Task, not a ValueTask: end it with .AsTask().", 9006, IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: Context<'State> -> 'In -> ValueTask<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("A handler returns its answer: Task<'Out>, not a Task without a result. Write `task { }`.",
                          9006,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'In -> Task,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("A handler returns its answer: Task<'Out>, not a Task without a result. Write `task { }`.",
                          9006,
                          IsError = true)>]
        [<CustomOperation "api">]
        member _.Api
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: Context<'State> -> 'In -> Task,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()
