namespace Bento

open System
open System.IO

/// Where a value of the configuration was given.
[<RequireQualifiedAccess>]
type ValueSource =
    /// Nowhere: it is what holds where nothing is said.
    | Default
    /// In the service's own source.
    | Definition of file: string * line: int
    /// In a YAML file.
    | File of path: string * line: int
    /// In a variable of the environment.
    | Variable of name: string
    /// On the command line.
    | Flag of name: string

    /// As a person reads it, such as "bento.settings.yaml(3)".
    override this.ToString() =
        match this with
        | Default -> "default"
        | Definition(file, line)
        | File(file, line) -> $"{Path.GetFileName file}({line})"
        | Variable name
        | Flag name -> name

/// A value as it was given, not judged yet: the words of its key from the root, and the text.
type internal ConfigurationEntry = {
    Key: string list
    Text: string
    Source: ValueSource
}

[<RequireQualifiedAccess>]
module internal ConfigurationEntry =

    /// A problem of what one source gave, with the place that it is shown at.
    let problem (source: ValueSource) (problem: int -> Problem) : string * Problem =
        match source with
        | ValueSource.Definition(file, line)
        | ValueSource.File(file, line) -> file, problem line
        | ValueSource.Variable name
        | ValueSource.Flag name -> name, problem 0
        | ValueSource.Default -> "default", problem 0

/// Names as the environment can write them: BODY_LIMIT, body-limit and bodyLimit are one.
[<RequireQualifiedAccess>]
module internal Folding =

    /// The name without what is not looked at.
    let fold (name: string) =
        name.Replace("_", "").Replace("-", "").ToLowerInvariant()

    /// The known name that is meant: the very same one, or the only one that is written a little differently.
    let find (known: string list) (name: string) =
        if List.contains name known then
            Some name
        else
            match known |> List.filter (fun other -> fold other = fold name) with
            | [ one ] -> Some one
            | _ -> None

/// Variables of the environment in ASP.NET Core's form, as in BENTO__SERVER__PORT=3001.
[<RequireQualifiedAccess>]
module internal ConfigurationVariables =

    let private start = "BENTO__"

    let private words (name: string) =
        name.Substring(start.Length).Split "__" |> List.ofArray

    /// What the variables give, and those of them that give one key twice.
    let read (variables: (string * string) list) : ConfigurationEntry list * (string * Problem) list =
        let ours =
            variables
            |> List.filter (fun (name, _) -> name.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            |> List.sortWith (fun (first, _) (second, _) -> String.CompareOrdinal(first, second))

        let twice =
            ours
            |> List.groupBy (fun (name, _) -> words name |> List.map Folding.fold)
            |> List.choose (fun (_, same) ->
                match List.map fst same with
                | first :: _ :: _ as names ->
                    let names = String.concat " and " names
                    Some(first, Misconfigured($"{names} give one key; keep one of them", 0))
                | _ -> None)

        let entries =
            ours
            |> List.map (fun (name, text) -> {
                Key = words name
                Text = text
                Source = ValueSource.Variable name
            })

        entries, twice
