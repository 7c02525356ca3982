namespace Bento

open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

// Overloads that would be ambiguous side by side are not when some are extensions: the compiler prefers a builder's own
// members, then the extensions of the module opened last. So, from the last resort up: refusals that explain, plain
// results, refusals by name, and tasks on the builder itself. All the tiers of one operation are in one file, since the
// order in which modules of several files are opened is not theirs: here are those of the block itself, of `depends`,
// `init` and the hooks; each kind of endpoint has a file.

/// The compiler stops before any refusal could run.
module internal Unreachable =

    let result () : 'Any = invalidOp "unreachable"

/// What does not fit anywhere else, refused with the way out.
[<AutoOpen>]
module ServiceBuilderRefused =

    type ServiceBuilder with

        [<CompilerMessage("A service declares at least one `api`, `stream`, `job` or `socket`.", 9002, IsError = true)>]
        member _.Run
            (
                _block: Block,
                [<CallerMemberName; Optional; DefaultParameterValue "">] _binding: string,
                [<CallerFilePath; Optional; DefaultParameterValue "">] _file: string,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Definition<unit> =
            Unreachable.result ()

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Yield(_other: 'Other) : Draft<Declaring, unit> = Unreachable.result ()

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Bind(_other: 'Other, _rest: 'Other -> 'Rest) : 'Rest = Unreachable.result ()

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Bind(_step: Task, _rest: unit -> 'Rest) : 'Rest = Unreachable.result ()

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Return(_other: 'Other) : Draft<Declaring, unit> = Unreachable.result ()

        [<CompilerMessage("A service holds operations and blocks only. Write `let`, and anything else, before it.",
                          9009,
                          IsError = true)>]
        member _.Combine(_stray: Draft<'Phase, 'State>, _rest: 'Rest) : 'Rest = Unreachable.result ()

        [<CompilerMessage("A service holds no loop. Make the endpoints in a list with `Endpoint.api` and its like, and give it to `endpoints`.",
                          9010,
                          IsError = true)>]
        member _.For(_items: 'Item seq, _body: 'Item -> 'Any) : Draft<Declaring, unit> = Unreachable.result ()

        // -- dependencies, state and hooks -----------------------------------------------------------

        [<CompilerMessage("`depends` takes dependencies, each with the type it is called through, as in: depends (Dependency.on<Client> other)",
                          9012,
                          IsError = true)>]
        [<CustomOperation "depends">]
        member _.Depends
            (
                _draft: Draft<'Phase, 'State>,
                _on: 'Other,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<'Phase, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`init` takes a function from Setup<'Clients> to the state or a Task of it, where 'Clients are the clients of `depends`, or unit without it.",
                          9013,
                          IsError = true)>]
        [<CustomOperation "init">]
        member _.Init(_draft: Draft<Declaring, 'Clients>, _make: 'Other) : Draft<Initialised, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`onDeployment` takes a function, unit -> unit, unit -> Task or unit -> Task<unit>, as in: onDeployment (fun () -> task { … })",
                          9014,
                          IsError = true)>]
        [<CustomOperation "onDeployment">]
        member _.OnDeployment(_draft: Draft<'Phase, 'State>, _step: 'Other) : Draft<'Phase, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`onStartup` takes a function of what `init` makes, 'State -> unit, 'State -> Task or 'State -> Task<unit>.",
                          9014,
                          IsError = true)>]
        [<CustomOperation "onStartup">]
        member _.OnStartup(_draft: Draft<'Phase, 'State>, _step: 'Other) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`onShutdown` takes a function of what `init` makes, 'State -> unit, 'State -> Task or 'State -> Task<unit>.",
                          9014,
                          IsError = true)>]
        [<CustomOperation "onShutdown">]
        member _.OnShutdown(_draft: Draft<'Phase, 'State>, _step: 'Other) : Draft<Serving, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`onReady` takes a function of what `init` makes, 'State -> bool or 'State -> Task<bool>.",
                          9014,
                          IsError = true)>]
        [<CustomOperation "onReady">]
        member _.OnReady(_draft: Draft<'Phase, 'State>, _check: 'Other) : Draft<Serving, 'State> = Unreachable.result ()

        [<CompilerMessage("`onAlive` takes a function of what `init` makes, 'State -> bool or 'State -> Task<bool>.",
                          9014,
                          IsError = true)>]
        [<CustomOperation "onAlive">]
        member _.OnAlive(_draft: Draft<'Phase, 'State>, _check: 'Other) : Draft<Serving, 'State> = Unreachable.result ()

/// Hooks and `init` that return plain values, and hooks whose task has no result.
[<AutoOpen>]
module ServiceBuilderPlain =

    type ServiceBuilder with

        /// Makes the state of one worker, such as a loaded model.
        [<CustomOperation "init">]
        member this.Init(draft: Draft<Declaring, 'Clients>, make: Setup<'Clients> -> 'State) =
            this.Init(draft, (fun setup -> Task.FromResult(make setup)))

        /// Runs once, before any worker starts.
        [<CustomOperation "onDeployment">]
        member _.OnDeployment(draft: Draft<'Phase, 'State>, step: unit -> Task) : Draft<'Phase, 'State> = {
            Draft = Draft.onDeployment step draft.Draft
        }

        /// Runs once, before any worker starts.
        [<CustomOperation "onDeployment">]
        member this.OnDeployment(draft: Draft<'Phase, 'State>, step: unit -> unit) : Draft<'Phase, 'State> =
            this.OnDeployment(draft, (fun () -> Task.FromResult(step ())))

        /// Runs in each worker when its state is made, before it is ready.
        [<CustomOperation "onStartup">]
        member _.OnStartup(draft: Draft<'Phase, 'State>, step: 'State -> Task) : Draft<Serving, 'State> = {
            Draft = Draft.onStartup step draft.Draft
        }

        /// Runs in each worker when its state is made, before it is ready.
        [<CustomOperation "onStartup">]
        member this.OnStartup(draft: Draft<'Phase, 'State>, step: 'State -> unit) : Draft<Serving, 'State> =
            this.OnStartup(draft, (fun state -> Task.FromResult(step state)))

        /// Runs in each worker when it stops. A state that can be disposed is disposed afterwards in any case.
        [<CustomOperation "onShutdown">]
        member _.OnShutdown(draft: Draft<'Phase, 'State>, step: 'State -> Task) : Draft<Serving, 'State> = {
            Draft = Draft.onShutdown step draft.Draft
        }

        /// Runs in each worker when it stops. A state that can be disposed is disposed afterwards in any case.
        [<CustomOperation "onShutdown">]
        member this.OnShutdown(draft: Draft<'Phase, 'State>, step: 'State -> unit) : Draft<Serving, 'State> =
            this.OnShutdown(draft, (fun state -> Task.FromResult(step state)))

        /// Asked of each worker by `/readyz`: while it says false, the service is not ready.
        [<CustomOperation "onReady">]
        member this.OnReady(draft: Draft<'Phase, 'State>, check: 'State -> bool) : Draft<Serving, 'State> =
            this.OnReady(draft, (fun state -> Task.FromResult(check state)))

        /// Asked of each worker by `/livez`: where it says false, the process is to be started anew.
        [<CustomOperation "onAlive">]
        member this.OnAlive(draft: Draft<'Phase, 'State>, check: 'State -> bool) : Draft<Serving, 'State> =
            this.OnAlive(draft, (fun state -> Task.FromResult(check state)))

/// What looks right and is not, refused by name.
[<AutoOpen>]
module ServiceBuilderUnsupported =

    type ServiceBuilder with

        [<CompilerMessage("`init` returns the state or a Task of it, not an Async: write `task { }`.",
                          9006,
                          IsError = true)>]
        [<CustomOperation "init">]
        member _.Init
            (_draft: Draft<Declaring, 'Clients>, _make: Setup<'Clients> -> Async<'State>)
            : Draft<Initialised, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`init` returns the state or a Task of it, not a ValueTask: end it with .AsTask().",
                          9006,
                          IsError = true)>]
        [<CustomOperation "init">]
        member _.Init
            (_draft: Draft<Declaring, 'Clients>, _make: Setup<'Clients> -> ValueTask<'State>)
            : Draft<Initialised, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`depends` is written once, before `init` and the endpoints; it takes up to four services.",
                          9008,
                          IsError = true)>]
        [<CustomOperation "depends">]
        member _.Depends
            (
                _draft: Draft<'Phase, 'State>,
                _on: Dependency<'Client>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<'Phase, 'State> =
            Unreachable.result ()

        [<CompilerMessage("`depends` is written once, before `init` and the endpoints; it takes up to four services.",
                          9008,
                          IsError = true)>]
        [<CustomOperation "depends">]
        member _.Depends
            (
                _draft: Draft<'Phase, 'State>,
                _first: Dependency<'A>,
                _second: Dependency<'B>,
                _third: Dependency<'C>,
                _fourth: Dependency<'D>,
                _fifth: Dependency<'E>,
                [<CallerLineNumber; Optional; DefaultParameterValue 0>] _line: int
            ) : Draft<'Phase, 'State> =
            Unreachable.result ()
