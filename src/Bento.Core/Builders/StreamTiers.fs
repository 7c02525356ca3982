namespace Bento

open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

// The tiers of `stream`, from the last resort up; ServiceBuilderTiers.fs says why they are tiers.

/// Handlers of `stream` that do not fit anywhere else, refused with the way out.
[<AutoOpen>]
module ServiceBuilderStreamRefused =

    type ServiceBuilder with

        [<CompilerMessage("`stream` takes a name and a handler, as in: stream \"generate\" generate",
                          9011,
                          IsError = true)>]
        [<CustomOperation "stream">]
        member _.Stream
            (
                _draft: Draft<'Phase, 'State>,
                _only: 'Any,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`stream` takes a name and a handler, as in: stream \"generate\" generate",
                          9011,
                          IsError = true)>]
        [<CustomOperation "stream">]
        member _.Stream
            (
                _draft: Draft<'Phase, 'State>,
                _handler: 'In -> 'Out,
                _name: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("This handler does not fit. A stream's is 'In -> IAsyncEnumerable<'Out> or Context<'State> -> 'In -> IAsyncEnumerable<'Out>, where 'State is what `init` makes; `Items.produce` makes such a sequence.",
                          9007,
                          IsError = true)>]
        [<CustomOperation "stream">]
        member _.Stream
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'Other,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

/// Handlers of `stream` without a context.
[<AutoOpen>]
module ServiceBuilderStreamPlain =

    type ServiceBuilder with

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
