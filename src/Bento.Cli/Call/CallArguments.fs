namespace Bento.Cli

open System
open System.Globalization
open System.IO
open System.Numerics
open System.Text.Json
open System.Text.RegularExpressions
open Bento

/// One thing that a request carries.
[<RequireQualifiedAccess>]
type internal Carried =
    | Value of JsonElement
    /// Files to attach, by their paths.
    | Files of string list

/// What a call sends, told from its arguments and the endpoint's schema.
[<RequireQualifiedAccess>]
type internal Sending =
    | Nothing
    | Root of Carried
    | Fields of (string * Carried) list

/// From `field=value`, `field=@path` and `field:=json` to values of the types that a schema wants. The path `-` is standard
/// input.
[<RequireQualifiedAccess>]
module internal CallArguments =

    [<RequireQualifiedAccess>]
    type private Given =
        | Plain of string
        | FromFile of path: string
        | Raw of json: string

    let private fail message = raise (CliException message)

    /// What stands for standard input in the place of a path.
    [<Literal>]
    let standardInput = "-"

    let private plainOrFile (text: string) =
        if text.Length > 1 && text[0] = '@' then
            Given.FromFile(text.Substring 1)
        else
            Given.Plain text

    /// Splits at the first `=`, or at a `:=` before it.
    let private field (argument: string) =
        match argument.IndexOf '=' with
        | equals when equals > 1 && argument[equals - 1] = ':' ->
            argument.Substring(0, equals - 1), Given.Raw(argument.Substring(equals + 1))
        | equals when equals > 0 && argument[equals - 1] <> ':' ->
            argument.Substring(0, equals), plainOrFile (argument.Substring(equals + 1))
        | _ -> fail $"\"{argument}\" is no field; wanted name=value, name=@path or name:=json."

    // -- values --------------------------------------------------------------------------------------

    let private parse (text: string) : JsonElement =
        use document = JsonDocument.Parse text
        document.RootElement.Clone()

    let private json (name: string) (text: string) : JsonElement =
        try
            parse text
        with :? JsonException as problem ->
            fail $"{name}: {text} is not JSON: {problem.Message}"

    let private text (value: string) : JsonElement = JsonSerializer.SerializeToElement value

    let private whole = Regex @"^-?\d+$"

    let private isNumber (given: string) =
        try
            (parse given).ValueKind = JsonValueKind.Number
        with :? JsonException ->
            false

    /// A text where JSON cannot be read in what was typed.
    let private guessed (given: string) =
        try
            parse given
        with :? JsonException ->
            text given

    let private typed name wanted (given: string) : JsonElement =
        let unfit what =
            fail $"{name} is {given}; wanted {what}, or JSON of any kind as {name}:=json."

        match wanted with
        | Wanted.Text -> text given
        | _ when given = "null" -> parse given
        | Wanted.Whole when whole.IsMatch given -> parse (string (BigInteger.Parse given))
        | Wanted.Whole -> unfit "a whole number"
        | Wanted.Number when isNumber given -> parse given
        | Wanted.Number -> unfit "a number"
        | Wanted.Flag ->
            match given.ToLower CultureInfo.InvariantCulture with
            | "true" -> parse "true"
            | "false" -> parse "false"
            | _ -> unfit "true or false"
        | Wanted.Tensor
        | Wanted.Json -> json name given
        | Wanted.Anything -> guessed given
        | Wanted.File
        | Wanted.Files -> fail $"{name} is {given}; wanted a file, as {name}=@path."

    let private readFile name (path: string) =
        try
            if path = standardInput then
                use reader = new StreamReader(Console.OpenStandardInput())
                reader.ReadToEnd()
            else
                File.ReadAllText path
        with
        | :? IOException
        | :? UnauthorizedAccessException as problem -> fail $"{name}: {path} cannot be read: {problem.Message}"

    let private attached name path =
        if path = standardInput || File.Exists path then
            path
        else
            fail $"{name}: there is no file at {path}."

    let private carried name wanted given =
        match wanted, given with
        | (Wanted.File | Wanted.Files), Given.FromFile path -> Carried.Files [ attached name path ]
        | Wanted.Tensor, Given.FromFile path when path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase) ->
            Carried.Files [ attached name path ]
        | Wanted.Text, Given.FromFile path -> Carried.Value(text (readFile name path))
        | _, Given.FromFile path -> Carried.Value(json name (readFile name path))
        | _, Given.Raw raw -> Carried.Value(json name raw)
        | wanted, Given.Plain plain -> Carried.Value(typed name wanted plain)

    // -- the whole -----------------------------------------------------------------------------------

    /// Several files go into one field; anything else is given once.
    let private together name (given: Carried list) =
        match given with
        | [ one ] -> one
        | several ->
            Carried.Files [
                for one in several do
                    match one with
                    | Carried.Files paths -> yield! paths
                    | Carried.Value _ -> fail $"{name} is given twice; give a list as JSON, as {name}:=[1,2]."
            ]

    /// "max_length" and "maxLength" are one name.
    let private isSpelling (name: string) (field: string) =
        let plainly (name: string) = name.Replace("_", "")
        (plainly name).Equals(plainly field, StringComparison.OrdinalIgnoreCase)

    let private fields known (arguments: string list) =
        let names = known |> List.map fst

        let fieldOf name =
            match known |> List.tryFind (fun (field, _) -> isSpelling name field) with
            | Some field -> field
            | None when names.IsEmpty -> fail $"\"{name}\" is no field of this endpoint; it takes none."
            | None ->
                let known = String.concat ", " names
                fail $"\"{name}\" is no field of this endpoint; it takes {known}{Suggestion.didYouMean names name}"

        let given = [
            for argument in arguments do
                let name, value = field argument
                let name, wanted = fieldOf name
                name, carried name wanted value
        ]

        [
            for name, group in List.groupBy fst given -> name, together name (List.map snd group)
        ]

    let private readsInput (argument: string) =
        argument = "@" + standardInput
        || argument.EndsWith("=@" + standardInput, StringComparison.Ordinal)

    /// What the arguments say. Raises where they do not fit the endpoint.
    let read (route: CallRoute) (arguments: string list) : Sending =
        match route.Input, arguments with
        | _ when arguments |> List.filter readsInput |> List.length > 1 ->
            fail $"Standard input, @{standardInput}, is there to be read once; give files by their paths."
        | _, [] -> Sending.Nothing
        | CallInput.Fields known, arguments -> Sending.Fields(fields known arguments)
        | CallInput.Root wanted, [ one ] ->
            let given =
                if one.StartsWith(":=", StringComparison.Ordinal) then
                    Given.Raw(one.Substring 2)
                else
                    plainOrFile one

            Sending.Root(carried "The value" wanted given)
        | CallInput.Root _, several ->
            fail $"{route.Route} takes one value and was given {several.Length}; put it in quotes."
