namespace Bento

open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices

// The tiers of `socket`, from the last resort up; ServiceBuilderTiers.fs says why they are tiers.

/// Handlers of `socket` that do not fit anywhere else, refused with the way out.
[<AutoOpen>]
module ServiceBuilderSocketRefused =

    type ServiceBuilder with

        [<CompilerMessage("`socket` takes a name and a handler, as in: socket \"chat\" chat", 9011, IsError = true)>]
        [<CustomOperation "socket">]
        member _.Socket
            (
                _draft: Draft<'Phase, 'State>,
                _only: 'Any,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`socket` takes a name and a handler, as in: socket \"chat\" chat", 9011, IsError = true)>]
        [<CustomOperation "socket">]
        member _.Socket
            (
                _draft: Draft<'Phase, 'State>,
                _handler: 'In -> 'Out,
                _name: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("This handler does not fit. A socket's is IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out> or Context<'State> -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>, where 'State is what `init` makes; `Items.produce` makes such a sequence.",
                          9007,
                          IsError = true)>]
        [<CustomOperation "socket">]
        member _.Socket
            (
                _draft: Draft<'Phase, 'State>,
                _name: string,
                _handler: 'Other,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<Serving, 'State> =
            Unreachable.result ()

/// Handlers of `socket` without a context.
[<AutoOpen>]
module ServiceBuilderSocketPlain =

    type ServiceBuilder with

        /// Messages both ways, by a plain function.
        [<CustomOperation "socket">]
        member this.Socket
            (
                draft: Draft<'Phase, 'State>,
                name: string,
                handler: IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
            ) : Draft<Serving, 'State> =
            this.Socket(draft, name, (fun (_: Context<'State>) messages -> handler messages), line)
