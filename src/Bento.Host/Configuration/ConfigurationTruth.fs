namespace Bento

/// One key of the merged truth.
type ConfigurationValue = {
    /// The words of the key with dots between them, as in "server.port".
    Key: string
    /// The value as a file would give it, or nothing where there is none; a secret is never shown.
    Value: string option
    /// What gave the value.
    Source: ValueSource
}

/// From what was said and by whom to what holds.
[<RequireQualifiedAccess>]
module internal ConfigurationTruth =

    let private ownSource (definition: Definition) (hosted: Hosted) (place: Place) =
        let word = List.last place.Words

        hosted.Settings
        |> List.tryFind (fun given -> given.Endpoint = place.Endpoint && Setting.word given.Setting = word)
        |> Option.map (fun given -> ValueSource.Definition(definition.File, given.Line))
        |> Option.defaultValue ValueSource.Default

    /// Every key with its value after the configuration. Each definition comes as it was and as it is.
    let values (places: Place list) (winners: Judged list) (definitions: (Definition * Definition) list) options =
        let given (place: Place) =
            winners
            |> List.tryFind (fun judged -> judged.Place.Words = place.Words)
            |> Option.map _.Entry.Source

        /// The card after the configuration, and where the definition says things itself.
        let service (place: Place) =
            definitions
            |> List.tryPick (fun (before, after) ->
                match place.Definition, before.Checked, after.Checked with
                | Some own, Ok hosted, Ok configured when obj.ReferenceEquals(own, before) ->
                    Some(configured.Card, ownSource before hosted)
                | _ -> None)

        let ofService place show =
            service place
            |> Option.map (fun (card, source) -> show card, given place |> Option.defaultWith (fun () -> source place))

        let rec value (place: Place) : (string option * ValueSource) option =
            match place.Key.Kind with
            | Awaited -> None
            | OfServer(_, show) -> Some(show options, given place |> Option.defaultValue ValueSource.Default)
            | OfService(_, show) -> ofService place show
            | OfEndpoint(_, show) ->
                let own =
                    ofService place (fun card ->
                        card.Endpoints
                        |> List.find (fun endpoint -> Some endpoint.Name = place.Endpoint)
                        |> show)

                match own with
                | Some(None, _) ->
                    // What an endpoint does not say, its service does, if it is a matter of services too.
                    let words = List.take 2 place.Words @ [ "traffic"; List.last place.Words ]
                    places |> List.tryFind (fun other -> other.Words = words) |> Option.bind value
                | own -> own

        places
        |> List.choose (fun place ->
            value place
            |> Option.map (fun (value, source) -> {
                Key = ConfigurationPlaces.path place.Words
                Value =
                    if place.Key.IsSecret then
                        value
                        |> Option.orElse (given place |> Option.map string)
                        |> Option.map (fun _ -> "(secret)")
                    else
                        value
                Source = source
            }))
