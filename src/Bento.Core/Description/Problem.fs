namespace Bento

open System

/// What is wrong with a service as it was written. Lines are those of the service's source file.
type Problem =
    | Repeated of setting: string * lines: int list
    | SameName of endpoint: string * lines: int list
    | SameRoute of route: string * endpoints: string list * lines: int list
    | BadName of what: string * name: string * line: int
    | BadValue of setting: string * given: string * wanted: string * line: int
    | UntypedInput of endpoint: string * line: int
    | CannotTravel of endpoint: string * direction: string * path: string * reason: string * line: int
    | NoEndpoint of line: int
    | UnknownEndpoint of name: string * known: string list * line: int
    | UnknownService of name: string * known: string list * line: int
    | SameService of name: string * files: string list * line: int
    | Cycle of services: string list * line: int
    | MissingGpus of wanted: int * seen: int * reason: string * line: int
    | NotHosted of what: string * line: int
    /// What is wrong with a class that is a service: a part of it by its name, and a sentence without that subject.
    | OfMember of name: string * mistake: string * line: int
    /// A configuration says something about what is not there; the words of the key from the root.
    | UnknownKey of key: string list * known: string list * line: int
    /// A configuration cannot be read, or says what no key can mean.
    | Misconfigured of reason: string * line: int

/// The name that was probably meant.
module Suggestion =

    let private distance (first: string) (second: string) =
        let step (above: int[]) (letter: char) =
            second
            |> Seq.indexed
            |> Seq.scan
                (fun left (index, other) ->
                    let replaced = above[index] + (if letter = other then 0 else 1)
                    min replaced (1 + min left above[index + 1]))
                (above[0] + 1)
            |> Array.ofSeq

        first |> Seq.fold step [| 0 .. second.Length |] |> Array.last

    /// The most usual slip, which is two letters away by the count above.
    let private isSwap (first: string) (second: string) =
        let different =
            if first.Length = second.Length then
                Seq.zip first second
                |> Seq.indexed
                |> Seq.filter (fun (_, (one, other)) -> one <> other)
                |> List.ofSeq
            else
                []

        match different with
        | [ at, (one, other); next, (third, fourth) ] -> next = at + 1 && one = fourth && other = third
        | _ -> false

    let private close (name: string) (other: string) =
        let name, other = name.ToLowerInvariant(), other.ToLowerInvariant()
        if isSwap name other then 1 else distance name other

    /// `; did you mean "x"?` where one of the known names is near, else nothing.
    let didYouMean known name =
        known
        |> List.filter (fun other -> close name other <= max 1 (String.length name / 3))
        |> List.sortBy (close name)
        |> List.tryHead
        |> Option.map (fun nearest -> $"; did you mean \"{nearest}\"?")
        |> Option.defaultValue ""

[<RequireQualifiedAccess>]
module Problem =

    /// The line to show the problem at: the last of those involved.
    let line problem =
        match problem with
        | Repeated(_, lines)
        | SameName(_, lines)
        | SameRoute(_, _, lines) -> List.max lines
        | BadName(_, _, line)
        | BadValue(_, _, _, line)
        | UntypedInput(_, line)
        | CannotTravel(_, _, _, _, line)
        | NoEndpoint line
        | UnknownEndpoint(_, _, line)
        | UnknownService(_, _, line)
        | SameService(_, _, line)
        | Cycle(_, line)
        | MissingGpus(_, _, _, line)
        | NotHosted(_, line)
        | OfMember(_, _, line)
        | UnknownKey(_, _, line)
        | Misconfigured(_, line) -> line

    let private firstOn lines =
        match List.sort lines with
        | first :: _ :: _ when first < List.max lines -> $", first on line {first}"
        | _ -> ""

    let private listed names =
        match names with
        | [] -> "none"
        | names -> names |> List.map (fun name -> $"\"{name}\"") |> String.concat ", "

    /// One sentence that names the setting, what was given and what is wanted.
    let describe problem =
        match problem with
        | Repeated(setting, lines) -> $"`{setting}` is given again{firstOn lines}; keep one"
        | SameName(name, lines) ->
            $"the endpoint name \"{name}\" is used again{firstOn lines}; names are unique in a service"
        | SameRoute(route, endpoints, _) ->
            $"the route \"{route}\" is that of {listed endpoints}; give each its own, as in endpoint \"x\" {{ route \"/v1/x\" }}"
        | BadName(what, name, _) ->
            // A service may have the name of what it is bound to, which nobody chose for it.
            let example =
                if what = "service" then
                    ", as in: name \"summarization\""
                else
                    ""

            $"the {what} name \"{name}\" is not usable; begin with a letter and use letters, digits, '-' and '_'{example}"
        | BadValue(setting, given, wanted, _) -> $"`{setting} {given}`: wanted {wanted}"
        | UntypedInput(name, _) -> $"the input type of \"{name}\" is not known; annotate the handler's parameter"
        | CannotTravel(endpoint, direction, path, reason, _) ->
            $"the {direction} of \"{endpoint}\" cannot travel: {path} {reason}"
        | NoEndpoint _ -> "there is no endpoint; add an `api`, `stream`, `job` or `socket`"
        | UnknownEndpoint(name, known, _) ->
            $"`endpoint \"{name}\"` names no endpoint of this service, which has {listed known}{Suggestion.didYouMean known name}"
        | UnknownService(name, known, _) ->
            $"`depends` names the service \"{name}\", which is not among {listed known}{Suggestion.didYouMean known name}"
        | SameService(name, files, _) ->
            let files =
                files
                |> List.map (fun file -> $"{IO.Path.GetFileName file}")
                |> List.distinct
                |> String.concat " and "

            $"the service name \"{name}\" is used again, in {files}; names are unique among services that run together"
        | Cycle(services, _) ->
            let circle = String.Join(" -> ", services)
            $"the services depend on each other in a circle, {circle}; take one `depends` away"
        | MissingGpus(wanted, _, reason, _) ->
            $"`gpu {wanted}` cannot be had here: {reason}; mend that (`bento doctor` tells more, `dotnet fsi build.fsx natives --gpu` brings the CUDA provider), or write `fallback Cpu` beside it to run on the processor"
        | NotHosted(what, _) ->
            $"{what} is understood, but this version of Bento cannot host it yet; take it away to start"
        | OfMember(name, mistake, _) -> $"{name} {mistake}"
        | UnknownKey(key, known, _) ->
            let path = String.Join('.', key)
            $"`{path}` is not a key; in its place stand {listed known}{Suggestion.didYouMean known (List.last key)}"
        | Misconfigured(reason, _) -> reason

    /// By file and line, as a person goes through them.
    let internal inOrder (problems: (string * Problem) list) =
        problems |> List.sortBy (fun (file, problem) -> file, line problem)
