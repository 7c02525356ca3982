namespace Bento

/// What this version describes but cannot host yet. Each line goes when its feature comes.
[<RequireQualifiedAccess>]
module internal Support =

    let private setting (given: GivenSetting) =
        let what =
            match given.Setting, given.Endpoint with
            | Setting.Model tag, _ -> Some $"`model \"{tag}\"`"
            | _ -> None

        what |> Option.map (fun what -> NotHosted(what, given.Line))

    let private endpoint (card: EndpointCard) =
        match card.Kind with
        | EndpointKind.Api
        | EndpointKind.Stream
        | EndpointKind.Socket -> None
        | EndpointKind.Job -> Some(NotHosted($"`job \"{card.Name}\"`", card.Line))

    /// What stands in the way of hosting a service.
    let problems (hosted: Hosted) : Problem list = [
        yield! hosted.Settings |> List.choose setting

        for requirement in hosted.Requirements do
            NotHosted($"`depends` on \"{requirement.Service}\"", requirement.Line)

        yield! hosted.Card.Endpoints |> List.choose endpoint
    ]
