namespace Bento

open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

// The tiers of `job`, from the last resort up; ServiceBuilderTiers.fs says why they are tiers.

/// Handlers of `job` that do not fit anywhere else, refused with the way out.
[<AutoOpen>]
module ServiceBuilderJobRefused =

    type ServiceBuilder with

        [<CompilerMessage("`job` takes a name and a handler, as in: job \"train\" train", 9011, IsError = true)>]
        [<CustomOperation "job">]
        member _.Job
            (
                _draft: Draft<'Phase, 'State>,
                _only: 'Any,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`job` takes a name and a handler, as in: job \"train\" train", 9011, IsError = true)>]
        [<CustomOperation "job">]
        member _.Job
            (
                _draft: Draft<'Phase, 'State>,
                _handler: 'In -> 'Out,
                _name: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("This handler does not fit. A job's is 'In -> Task<'Out> or Context<'State> -> 'In -> Task<'Out>, where 'State is what `init` makes.",
                          9007,
                          IsError = true)>]
        [<CustomOperation "job">]
        member _.Job
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'Other,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

/// Handlers of `job` without a context.
[<AutoOpen>]
module ServiceBuilderJobPlain =

    type ServiceBuilder with

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
