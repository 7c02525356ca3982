namespace Bento

open System
open System.Threading.Tasks

[<RequireQualifiedAccess>]
module internal Draft =

    let empty: Draft<unit> = {
        Settings = []
        Requirements = []
        Init = fun _ _ -> Task.FromResult(())
        OnDeployment = []
        OnStartup = []
        OnShutdown = []
        Endpoints = []
    }

    let withSettings settings (draft: Draft<'State>) = {
        draft with
            Settings = draft.Settings @ settings
    }

    /// The same service around another state; what used the old one is not there yet.
    let withInit init (draft: Draft<'Before>) : Draft<'State> = {
        Settings = draft.Settings
        Requirements = draft.Requirements
        Init = init
        OnDeployment = draft.OnDeployment
        OnStartup = []
        OnShutdown = []
        Endpoints = []
    }

    let onDeployment step (draft: Draft<'State>) = {
        draft with
            OnDeployment = draft.OnDeployment @ [ step ]
    }

    let onStartup step (draft: Draft<'State>) = {
        draft with
            OnStartup = draft.OnStartup @ [ step ]
    }

    let onShutdown step (draft: Draft<'State>) = {
        draft with
            OnShutdown = draft.OnShutdown @ [ step ]
    }

    let withEndpoint line endpoint (draft: Draft<'State>) = {
        draft with
            Endpoints = draft.Endpoints @ [ { Part = endpoint; Line = line } ]
    }

/// The rules that one setting, one name or one endpoint must keep.
module private Rules =

    let name what (name: string) line = [
        let usable =
            name <> ""
            && Char.IsAsciiLetter name[0]
            && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '-' || c = '_')

        if not usable then
            BadName(what, name, line)
    ]

    let private atLeast least what number =
        if number >= least then Ok() else Error $"{what} or more"

    let private aboveZero (span: TimeSpan) =
        if span > TimeSpan.Zero then
            Ok()
        else
            Error "a span above zero, as in (seconds 10)"

    let gpus (amount: Amount) =
        match Int32.TryParse amount.Text with
        | true, count when count >= 0 -> Ok count
        | _ -> Error "a whole number of GPUs, zero or more"

    let private route (route: string) =
        let plain =
            route |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || "/-_.~".Contains c)

        if route.StartsWith '/' && route.Length > 1 && plain && not (route.Contains "//") then
            Ok()
        else
            Error
                "a path that begins with '/' and has letters, digits, '-', '_', '.', '~' and '/', as in \"/v1/summarize\""

    let setting (given: GivenSetting) = [
        let shown, verdict =
            match given.Setting with
            | Setting.Cpu amount -> string amount, Cores.parse amount.Text |> Result.map ignore
            | Setting.Memory amount
            | Setting.BodyLimit amount -> string amount, Memory.parse amount.Text |> Result.map ignore
            | Setting.Gpu amount -> string amount, gpus amount |> Result.map ignore
            | Setting.Workers count
            | Setting.Threads count
            | Setting.Concurrency count -> string count, atLeast 1 "one" count
            | Setting.Queue count -> string count, atLeast 0 "zero" count
            | Setting.Timeout span
            | Setting.Idle span -> $"({span})", aboveZero span
            | Setting.Route text -> $"\"{text}\"", route text
            | Setting.Name _
            | Setting.Description _
            | Setting.Version _
            | Setting.Label _
            | Setting.Model _
            | Setting.Block _ -> "", Ok()

        match verdict with
        | Ok() -> ()
        | Error wanted -> BadValue(Setting.word given.Setting, shown, wanted, given.Line)
    ]

