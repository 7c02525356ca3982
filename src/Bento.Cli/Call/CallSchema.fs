namespace Bento.Cli

open System
open System.Text.Json
open Bento

/// What a value must be to fit a field, as far as a command line needs to know.
[<RequireQualifiedAccess>]
type internal Wanted =
    | Text
    | Whole
    | Number
    | Flag
    | File
    | Files
    /// A tensor or a list of them: JSON, or numpy's files.
    | Tensor
    /// Lists, objects, and what the schema says nothing of.
    | Json
    | Anything

/// What an endpoint takes: fields by name, or one value.
[<RequireQualifiedAccess>]
type internal CallInput =
    | Fields of (string * Wanted) list
    | Root of Wanted

/// An endpoint as a server's `/schema.json` has it.
type internal CallRoute = {
    Name: string
    Route: string
    Input: CallInput
}

[<RequireQualifiedAccess>]
module internal CallSchema =

    let private property (name: string) (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Object ->
            match element.TryGetProperty name with
            | true, value -> Some value
            | _ -> None
        | _ -> None

    let private word name element =
        match property name element with
        | Some value when value.ValueKind = JsonValueKind.String -> Some(value.GetString() |> string)
        | _ -> None

    let private wanted (schema: JsonElement) =
        match word "type" schema with
        | Some "string" -> Wanted.Text
        | Some "integer" -> Wanted.Whole
        | Some "number" -> Wanted.Number
        | Some "boolean" -> Wanted.Flag
        | Some "file" -> Wanted.File
        | Some "tensor" -> Wanted.Tensor
        | Some "array" ->
            match property "items" schema |> Option.bind (word "type") with
            | Some "file" -> Wanted.Files
            | Some "tensor" -> Wanted.Tensor
            | _ -> Wanted.Json
        | Some _ -> Wanted.Json
        | None -> Wanted.Anything

    let private isRoot schema =
        match property "root_input" schema with
        | Some value -> value.ValueKind = JsonValueKind.True
        | None -> false

    let private input schema =
        match property "properties" schema with
        | Some properties when not (isRoot schema) && properties.ValueKind = JsonValueKind.Object ->
            CallInput.Fields [ for field in properties.EnumerateObject() -> field.Name, wanted field.Value ]
        | _ when isRoot schema -> CallInput.Root(wanted schema)
        | _ -> CallInput.Fields []

    let private route element =
        match word "name" element, word "route" element, property "input" element with
        | Some name, Some route, Some schema ->
            Some {
                Name = name
                Route = route
                Input = input schema
            }
        | _ -> None

    /// The endpoints that a schema tells of; nothing where it is no schema of a service.
    let routes (schema: JsonElement) : CallRoute list option =
        match property "routes" schema with
        | Some routes when routes.ValueKind = JsonValueKind.Array ->
            Some(routes.EnumerateArray() |> Seq.choose route |> List.ofSeq)
        | _ -> None

    let private same (first: string) (second: string) =
        first.Trim('/').Equals(second.Trim('/'), StringComparison.OrdinalIgnoreCase)

    /// The endpoint at a path below the service's root, by its route or by its name.
    let find (path: string) (routes: CallRoute list) : Result<CallRoute, string> =
        let byRoute = routes |> List.tryFind (fun one -> same one.Route path)
        let byName = routes |> List.tryFind (fun one -> same one.Name path)

        match byRoute |> Option.orElse byName with
        | Some route -> Ok route
        | None ->
            let known = routes |> List.map _.Route
            let names = String.concat ", " known
            Error $"The service has no endpoint at {path}; it has {names}{Suggestion.didYouMean known path}"
