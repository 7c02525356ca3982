namespace Bento

open System

/// A key with the names of a service and an endpoint in it.
[<NoComparison; NoEquality>]
type internal Place = {
    Key: Key
    Words: string list
    Definition: Definition option
    Endpoint: string option
}

/// From the words of an entry to the place that it means.
[<RequireQualifiedAccess>]
module internal ConfigurationPlaces =

    /// A key as it is written in one piece.
    let path (words: string list) = String.Join('.', words)

    let private placesOf (definition: Definition) (hosted: Hosted) = [
        let place (endpoint: string option) (key: Key) = {
            Key = key
            Words =
                key.Words
                |> List.map (fun word ->
                    if word = ConfigurationKeys.service then
                        definition.Name
                    elif word = ConfigurationKeys.endpoint then
                        Option.defaultValue word endpoint
                    else
                        word)
            Definition = Some definition
            Endpoint = endpoint
        }

        for key in ConfigurationKeys.all do
            match key.Kind with
            | OfService _
            | Awaited -> place None key
            | OfServer _
            | OfEndpoint _ -> ()

        for endpoint in hosted.Card.Endpoints do
            for key in ConfigurationKeys.all do
                match key.Kind with
                | OfEndpoint _ -> place (Some endpoint.Name) key
                | OfServer _
                | OfService _
                | Awaited -> ()
    ]

    /// All that can be said about these services and their server.
    let all (definitions: Definition list) = [
        for key in ConfigurationKeys.all do
            match key.Kind with
            | OfServer _ -> {
                Key = key
                Words = key.Words
                Definition = None
                Endpoint = None
              }
            | OfService _
            | OfEndpoint _
            | Awaited -> ()

        for definition in definitions do
            match definition.Checked with
            | Ok hosted -> yield! placesOf definition hosted
            | Error _ -> ()
    ]

    /// The place that an entry means; none for a block that is there and says nothing.
    let find (places: Place list) (entry: ConfigurationEntry) : Result<Place option, string * Problem> =
        let wrong problem =
            Error(ConfigurationEntry.problem entry.Source problem)

        let rec walk (walked: string list) (candidates: (string list * Place) list) words =
            let names = candidates |> List.choose (fst >> List.tryHead) |> List.distinct

            match words, names with
            | [], [] -> Ok(Some(snd candidates.Head))
            | [], _ when entry.Text = "" -> Ok None
            | [], _ ->
                let names = String.concat ", " names
                wrong (fun line -> Misconfigured($"`{path walked}` takes no value but keys: {names}", line))
            | _, [] -> wrong (fun line -> Misconfigured($"`{path walked}` takes a value and no keys", line))
            | word :: rest, _ ->
                match Folding.find names word with
                | None -> wrong (fun line -> UnknownKey(walked @ [ word ], names, line))
                | Some name ->
                    let below =
                        candidates
                        |> List.choose (fun (words, place) ->
                            match words with
                            | head :: below when head = name -> Some(below, place)
                            | _ -> None)

                    walk (walked @ [ name ]) below rest

        walk [] (places |> List.map (fun place -> place.Words, place)) entry.Key