/// From drafts to services.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix); RequireQualifiedAccess>]
module Service =

    let private travelling direction name line (kind: Type) =
        match Shape.ofType direction kind with
        | Ok shape -> Ok { Type = kind; Shape = shape }
        | Error faults ->
            Error [
                for fault in faults -> CannotTravel(name, direction, fault.Path, fault.Reason, line)
            ]

    let private asWritten (placed: Placed<Endpoint<'State>>) : Result<EndpointCard, Problem list> =
        let endpoint, line = placed.Part, placed.Line
        let input = travelling "input" endpoint.Name line endpoint.Input
        let output = travelling "output" endpoint.Name line endpoint.Output

        match input, output with
        | _ when endpoint.Input = typeof<obj> -> Error [ UntypedInput(endpoint.Name, line) ]
        | Ok input, Ok output ->
            Ok {
                Name = endpoint.Name
                Kind = endpoint.Kind
                Synchronous = endpoint.Synchronous
                Input = input
                Output = output
                Route = "/" + endpoint.Name
                Timeout = None
                BodyLimit = None
                Line = line
            }
        | Error first, Error second -> Error(first @ second)
        | Error problems, Ok _
        | Ok _, Error problems -> Error problems

    let private memory (amount: Amount) =
        Memory.parse amount.Text |> Result.toOption

    let private applyToEndpoint (card: EndpointCard) setting =
        match setting with
        | Setting.Route route -> { card with Route = route }
        | Setting.Timeout span -> { card with Timeout = Some span }
        | Setting.BodyLimit amount -> { card with BodyLimit = memory amount }
        | _ -> card

    let private applyToService (card: ServiceCard) setting =
        match setting with
        | Setting.Name name -> { card with Name = name }
        | Setting.Description text -> { card with Description = Some text }
        | Setting.Version text -> { card with Version = Some text }
        | Setting.Label(key, value) -> {
            card with
                Labels = card.Labels @ [ key, value ]
          }
        | Setting.Cpu amount -> {
            card with
                Resources = {
                    card.Resources with
                        Cpu = Cores.parse amount.Text |> Result.toOption
                }
          }
        | Setting.Memory amount -> {
            card with
                Resources = {
                    card.Resources with
                        Memory = memory amount
                }
          }
        | Setting.Gpu amount -> {
            card with
                Resources = {
                    card.Resources with
                        Gpu = Rules.gpus amount |> Result.toOption
                }
          }
        | Setting.Workers count -> { card with Workers = count }
        | Setting.Threads count -> { card with Threads = Some count }
        | Setting.Concurrency limit -> {
            card with
                Traffic = {
                    card.Traffic with
                        Concurrency = Some limit
                }
          }
        | Setting.Queue limit -> {
            card with
                Traffic = { card.Traffic with Queue = Some limit }
          }
        | Setting.Timeout span -> {
            card with
                Traffic = {
                    card.Traffic with
                        Timeout = Some span
                }
          }
        | Setting.Idle span -> {
            card with
                Traffic = { card.Traffic with Idle = Some span }
          }
        | Setting.BodyLimit amount -> {
            card with
                Traffic = {
                    card.Traffic with
                        BodyLimit = memory amount
                }
          }
        | Setting.Model tag -> {
            card with
                Models = card.Models @ [ tag ]
          }
        | Setting.Route _
        | Setting.Block _ -> card

    let private unnamed: ServiceCard = {
        Name = ""
        Description = None
        Version = None
        Labels = []
        Resources = {
            Cpu = None
            Memory = None
            Gpu = None
        }
        Traffic = {
            Concurrency = None
            Queue = None
            Timeout = None
            Idle = None
            BodyLimit = None
        }
        Workers = Defaults.workers
        Threads = None
        Dependencies = []
        Models = []
        Endpoints = []
    }

    let private settingsOf endpoint (draft: Draft<'State>) =
        draft.Settings
        |> List.filter (fun given -> given.Endpoint = endpoint)
        |> List.map _.Setting

    let private endpointCard (draft: Draft<'State>) placed =
        asWritten placed
        |> Result.map (fun card -> settingsOf (Some card.Name) draft |> List.fold applyToEndpoint card)

    let private serviceCard binding (draft: Draft<'State>) endpoints =
        let card = {
            unnamed with
                Name = binding
                Dependencies = draft.Requirements |> List.map _.Service
                Endpoints = endpoints
        }

        settingsOf None draft |> List.fold applyToService card

    let private repeated (settings: GivenSetting list) = [
        for (_, word), same in
            settings
            |> List.groupBy (fun given -> given.Endpoint, Setting.word given.Setting) do
            if same.Length > 1 then
                Repeated(word, same |> List.map _.Line)
    ]

    let private unknownEndpoints known (settings: GivenSetting list) = [
        for given in settings do
            match given.Endpoint, given.Setting with
            | Some name, Setting.Block _ when not (List.contains name known) -> UnknownEndpoint(name, known, given.Line)
            | _ -> ()
    ]

    let private sameNames (endpoints: Placed<Endpoint<'State>> list) = [
        for name, same in endpoints |> List.groupBy _.Part.Name do
            if same.Length > 1 then
                SameName(name, same |> List.map _.Line)
    ]

    let private sameRoutes (cards: EndpointCard list) = [
        for route, same in cards |> List.distinctBy _.Name |> List.groupBy _.Route do
            if same.Length > 1 then
                SameRoute(route, same |> List.map _.Name, same |> List.map _.Line)
    ]

    /// Judges a draft and gathers every problem, not only the first.
    let internal check (file: string) (binding: Placed<string>) (draft: Draft<'State>) : Definition<'State> =
        let endpoints = draft.Endpoints |> List.map (endpointCard draft)
        let cards = endpoints |> List.choose Result.toOption
        let card = serviceCard binding.Part draft cards

        let problems = [
            yield! repeated draft.Settings
            yield! draft.Settings |> List.collect Rules.setting
            yield! Rules.name "service" card.Name binding.Line

            for placed in draft.Endpoints do
                yield! Rules.name "endpoint" placed.Part.Name placed.Line

            yield! sameNames draft.Endpoints
            yield! sameRoutes cards
            yield! unknownEndpoints (draft.Endpoints |> List.map _.Part.Name) draft.Settings

            for endpoint in endpoints do
                match endpoint with
                | Ok _ -> ()
                | Error problems -> yield! problems

            if draft.Endpoints.IsEmpty then
                NoEndpoint binding.Line
        ]

        {
            Name = card.Name
            File = file
            Checked =
                if problems.IsEmpty then
                    Ok { ServiceCard = card; Draft = draft }
                else
                    Error problems
        }

    /// The checked service, or `InvalidServiceException` with every problem.
    let require (definition: Definition<'State>) : Service<'State> =
        match definition.Checked with
        | Ok service -> service
        | Error problems ->
            raise (
                InvalidServiceException(definition.Name, problems |> List.map (fun problem -> definition.File, problem))
            )

/// The same for definitions whose state type is hidden.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix); RequireQualifiedAccess>]
module Definition =

    /// The checked service, or `InvalidServiceException` with every problem.
    let require (definition: Definition) : Hosted =
        match definition.Checked with
        | Ok hosted -> hosted
        | Error problems ->
            raise (InvalidServiceException(definition.Name, problems |> List.map (fun problem -> definition.File, problem)))
