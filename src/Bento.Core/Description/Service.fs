namespace Bento

open System
open System.Collections.Generic
open System.IO
open System.Threading.Tasks

/// A part of a definition and the line it stands on.
[<NoComparison; NoEquality>]
type Placed<'Part> = { Part: 'Part; Line: int }

/// A service as written, nothing judged.
[<NoComparison; NoEquality>]
type Draft<'State> = {
    Settings: GivenSetting list
    Requirements: Requirement list
    Init: Resolver -> Setup<unit> -> Task<'State>
    OnDeployment: (unit -> Task) list
    OnStartup: ('State -> Task) list
    OnShutdown: ('State -> Task) list
    OnReady: ('State -> Task<bool>) list
    OnAlive: ('State -> Task<bool>) list
    Endpoints: Placed<Endpoint<'State>> list
}

/// A service that has been checked. Only `Service.check` makes one, so an interpreter need not check again.
and [<NoComparison; NoEquality>] Service<'State> = internal {
    ServiceCard: ServiceCard
    Draft: Draft<'State>
} with

    member this.Card = this.ServiceCard

    /// Makes the state of one worker from the clients of its dependencies.
    member this.Init = this.Draft.Init

    member this.OnStartup = this.Draft.OnStartup
    member this.OnShutdown = this.Draft.OnShutdown

    /// What must hold for a worker to be given requests.
    member this.OnReady = this.Draft.OnReady

    /// What must hold for the process to be left alone.
    member this.OnAlive = this.Draft.OnAlive

    /// Each endpoint beside its card.
    member this.Endpoints =
        List.zip this.ServiceCard.Endpoints (this.Draft.Endpoints |> List.map _.Part)

    interface Hosted with
        member this.Card = this.ServiceCard
        member this.Settings = this.Draft.Settings
        member this.Requirements = this.Draft.Requirements
        member this.OnDeployment = this.Draft.OnDeployment
        member this.Accept visitor = visitor.Visit this

/// A checked service whose state type is hidden until it is visited.
and [<Interface>] Hosted =
    abstract Card: ServiceCard
    /// Every setting as it was given, with its line.
    abstract Settings: GivenSetting list
    abstract Requirements: Requirement list
    abstract OnDeployment: (unit -> Task) list
    abstract Accept<'Result> : HostedVisitor<'Result> -> 'Result

/// What is done with a service, at its own state type.
and [<Interface>] HostedVisitor<'Result> =
    abstract Visit<'State> : Service<'State> -> 'Result

/// What the `service` block returns, its state type hidden: what a list of services holds.
and [<Interface>] Definition =
    abstract Name: string
    abstract File: string
    abstract Checked: Result<Hosted, Problem list>

/// Another service that this one calls, and the type it is called through.
and [<NoComparison; NoEquality>] Dependency<'Client> = {
    Service: string
    /// The callee, where its definition is at hand.
    Definition: Definition option
}

/// A dependency with its client's type closed.
and [<NoComparison; NoEquality>] Requirement = {
    Service: string
    Definition: Definition option
    Client: Type
    Line: int
}

/// Turns a declared dependency into a client. Each interpreter brings its own.
and [<Interface>] Resolver =
    abstract Resolve<'Client> : Dependency<'Client> -> 'Client

[<RequireQualifiedAccess>]
module Dependency =

    /// A service whose definition is at hand, called through `'Client`.
    let on<'Client> (callee: Definition) : Dependency<'Client> = {
        Service = callee.Name
        Definition = Some callee
    }

    /// A service known by its name only, such as one that runs elsewhere.
    let named<'Client> (service: string) : Dependency<'Client> = { Service = service; Definition = None }

    let internal requirement line (dependency: Dependency<'Client>) : Requirement = {
        Service = dependency.Service
        Definition = dependency.Definition
        Client = typeof<'Client>
        Line = line
    }

/// What the `service` block returns: a value, safe to make in a module's initialiser.
[<NoComparison; NoEquality>]
type Definition<'State> = {
    Name: string
    /// The source file, for messages.
    File: string
    Checked: Result<Service<'State>, Problem list>
} with

    interface Definition with
        member this.Name = this.Name
        member this.File = this.File
        member this.Checked = this.Checked |> Result.map (fun service -> service :> Hosted)

/// Raised where a definition with problems is used. Its message lists them all, as file(line): sentence. What has no
/// lines, such as a variable of the environment, stands in the place of the file.
[<Sealed>]
type InvalidServiceException internal (name: string, problems: (string * Problem) list) =
    inherit
        Exception(
            problems
            |> Problem.inOrder
            |> List.map (fun (file, problem) ->
                let line =
                    match Problem.line problem with
                    | 0 -> ""
                    | line -> $"({line})"

                $"\n  {Path.GetFileName file}{line}: {Problem.describe problem}")
            |> String.Concat
            |> fun lines -> $"The service \"{name}\" cannot be used:{lines}"
        )

    member internal _.Problems = Problem.inOrder problems

    /// What is wrong, each thing as a sentence, by file and line.
    member this.Messages: IReadOnlyList<string> =
        Problem.inOrder problems
        |> List.map (fun (_, problem) -> Problem.describe problem)
        |> Array.ofList
        :> IReadOnlyList<string>

    /// The problems of one definition, which are all in its file.
    static member internal Of(definition: Definition, problems: Problem list) =
        InvalidServiceException(definition.Name, problems |> List.map (fun problem -> definition.File, problem))

[<RequireQualifiedAccess>]
module InvalidServiceException =

    /// Each problem with the source file it is in, by file and line.
    let problems (raised: InvalidServiceException) : (string * Problem) list = raised.Problems
