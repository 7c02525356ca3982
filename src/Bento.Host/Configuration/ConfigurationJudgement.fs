namespace Bento

open System.IO

[<NoComparison; NoEquality>]
type internal Change =
    | OptionsChange of (ServeOptions -> ServeOptions)
    | SettingChange of GivenSetting

/// An entry that leads somewhere and says something that can be.
[<NoComparison; NoEquality>]
type internal Judged = {
    Place: Place
    Entry: ConfigurationEntry
    Change: Change
}

/// What entries do to a server's options and to definitions, or what is wrong with them.
[<RequireQualifiedAccess>]
module internal ConfigurationJudgement =

    let private shown (place: Place) (entry: ConfigurationEntry) =
        if place.Key.IsSecret then "(secret)"
        elif entry.Text = "" then "\"\""
        else ConfigurationText.shorten entry.Text

    let private bad (place: Place) (entry: ConfigurationEntry) wanted =
        ConfigurationEntry.problem entry.Source (fun line ->
            BadValue(ConfigurationPlaces.path place.Words, shown place entry, wanted, line))

    let private text (place: Place) (entry: ConfigurationEntry) =
        match entry.Source with
        | ValueSource.File(file, _) when place.Key.IsPath && entry.Text <> "" ->
            Path.Combine(string (Path.GetDirectoryName file), entry.Text)
        | _ -> entry.Text

    let private setting (place: Place) entry (read: string -> Result<Setting, string>) =
        match read (text place entry) with
        | Error wanted -> Error [ bad place entry wanted ]
        | Ok setting ->
            // Its line is none of the definition's file.
            let given = {
                Setting.given 0 setting with
                    Endpoint = place.Endpoint
            }

            match Definition.judge given with
            | [] -> Ok(SettingChange given)
            | problems ->
                Error [
                    for problem in problems do
                        match problem with
                        | BadValue(_, _, wanted, _) -> bad place entry wanted
                        | other -> ConfigurationEntry.problem entry.Source (fun _ -> other)
                ]

    /// Whether an entry can be where it leads.
    let judgeAt (place: Place) (entry: ConfigurationEntry) : Result<Judged, (string * Problem) list> =
        match place.Key.Kind with
        | OfServer(read, _) ->
            read (text place entry)
            |> Result.map OptionsChange
            |> Result.mapError (fun wanted -> [ bad place entry wanted ])
        | OfService(read, _)
        | OfEndpoint(read, _) -> setting place entry read
        | Awaited ->
            Error [
                ConfigurationEntry.problem entry.Source (fun line ->
                    NotHosted($"`{ConfigurationPlaces.path place.Words}`", line))
            ]
        |> Result.map (fun change -> {
            Place = place
            Entry = entry
            Change = change
        })

    /// Where an entry leads and what it does there; a block that says nothing does nothing.
    let judge places entry : Result<Judged list, (string * Problem) list> =
        match ConfigurationPlaces.find places entry with
        | Error problem -> Error [ problem ]
        | Ok None -> Ok []
        | Ok(Some place) -> judgeAt place entry |> Result.map List.singleton

    /// Of a definition with problems nothing is known but its name, so that what is said about it cannot be judged.
    let isJudgeable (definitions: Definition list) (entry: ConfigurationEntry) =
        match entry.Key with
        | _ :: name :: _ ->
            definitions
            |> List.exists (fun definition ->
                definition.Checked.IsError && Folding.fold definition.Name = Folding.fold name)
            |> not
        | _ -> true

    /// Of entries with one key, the last; in the order of the last.
    let winners (judged: Judged list) =
        judged |> List.rev |> List.distinctBy _.Place.Words |> List.rev

    let private ofDefinition (definition: Definition) (judged: Judged) =
        match judged.Place.Definition with
        | Some other -> obj.ReferenceEquals(definition, other)
        | None -> false

    /// The definition with the settings that are said about it.
    let configure (winners: Judged list) (definition: Definition) =
        let settings =
            winners
            |> List.filter (ofDefinition definition)
            |> List.choose (fun judged ->
                match judged.Change with
                | SettingChange given -> Some given
                | OptionsChange _ -> None)

        if settings.IsEmpty then
            definition
        else
            Definition.configure settings definition

    /// What is wrong with settings beside each other, told where the configuration gives them.
    let together winners (definition: Definition) (configured: Definition) : (string * Problem) list =
        match definition.Checked, configured.Checked with
        | Ok _, Error problems -> [
            for problem in problems do
                match problem with
                | BadValue(word, _, wanted, _) ->
                    match
                        winners
                        |> List.tryFind (fun judged ->
                            ofDefinition definition judged && List.last judged.Place.Words = word)
                    with
                    | Some judged -> bad judged.Place judged.Entry wanted
                    | None -> definition.File, problem
                | other -> definition.File, other
          ]
        | _ -> []

    /// A key that is given without the certificate that it belongs to.
    let missingCertificate (options: ServeOptions) (winners: Judged list) =
        match options.Tls with
        | Some { Certificate = "" } ->
            winners
            |> List.filter (fun judged -> List.contains "tls" judged.Place.Words)
            |> List.truncate 1
            |> List.map (fun judged ->
                ConfigurationEntry.problem judged.Entry.Source (fun line ->
                    Misconfigured(
                        $"`{ConfigurationPlaces.path judged.Place.Words}` is given without `server.tls.certificate`; give both",
                        line
                    )))
        | _ -> []
