namespace Bento

open System.Collections.Generic
open System.Runtime.CompilerServices
open System.Runtime.InteropServices
open System.Threading.Tasks

/// Nothing that uses the state has been written yet: `depends` and `init` may still come.
type Declaring = class end

/// `init` has been written.
type Initialised = class end

/// Something that uses the state has been written, so the state can no longer change.
type Serving = class end

/// A service in the making. `'Phase` is only there to have the compiler check the order.
[<NoComparison; NoEquality>]
type Draft<'Phase, 'State> = internal { Draft: Draft<'State> }

/// `service { }`. The handlers that need no task and the refusals that explain are in the files that follow.
[<Sealed>]
type ServiceBuilder internal () =

    // -- blocks, which stand before the first operation or after the last ----------------------------

    member _.Yield(()) : Draft<Declaring, unit> = { Draft = Draft.empty }
    member _.Yield(block: Block) : Block = block
    member _.Zero() : Block = { Settings = [] }
    member _.Delay(rest: unit -> 'T) : 'T = rest ()

    member _.Combine(first: Block, second: Block) : Block = {
        Settings = first.Settings @ second.Settings
    }

    member _.Combine(block: Block, draft: Draft<'Phase, 'State>) : Draft<'Phase, 'State> = {
        Draft = {
            draft.Draft with
                Settings = block.Settings @ draft.Draft.Settings
        }
    }

    member _.For(draft: Draft<'Phase, 'State>, rest: unit -> Block) : Draft<'Phase, 'State> = {
        Draft = Draft.withSettings (rest ()).Settings draft.Draft
    }

    [<CompilerMessage("Nothing stands between operations: write `let` before the service, and `resources { }`, `traffic { }` and `endpoint \"x\" { }` before the first operation or after the last.",
                      9001,
                      IsError = true)>]
    member _.For(draft: Draft<'Phase, 'State>, _rest: unit -> Draft<'Other, 'Any>) : Draft<'Phase, 'State> = draft

    member _.Run
        (
            draft: Draft<'Phase, 'State>,
            [<CallerMemberName; Optional; DefaultParameterValue "">] binding: string,
            [<CallerFilePath; Optional; DefaultParameterValue "">] file: string,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Definition<'State> =
        Service.check file { Part = binding; Line = line } draft.Draft

    // -- settings ------------------------------------------------------------------------------------

    member private _.Set(draft: Draft<'Phase, 'State>, line, setting) : Draft<'Phase, 'State> = {
        Draft = Draft.withSettings [ Setting.given line setting ] draft.Draft
    }

    /// The service's name; without it, the name it is bound to.
    [<CustomOperation "name">]
    member this.Name
        (draft: Draft<'Phase, 'State>, name: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Name name)

    /// What the service does, for people.
    [<CustomOperation "description">]
    member this.Description
        (draft: Draft<'Phase, 'State>, text: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Description text)

    /// The service's own version.
    [<CustomOperation "version">]
    member this.Version
        (draft: Draft<'Phase, 'State>, text: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Version text)

    /// Words about the service for other tools, as in labels [ "team", "search" ].
    [<CustomOperation "labels">]
    member _.Labels
        (
            draft: Draft<'Phase, 'State>,
            labels: (string * string) list,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<'Phase, 'State> = {
        Draft = Draft.withSettings (labels |> List.map (Setting.Label >> Setting.given line)) draft.Draft
    }

    /// How many workers run the service, each with a state of its own.
    [<CustomOperation "workers">]
    member this.Workers
        (draft: Draft<'Phase, 'State>, count: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Workers count)

    /// How many synchronous handlers run at once on one worker.
    [<CustomOperation "threads">]
    member this.Threads
        (draft: Draft<'Phase, 'State>, count: int, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Threads count)

    /// A model of the model store, as in "iris:latest"; its folder is in `Setup.Models`.
    [<CustomOperation "model">]
    member this.Model
        (draft: Draft<'Phase, 'State>, tag: string, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Model tag)

    // -- the wire ------------------------------------------------------------------------------------

    /// How fields are named on the wire: `Camel`, which holds without it, or `Snake`. Both are read.
    [<CustomOperation "naming">]
    member this.Naming
        (draft: Draft<'Phase, 'State>, naming: Naming, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int) =
        this.Set(draft, line, Setting.Naming naming)

    /// Refuses bodies with fields that their types do not have.
    [<CustomOperation "strict">]
    member this.Strict
        (draft: Draft<'Phase, 'State>, [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int)
        =
        this.Set(draft, line, Setting.Strict)

    /// Reads and writes a type by functions of one's own, wherever it stands: codec (Codec.ofStrings decode encode).
    [<CustomOperation "codec">]
    member this.Codec
        (
            draft: Draft<'Phase, 'State>,
            codec: Codec<'T>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) =
        this.Set(draft, line, Setting.Codec codec)

    // -- dependencies and state ----------------------------------------------------------------------

    member private _.Require
        (draft: Draft<Declaring, unit>, requirements: Requirement list, clients: Resolver -> 'Clients)
        : Draft<Declaring, 'Clients> =
        let draft = {
            draft.Draft with
                Requirements = requirements
        }

        {
            Draft = Draft.withInit (fun resolver _ -> Task.FromResult(clients resolver)) draft
        }

    /// Declares another service; its client is in `Setup.Clients`.
    [<CustomOperation "depends">]
    member this.Depends
        (
            draft: Draft<Declaring, unit>,
            on: Dependency<'Client>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Declaring, 'Client> =
        this.Require(draft, [ Dependency.requirement line on ], fun resolver -> resolver.Resolve on)

    /// Declares two other services; their clients are in `Setup.Clients`.
    [<CustomOperation "depends">]
    member this.Depends
        (
            draft: Draft<Declaring, unit>,
            first: Dependency<'A>,
            second: Dependency<'B>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Declaring, 'A * 'B> =
        this.Require(
            draft,
            [ Dependency.requirement line first; Dependency.requirement line second ],
            fun resolver -> resolver.Resolve first, resolver.Resolve second
        )

    /// Declares three other services; their clients are in `Setup.Clients`.
    [<CustomOperation "depends">]
    member this.Depends
        (
            draft: Draft<Declaring, unit>,
            first: Dependency<'A>,
            second: Dependency<'B>,
            third: Dependency<'C>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Declaring, 'A * 'B * 'C> =
        this.Require(
            draft,
            [
                Dependency.requirement line first
                Dependency.requirement line second
                Dependency.requirement line third
            ],
            fun resolver -> resolver.Resolve first, resolver.Resolve second, resolver.Resolve third
        )

    /// Declares four other services; their clients are in `Setup.Clients`.
    [<CustomOperation "depends">]
    member this.Depends
        (
            draft: Draft<Declaring, unit>,
            first: Dependency<'A>,
            second: Dependency<'B>,
            third: Dependency<'C>,
            fourth: Dependency<'D>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Declaring, 'A * 'B * 'C * 'D> =
        this.Require(
            draft,
            [
                Dependency.requirement line first
                Dependency.requirement line second
                Dependency.requirement line third
                Dependency.requirement line fourth
            ],
            fun resolver ->
                resolver.Resolve first, resolver.Resolve second, resolver.Resolve third, resolver.Resolve fourth
        )

    /// Makes the state of one worker, such as a loaded model.
    [<CustomOperation "init">]
    member _.Init
        (draft: Draft<Declaring, 'Clients>, make: Setup<'Clients> -> Task<'State>)
        : Draft<Initialised, 'State> =
        let init resolver (setup: Setup<unit>) : Task<'State> = task {
            let! clients = draft.Draft.Init resolver setup
            return! make (Setup.withClients clients setup)
        }

        {
            Draft = Draft.withInit init draft.Draft
        }

    [<CompilerMessage("`init` is written once in a service.", 9003, IsError = true)>]
    [<CustomOperation "init">]
    member _.Init(draft: Draft<Initialised, 'State>, _make: 'Any -> 'Other) : Draft<Initialised, 'State> = draft

    [<CompilerMessage("`init` comes before the first `api`, `stream`, `job`, `socket` or hook of a worker, such as `onStartup`: they use what it makes.",
                      9004,
                      IsError = true)>]
    [<CustomOperation "init">]
    member _.Init(draft: Draft<Serving, 'State>, _make: 'Any -> 'Other) : Draft<Serving, 'State> = draft

    // -- hooks ---------------------------------------------------------------------------------------

    /// Runs once, before any worker starts.
    [<CustomOperation "onDeployment">]
    member _.OnDeployment(draft: Draft<'Phase, 'State>, step: unit -> Task<unit>) : Draft<'Phase, 'State> = {
        Draft = Draft.onDeployment (fun () -> step () :> Task) draft.Draft
    }

    /// Runs in each worker when its state is made, before it is ready.
    [<CustomOperation "onStartup">]
    member _.OnStartup(draft: Draft<'Phase, 'State>, step: 'State -> Task<unit>) : Draft<Serving, 'State> = {
        Draft = Draft.onStartup (fun state -> step state :> Task) draft.Draft
    }

    /// Runs in each worker when it stops. A state that can be disposed is disposed afterwards in any case.
    [<CustomOperation "onShutdown">]
    member _.OnShutdown(draft: Draft<'Phase, 'State>, step: 'State -> Task<unit>) : Draft<Serving, 'State> = {
        Draft = Draft.onShutdown (fun state -> step state :> Task) draft.Draft
    }

    /// Asked of each worker by `/readyz`: while it says false, the service is not ready.
    [<CustomOperation "onReady">]
    member _.OnReady(draft: Draft<'Phase, 'State>, check: 'State -> Task<bool>) : Draft<Serving, 'State> = {
        Draft = Draft.onReady check draft.Draft
    }

    /// Asked of each worker by `/livez`: where it says false, the process is to be started anew.
    [<CustomOperation "onAlive">]
    member _.OnAlive(draft: Draft<'Phase, 'State>, check: 'State -> Task<bool>) : Draft<Serving, 'State> = {
        Draft = Draft.onAlive check draft.Draft
    }

    // -- endpoints -----------------------------------------------------------------------------------

    /// Several endpoints made elsewhere, with `Endpoint.api`, `Endpoint.batched`, `Endpoint.stream`, `Endpoint.job` or `Endpoint.socket`.
    [<CustomOperation "endpoints">]
    member _.Endpoints
        (
            draft: Draft<'Phase, 'State>,
            several: Endpoint<'State> seq,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft =
            several
            |> Seq.fold (fun draft endpoint -> Draft.withEndpoint line endpoint draft) draft.Draft
    }

    /// A request and its answer, by a handler that uses the context and returns a task.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Context<'State> -> 'In -> Task<'Out>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft = Draft.withEndpoint line (Endpoint.api name (Asynchronous handler)) draft.Draft
    }

    /// A request and its answer, by a function that returns a task.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: 'In -> Task<'Out>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft = Draft.withEndpoint line (Endpoint.api name (Asynchronous(fun _ input -> handler input))) draft.Draft
    }

    /// Requests answered together, a row's own failure with status 400 and its message.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Batched<'State, 'In, Result<'Out, string>>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft =
            Draft.withEndpoint
                line
                (Endpoint.batched name (Batched.results Batched.refusal handler).Handler)
                draft.Draft
    }

    /// Requests answered together, a row's own failure as it says.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Batched<'State, 'In, Result<'Out, BentoException>>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft =
            Draft.withEndpoint
                line
                (Endpoint.batched name (Batched.results (fun failure -> failure :> exn) handler).Handler)
                draft.Draft
    }

    /// Requests of several rows answered together, a row's own failure with status 400 and its message.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Batched<'State, 'In, Result<'Out, string>[]>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft =
            Draft.withEndpoint
                line
                (Endpoint.batched name (Batched.severalResults Batched.refusal handler).Handler)
                draft.Draft
    }

    /// Requests of several rows answered together, a row's own failure as it says.
    [<CustomOperation "api">]
    member _.Api
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Batched<'State, 'In, Result<'Out, BentoException>[]>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft =
            Draft.withEndpoint
                line
                (Endpoint.batched name (Batched.severalResults (fun failure -> failure :> exn) handler).Handler)
                draft.Draft
    }

    /// A request answered by a sequence, by a handler that uses the context.
    [<CustomOperation "stream">]
    member _.Stream
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Context<'State> -> 'In -> IAsyncEnumerable<'Out>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft = Draft.withEndpoint line (Endpoint.stream name handler) draft.Draft
    }

    /// Work that is submitted now and fetched later, by a handler that uses the context.
    [<CustomOperation "job">]
    member _.Job
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Context<'State> -> 'In -> Task<'Out>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft = Draft.withEndpoint line (Endpoint.job name handler) draft.Draft
    }

    /// Messages both ways, by a handler that uses the context.
    [<CustomOperation "socket">]
    member _.Socket
        (
            draft: Draft<'Phase, 'State>,
            name: string,
            handler: Context<'State> -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>,
            [<CallerLineNumber; Optional; DefaultParameterValue 0>] line: int
        ) : Draft<Serving, 'State> = {
        Draft = Draft.withEndpoint line (Endpoint.socket name handler) draft.Draft
    }
