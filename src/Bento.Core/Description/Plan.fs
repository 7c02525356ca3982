namespace Bento

/// Services that run together, each after the ones it depends on.
[<NoComparison; NoEquality>]
type Plan = { Services: Hosted list }

[<RequireQualifiedAccess>]
module Plan =

    /// The definitions and, through their dependencies, all that they reach; each once.
    let private reachable (roots: Definition list) =
        let rec visit (seen: Definition list) (definition: Definition) =
            if seen |> List.exists (fun other -> obj.ReferenceEquals(other, definition)) then
                seen
            else
                match definition.Checked with
                | Error _ -> seen @ [ definition ]
                | Ok hosted ->
                    hosted.Requirements
                    |> List.choose _.Definition
                    |> List.fold visit (seen @ [ definition ])

        List.fold visit [] roots

    let private ownProblems (definition: Definition) =
        match definition.Checked with
        | Ok _ -> []
        | Error problems -> problems |> List.map (fun problem -> definition.File, problem)

    /// Where a definition was named, or the first line that is known of it.
    let private lineOf (definition: Definition) =
        match definition.Checked with
        | Error problems -> problems |> List.map Problem.line |> List.min
        | Ok hosted ->
            Setting.lineOfName hosted.Settings
            |> Option.defaultWith (fun () -> hosted.Card.Endpoints |> List.map _.Line |> List.min)

    let private sameNames (definitions: Definition list) = [
        for name, same in definitions |> List.groupBy _.Name do
            if same.Length > 1 then
                let last = List.last same
                last.File, SameService(name, same |> List.map _.File, lineOf last)
    ]

    let private checkedOnes (definitions: Definition list) =
        definitions
        |> List.choose (fun definition ->
            match definition.Checked with
            | Ok hosted -> Some(definition, hosted)
            | Error _ -> None)

    let private missing (definitions: Definition list) = [
        let known = definitions |> List.map _.Name

        for definition, hosted in checkedOnes definitions do
            for requirement in hosted.Requirements do
                if not (List.contains requirement.Service known) then
                    definition.File, UnknownService(requirement.Service, known, requirement.Line)
    ]

    /// The services in an order in which each comes after its dependencies, or the circles that prevent one.
    let private order (services: (Definition * Hosted) list) =
        let find name =
            services |> List.tryFind (fun (definition, _) -> definition.Name = name)

        let rec visit path (placed, circles) (definition: Definition, hosted: Hosted) =
            let follow (placed, circles) (requirement: Requirement) =
                if List.contains requirement.Service path then
                    let circle = List.rev (requirement.Service :: path)
                    let circle = circle |> List.skipWhile (fun name -> name <> requirement.Service)
                    placed, circles @ [ definition.File, Cycle(circle, requirement.Line) ]
                else
                    match find requirement.Service with
                    | Some callee -> visit (requirement.Service :: path) (placed, circles) callee
                    | None -> placed, circles

            if placed |> List.exists (fun (other: Hosted) -> other.Card.Name = definition.Name) then
                placed, circles
            else
                let placed, circles = hosted.Requirements |> List.fold follow (placed, circles)
                placed @ [ hosted ], circles

        services
        |> List.fold (fun state service -> visit [ (fst service).Name ] state service) ([], [])

    /// Puts services in order together with the ones they depend on, or tells every problem of them all, each with its file.
    let make (definitions: Definition list) : Result<Plan, (string * Problem) list> =
        let all = reachable definitions
        let services, circles = order (checkedOnes all)

        match
            List.collect ownProblems all
            @ sameNames all
            @ missing all
            @ List.distinct circles
        with
        | [] -> Ok { Services = services }
        | problems -> Error(Problem.inOrder problems)
