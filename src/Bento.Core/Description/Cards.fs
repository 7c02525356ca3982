namespace Bento

open System.Threading.Tasks

/// From what was written to cards. Settings that break a rule are left out here and reported by the rule.
[<RequireQualifiedAccess>]
module internal Cards =

    let private memory (amount: Amount) =
        Memory.parse amount.Text |> Result.toOption

    let private settingsOf endpoint (draft: Draft<'State>) =
        draft.Settings
        |> List.filter (fun given -> given.Endpoint = endpoint)
        |> List.map _.Setting

    // -- endpoints -----------------------------------------------------------------------------------

    /// Where an endpoint is posted to: what its block says, else its name.
    let route (draft: Draft<'State>) (endpoint: string) =
        settingsOf (Some endpoint) draft
        |> List.tryPick (fun setting ->
            match setting with
            | Setting.Route route -> Some route
            | _ -> None)
        |> Option.defaultValue ("/" + endpoint)

    /// What the service says of all its types.
    let private rules (draft: Draft<'State>) : WireRules =
        (WireRules.defaults, settingsOf None draft)
        ||> List.fold (fun rules setting ->
            match setting with
            | Setting.Naming naming -> { rules with Naming = naming }
            | Setting.Strict -> { rules with Strict = true }
            | Setting.Codec codec -> {
                rules with
                    Codecs = rules.Codecs @ [ codec ]
              }
            | _ -> rules)

    let private travelling
        (codec: Result<Codec, Shapeless list>)
        direction
        placement
        (endpoint: Endpoint<'State>)
        line
        kind
        : Result<Travelling, Problem list> =
        codec
        |> Result.bind (fun codec ->
            match placement codec.Shape with
            | [] -> Ok { Type = kind; Codec = codec }
            | faults -> Error faults)
        |> Result.mapError (
            List.map (fun fault -> CannotTravel(endpoint.Name, direction, fault.Path, fault.Reason, line))
        )

    /// What inference leaves where nothing says the type of a lambda's parameter.
    let private isUnknown kind =
        kind = typeof<obj> || kind = typeof<Task<obj>>

    let private input rules (endpoint: Endpoint<'State>) line =
        if isUnknown endpoint.Input then
            Error [ UntypedInput(endpoint.Name, line) ]
        else
            let placement =
                match endpoint.Kind with
                | EndpointKind.Socket -> ContentPlacement.ofMessage "input"
                | EndpointKind.Api
                | EndpointKind.Stream
                | EndpointKind.Job -> ContentPlacement.ofInput

            let codec =
                match endpoint.Method with
                | Some method when method.AreFields -> Codecs.ofParameters rules "input" method.Inputs
                | Some { Inputs = [ input ] } -> Codecs.ofParameter rules "input" endpoint.Input input
                | _ -> Codecs.ofType rules "input" endpoint.Input

            travelling codec "input" placement endpoint line endpoint.Input

    /// An output that is not known because the input is not would be the same problem again.
    let private output rules (endpoint: Endpoint<'State>) line =
        if isUnknown endpoint.Input && isUnknown endpoint.Output then
            Error []
        else
            let placement =
                match endpoint.Kind with
                | EndpointKind.Socket -> ContentPlacement.ofMessage "output"
                | EndpointKind.Stream -> ContentPlacement.ofItem
                | EndpointKind.Api
                | EndpointKind.Job -> ContentPlacement.ofOutput

            let codec =
                match endpoint.Method with
                | Some method -> Codecs.ofReturned rules "output" endpoint.Output method.Depth method.Method
                | None -> Codecs.ofType rules "output" endpoint.Output

            travelling codec "output" placement endpoint line endpoint.Output

    let private types rules endpoint line =
        match input rules endpoint line, output rules endpoint line with
        | Ok input, Ok output -> Ok(input, output)
        | Error first, Error second -> Error(first @ second)
        | Error problems, Ok _
        | Ok _, Error problems -> Error problems

    let private noBatchSettings = {
        MaxBatch = None
        MaxDelay = None
        InFlight = None
        Retry = None
    }

    let private batch change (card: EndpointCard) = {
        card with
            Batch = Option.map change card.Batch
    }

    let private applyToEndpoint (card: EndpointCard) setting =
        match setting with
        | Setting.Timeout span -> { card with Timeout = Some span }
        | Setting.BodyLimit amount -> { card with BodyLimit = memory amount }
        | Setting.MaxBatch rows -> card |> batch (fun batch -> { batch with MaxBatch = Some rows })
        | Setting.MaxDelay span -> card |> batch (fun batch -> { batch with MaxDelay = Some span })
        | Setting.InFlight count -> card |> batch (fun batch -> { batch with InFlight = Some count })
        | Setting.Retry retry -> card |> batch (fun batch -> { batch with Retry = Some retry })
        | _ -> card

    let endpoint (draft: Draft<'State>) (placed: Placed<Endpoint<'State>>) : Result<EndpointCard, Problem list> =
        let endpoint = placed.Part

        types (rules draft) endpoint placed.Line
        |> Result.map (fun (input, output) ->
            let card = {
                Name = endpoint.Name
                Kind = endpoint.Kind
                Synchronous = endpoint.Synchronous
                Input = input
                Output = output
                Route = route draft endpoint.Name
                Timeout = None
                BodyLimit = None
                Batch = if endpoint.IsBatched then Some noBatchSettings else None
                Method = endpoint.Method
                Line = placed.Line
            }

            settingsOf (Some endpoint.Name) draft |> List.fold applyToEndpoint card)

    // -- services ------------------------------------------------------------------------------------

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
                ServiceCard.Resources.Cpu = Cores.parse amount.Text |> Result.toOption
          }
        | Setting.Memory amount -> {
            card with
                ServiceCard.Resources.Memory = memory amount
          }
        | Setting.Gpu amount -> {
            card with
                ServiceCard.Resources.Gpu = Rules.gpus amount |> Result.toOption
          }
        | Setting.Fallback fallback -> {
            card with
                ServiceCard.Resources.Fallback = Some fallback
          }
        | Setting.Workers count -> { card with Workers = count }
        | Setting.Threads count -> { card with Threads = Some count }
        | Setting.Concurrency limit -> {
            card with
                ServiceCard.Traffic.Concurrency = Some limit
          }
        | Setting.Queue limit -> {
            card with
                ServiceCard.Traffic.Queue = Some limit
          }
        | Setting.Timeout span -> {
            card with
                ServiceCard.Traffic.Timeout = Some span
          }
        | Setting.Idle span -> {
            card with
                ServiceCard.Traffic.Idle = Some span
          }
        | Setting.Heartbeat span -> {
            card with
                ServiceCard.Traffic.Heartbeat = Some span
          }
        | Setting.BodyLimit amount -> {
            card with
                ServiceCard.Traffic.BodyLimit = memory amount
          }
        | Setting.Model tag -> {
            card with
                Models = card.Models @ [ tag ]
          }
        | Setting.Naming _
        | Setting.Strict
        | Setting.Codec _
        | Setting.Route _
        | Setting.MaxBatch _
        | Setting.MaxDelay _
        | Setting.InFlight _
        | Setting.Retry _
        | Setting.Warmup _
        | Setting.Block _ -> card

    let service binding (draft: Draft<'State>) endpoints : ServiceCard =
        let card = {
            Name = binding
            Description = None
            Version = None
            Labels = []
            Resources = {
                Cpu = None
                Memory = None
                Gpu = None
                Fallback = None
            }
            Traffic = {
                Concurrency = None
                Queue = None
                Timeout = None
                Idle = None
                Heartbeat = None
                BodyLimit = None
            }
            Workers = Defaults.workers
            Threads = None
            Dependencies = draft.Requirements |> List.map _.Service
            Models = []
            Endpoints = endpoints
        }

        settingsOf None draft |> List.fold applyToService card
