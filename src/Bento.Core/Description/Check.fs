namespace Bento

/// From drafts to services.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix); RequireQualifiedAccess>]
module Service =

    /// Judges a draft and gathers every problem, not only the first.
    let internal check (file: string) (binding: Placed<string>) (draft: Draft<'State>) : Definition<'State> =
        let endpoints = draft.Endpoints |> List.map (Cards.endpoint draft)

        let card =
            Cards.service binding.Part draft (endpoints |> List.choose Result.toOption)

        let nameLine = Setting.lineOfName draft.Settings |> Option.defaultValue binding.Line

        let problems = [
            yield! Rules.name "service" card.Name nameLine

            for placed in draft.Endpoints do
                yield! Rules.name "endpoint" placed.Part.Name placed.Line

            yield! draft.Settings |> List.collect Rules.setting
            yield! Rules.repeated draft.Settings
            yield! Rules.fallbackWithoutGpu draft.Settings
            yield! Rules.unknownEndpoints draft.Endpoints draft.Settings
            yield! Rules.batchWithoutBatched draft.Endpoints draft.Settings
            yield! Rules.warmups draft.Endpoints draft.Settings
            yield! Rules.sameNames draft.Endpoints
            yield! Rules.sameRoutes (Cards.route draft) draft.Endpoints
            yield! Rules.socketsOnSystemRoutes (Cards.route draft) draft.Endpoints

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
                    Error(problems |> List.sortBy Problem.line)
        }

    /// The checked service, or `InvalidServiceException` with every problem.
    let require (definition: Definition<'State>) : Service<'State> =
        match definition.Checked with
        | Ok service -> service
        | Error problems -> raise (InvalidServiceException.Of(definition, problems))

    /// The service with further settings, each in the place of its own of that word; a broken one stays as it is.
    let configure (settings: GivenSetting list) (definition: Definition<'State>) : Definition<'State> =
        let place (given: GivenSetting) =
            given.Endpoint, Setting.word given.Setting

        let replaced = settings |> List.map place

        match definition.Checked with
        | Error _ -> definition
        | Ok service ->
            let kept =
                service.Draft.Settings
                |> List.filter (fun given -> not (List.contains (place given) replaced))

            check definition.File { Part = definition.Name; Line = 0 } {
                service.Draft with
                    Settings = kept @ settings
            }

/// The same for definitions whose state type is hidden.
[<CompilationRepresentation(CompilationRepresentationFlags.ModuleSuffix); RequireQualifiedAccess>]
module Definition =

    /// The checked service, or `InvalidServiceException` with every problem.
    let require (definition: Definition) : Hosted =
        match definition.Checked with
        | Ok hosted -> hosted
        | Error problems -> raise (InvalidServiceException.Of(definition, problems))

    /// What is wrong with a setting by itself, by the rules that the `service` block is judged by.
    let judge (given: GivenSetting) : Problem list = Rules.setting given

    /// The service with further settings, each in the place of its own of that word; a broken one stays as it is.
    let configure (settings: GivenSetting list) (definition: Definition) : Definition =
        match definition.Checked with
        | Error _ -> definition
        | Ok hosted ->
            hosted.Accept
                {
                    new HostedVisitor<Definition> with
                        member _.Visit service =
                            Service.configure settings {
                                Name = definition.Name
                                File = definition.File
                                Checked = Ok service
                            }
                }
