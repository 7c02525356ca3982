/// A second way to JSON, written by the contract and not by System.Text.Json: what a round trip is compared with.
module Bento.Hosting.Tests.Encoding

open System
open System.Collections
open System.Text.Json.Nodes
open Microsoft.FSharp.Reflection

let private camel (name: string) =
    string (Char.ToLowerInvariant name[0]) + name.Substring 1

let private (|Option|_|) (kind: Type) =
    if kind.IsGenericType then
        match kind.GetGenericTypeDefinition() with
        | definition when definition = typedefof<int option> || definition = typedefof<int voption> ->
            Some(kind.GetGenericArguments()[0])
        | _ -> None
    else
        None

let private (|Map|_|) (kind: Type) =
    if
        kind.IsGenericType
        && kind.GetGenericTypeDefinition() = typedefof<Map<string, int>>
    then
        Some(kind.GetGenericArguments()[1])
    else
        None

let private (|List|_|) (kind: Type) =
    if kind.IsArray then
        Some(nonNull (kind.GetElementType()))
    elif kind.IsGenericType && kind.GetGenericTypeDefinition() = typedefof<int list> then
        Some(kind.GetGenericArguments()[0])
    else
        None

/// What is inside an option, by the fields of its case.
let private inside kind (value: objnull) =
    match FSharpValue.GetUnionFields(value, kind) with
    | _, [| inner |] -> Some inner
    | _ -> None

let rec node (kind: Type) (value: objnull) : JsonNode | null =
    match kind with
    | Option inner -> inside kind value |> Option.map (node inner) |> Option.toObj
    | Map inner ->
        let result = JsonObject()

        for entry in (nonNull value :?> IEnumerable) do
            let entry = nonNull entry

            let get name =
                (nonNull (entry.GetType().GetProperty name)).GetValue entry

            result.Add(string (get "Key"), node inner (get "Value"))

        result
    | List inner ->
        let items = nonNull value :?> IEnumerable
        JsonArray [| for item in items -> node inner item |]
    | _ when FSharpType.IsRecord kind ->
        let result = JsonObject()

        for field in FSharpType.GetRecordFields kind do
            match node field.PropertyType (FSharpValue.GetRecordField(nonNull value, field)) with
            | null -> ()
            | present -> result.Add(camel field.Name, present)

        result
    | _ ->
        match value with
        | null -> null
        | value -> JsonValue.Create<obj> value

/// A value of a type as the contract writes it.
let encode (value: 'T) = node typeof<'T> value
