namespace Bento

open System
open System.Collections.Generic
open System.Reflection
open System.Text.Json
open Microsoft.FSharp.Reflection

/// How a number is held once it is read.
[<RequireQualifiedAccess>]
type NumberFormat =
    | Single
    | Double
    | Decimal

/// How the text of a value is read.
[<RequireQualifiedAccess>]
type TextFormat =
    | Plain
    | Guid
    | DateTime
    | DateTimeOffset

/// What a type looks like on the wire: the one algebra that decoders, schemas and clients read.
[<RequireQualifiedAccess>]
type Shape =
    | Unit
    | Boolean
    | Integer of minimum: decimal * maximum: decimal
    | Number of NumberFormat
    | Text of TextFormat
    | Optional of Shape
    | Sequence of Shape
    | Map of Shape
    | Record of RecordShape

and RecordShape = {
    Name: string
    Fields: FieldShape list
}

/// A field under its name on the wire.
and FieldShape = { Name: string; Shape: Shape }

/// Why a type has no shape. The path leads from the type asked for to the part that is at fault.
type Shapeless = { Path: string; Reason: string }

[<RequireQualifiedAccess>]
module Shape =

    let inline private integer minimum maximum =
        Shape.Integer(decimal minimum, decimal maximum)

    let private primitives: IDictionary<Type, Shape> =
        dict [
            typeof<unit>, Shape.Unit
            typeof<bool>, Shape.Boolean
            typeof<sbyte>, integer SByte.MinValue SByte.MaxValue
            typeof<byte>, integer Byte.MinValue Byte.MaxValue
            typeof<int16>, integer Int16.MinValue Int16.MaxValue
            typeof<uint16>, integer UInt16.MinValue UInt16.MaxValue
            typeof<int>, integer Int32.MinValue Int32.MaxValue
            typeof<uint32>, integer UInt32.MinValue UInt32.MaxValue
            typeof<int64>, integer Int64.MinValue Int64.MaxValue
            typeof<uint64>, integer UInt64.MinValue UInt64.MaxValue
            typeof<float32>, Shape.Number NumberFormat.Single
            typeof<float>, Shape.Number NumberFormat.Double
            typeof<decimal>, Shape.Number NumberFormat.Decimal
            typeof<string>, Shape.Text TextFormat.Plain
            typeof<Guid>, Shape.Text TextFormat.Guid
            typeof<DateTime>, Shape.Text TextFormat.DateTime
            typeof<DateTimeOffset>, Shape.Text TextFormat.DateTimeOffset
        ]

    let private (|Primitive|_|) (kind: Type) =
        match primitives.TryGetValue kind with
        | true, shape -> Some shape
        | _ -> None

    let private (|Generic|_|) (kind: Type) =
        if kind.IsGenericType then
            Some(kind.GetGenericTypeDefinition(), List.ofArray (kind.GetGenericArguments()))
        else
            None

    let private optionals = [ typedefof<int option>; typedefof<int voption>; typedefof<Nullable<int>> ]

    let private maps = [
        typedefof<Map<string, int>>
        typedefof<Dictionary<string, int>>
        typedefof<IReadOnlyDictionary<string, int>>
    ]

    let private (|OptionalOf|_|) kind =
        match kind with
        | Generic(definition, [ inner ]) when List.contains definition optionals -> Some inner
        | _ -> None

    let private (|MapOf|_|) kind =
        match kind with
        | Generic(definition, [ key; inner ]) when List.contains definition maps -> Some(key, inner)
        | _ -> None

    let private (|SequenceOf|_|) (kind: Type) =
        match kind with
        | Generic(definition, [ inner ]) when definition = typedefof<int list> -> Some inner
        | _ when kind.IsSZArray && kind <> typeof<byte[]> ->
            match kind.GetElementType() with
            | null -> None
            | inner -> Some inner
        | _ -> None

    /// The name of a record's field on the wire.
    let fieldName (name: string) =
        JsonNamingPolicy.CamelCase.ConvertName name

    let private wanted =
        "bool, whole numbers, float32, float, decimal, string, Guid, DateTime, DateTimeOffset, and options, lists, arrays, maps and records of these"

    /// Records deeper than this are one that holds itself at ever larger type arguments.
    [<Literal>]
    let private deepest = 16

    let private isHiddenRecord kind =
        FSharpType.IsRecord(kind, BindingFlags.Public ||| BindingFlags.NonPublic)

    let rec private derive path (outer: Type list) (kind: Type) : Result<Shape, Shapeless list> =
        let fault reason =
            Error [ { Path = path; Reason = reason } ]

        let name = TypeName.ofType kind

        match kind with
        | Primitive shape -> Ok shape
        | OptionalOf(OptionalOf _) ->
            fault "is an option of an option, which JSON cannot tell from one; use a single option"
        | OptionalOf inner when inner = typeof<unit> ->
            fault "is an option of unit, and both its values are null in JSON; use bool"
        | OptionalOf inner -> derive path outer inner |> Result.map Shape.Optional
        | MapOf(key, _) when key <> typeof<string> -> fault $"has keys of type {TypeName.ofType key}; use string keys"
        | MapOf(_, inner) -> derive (path + "[]") outer inner |> Result.map Shape.Map
        | SequenceOf inner -> derive (path + "[]") outer inner |> Result.map Shape.Sequence
        | _ when FSharpType.IsRecord kind && List.contains kind outer ->
            fault $"is {name} inside {name}; a type that contains itself has no end"
        | _ when FSharpType.IsRecord kind && outer.Length = deepest ->
            fault $"is a record inside {deepest} others; a type that contains itself has no end"
        | _ when FSharpType.IsRecord kind -> deriveRecord path (kind :: outer) kind
        | _ when isHiddenRecord kind -> fault $"is of type {name}, a record that is not public; make it public"
        | _ -> fault $"is of type {name}; wanted {wanted}"

    and private deriveRecord path outer kind =
        let fields =
            FSharpType.GetRecordFields kind
            |> Array.map (fun property -> fieldName property.Name, property.PropertyType)
            |> List.ofArray

        let clashes =
            fields
            |> List.countBy fst
            |> List.filter (fun (_, count) -> count > 1)
            |> List.map (fun (name, _) -> {
                Path = $"{path}.{name}"
                Reason = "is the name of two fields; give them names that differ in more than case"
            })

        let shaped = [
            for name, fieldKind in fields -> name, derive $"{path}.{name}" outer fieldKind
        ]

        let faults = [
            yield! clashes

            for _, result in shaped do
                match result with
                | Ok _ -> ()
                | Error faults -> yield! faults
        ]

        let shapes: FieldShape list = [
            for name, result in shaped do
                match result with
                | Ok shape -> { Name = name; Shape = shape }
                | Error _ -> ()
        ]

        if faults.IsEmpty then
            Ok(Shape.Record { Name = kind.Name; Fields = shapes })
        else
            Error faults

    /// The shape of a type, or everything in it that cannot travel; `root` names the type in paths, as in "input".
    let ofType (root: string) (kind: Type) : Result<Shape, Shapeless list> = derive root [] kind

    /// One word or two for a person, as in "a list of text".
    let rec describe shape =
        match shape with
        | Shape.Unit -> "nothing"
        | Shape.Boolean -> "true or false"
        | Shape.Integer _ -> "a whole number"
        | Shape.Number _ -> "a number"
        | Shape.Text TextFormat.Plain -> "text"
        | Shape.Text TextFormat.Guid -> "a GUID"
        | Shape.Text TextFormat.DateTime -> "a date and time"
        | Shape.Text TextFormat.DateTimeOffset -> "a date and time with an offset"
        | Shape.Optional inner -> $"{describe inner} or null"
        | Shape.Sequence inner -> $"a list of {describe inner}"
        | Shape.Map inner -> $"an object whose values are {describe inner}"
        | Shape.Record record when record.Fields.IsEmpty -> "an empty object"
        | Shape.Record record ->
            let names = record.Fields |> List.map _.Name |> String.concat ", "
            $"an object with {names}"
