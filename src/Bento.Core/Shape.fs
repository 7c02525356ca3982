namespace Bento

open System
open System.Collections.Generic
open System.Reflection
open System.Text.Json
open Microsoft.FSharp.Reflection

/// How a number is held once it is read.
[<RequireQualifiedAccess>]
type NumberFormat =
    | Half
    | Single
    | Double
    | Decimal

/// How the text of a value is read.
[<RequireQualifiedAccess>]
type TextFormat =
    | Plain
    | Character
    | Guid
    | DateTime
    | DateTimeOffset
    | Date
    | Time
    /// A span of time in ISO 8601, as in "PT1M30S".
    | Duration
    /// An absolute URI.
    | Uri
    /// Bytes in base64.
    | Base64

/// What a tensor holds.
[<RequireQualifiedAccess>]
type ElementType =
    | Boolean
    | SByte
    | Byte
    | Int16
    | UInt16
    | Int32
    | UInt32
    | Int64
    | UInt64
    | Half
    | Single
    | Double

/// What travels as its own bytes and not within JSON.
[<RequireQualifiedAccess>]
type Content =
    | File
    | Image
    | Stream

/// What a field's value must keep beyond its type. Both ends of a span are in it.
[<RequireQualifiedAccess>]
type Constraint =
    | Range of minimum: float * maximum: float
    /// Characters of a text, bytes, or items.
    | Length of minimum: int * maximum: int
    /// A regular expression that the text has a match of.
    | Pattern of string
    /// A media type, as in "image/png" or "image/*".
    | ContentType of string

/// The elements of a tensor and its dimensions, where they are declared; -1 is one of any length.
type TensorShape = {
    Element: ElementType
    Dimensions: int list option
}

/// What a type looks like on the wire: the one algebra that decoders, schemas and clients read.
[<RequireQualifiedAccess; NoComparison>]
type Shape =
    | Unit
    | Boolean
    | Integer of minimum: decimal * maximum: decimal
    | Number of NumberFormat
    | Text of TextFormat
    /// One of these texts.
    | Choice of names: string list
    | Optional of Shape
    | Sequence of Shape
    /// A list in which nothing is twice.
    | Set of Shape
    /// Lists of one length inside each other.
    | Grid of rank: int * item: Shape
    | Tensor of TensorShape
    /// A list in which each place has a type of its own.
    | Tuple of Shape list
    /// The keys are text on the wire, whatever they are once read.
    | Map of key: Shape * value: Shape
    | Record of RecordShape
    | Union of UnionShape
    | Content of Content
    /// Any JSON: what it must be is known to the codec of this type alone.
    | Custom of Type

/// An object with these fields.
and [<NoComparison>] RecordShape = {
    Name: string
    /// The .NET type, for what is written about it.
    Type: Type
    Fields: FieldShape list
    /// Whether a field that is not among these is refused; else it is passed over.
    Closed: bool
}

/// A field under its name on the wire.
and [<NoComparison>] FieldShape = {
    Name: string
    /// The other spelling that is read too, in snake_case or camelCase.
    Alias: string option
    /// The name in the .NET type.
    Member: string
    Shape: Shape
    /// Whether a body without the field is refused.
    Required: bool
    /// The JSON that stands for a field that is absent.
    Default: string option
    Constraints: Constraint list
}

/// An object whose field `type` says which case it is, and whose other fields are that case's.
and [<NoComparison>] UnionShape = {
    Name: string
    Type: Type
    Cases: CaseShape list
}

and [<NoComparison>] CaseShape = {
    /// The value of the field `type`.
    Name: string
    Fields: FieldShape list
}

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
            typeof<File>, Shape.Content Content.File
            typeof<Image>, Shape.Content Content.Image
            typeof<IO.Stream>, Shape.Content Content.Stream
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
        | MapOf(_, inner) ->
            derive (path + "[]") outer inner
            |> Result.map (fun value -> Shape.Map(Shape.Text TextFormat.Plain, value))
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
            |> Array.map (fun property -> fieldName property.Name, property)
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
            for name, property in fields -> name, property.Name, derive $"{path}.{name}" outer property.PropertyType
        ]

        let faults = [
            yield! clashes

            for _, _, result in shaped do
                match result with
                | Ok _ -> ()
                | Error faults -> yield! faults
        ]

        let shapes: FieldShape list = [
            for name, property, result in shaped do
                match result with
                | Ok shape -> {
                    Name = name
                    Alias = None
                    Member = property
                    Shape = shape
                    Required = not shape.IsOptional
                    Default = None
                    Constraints = []
                  }
                | Error _ -> ()
        ]

        if faults.IsEmpty then
            Ok(
                Shape.Record {
                    Name = kind.Name
                    Type = kind
                    Fields = shapes
                    Closed = false
                }
            )
        else
            Error faults

    /// The shape of a type, or everything in it that cannot travel; `root` names the type in paths, as in "input".
    let ofType (root: string) (kind: Type) : Result<Shape, Shapeless list> = derive root [] kind

    let private fieldNames (fields: FieldShape list) =
        fields |> List.map _.Name |> String.concat ", "

    let private dimensions (lengths: int list) =
        lengths
        |> List.map (fun length -> if length < 0 then "any" else string length)
        |> String.concat " x "

    /// A few words for a person, as in "a list of text".
    let rec describe shape =
        match shape with
        | Shape.Unit -> "nothing"
        | Shape.Boolean -> "true or false"
        | Shape.Integer _ -> "a whole number"
        | Shape.Number _ -> "a number"
        | Shape.Text TextFormat.Plain -> "text"
        | Shape.Text TextFormat.Character -> "one character"
        | Shape.Text TextFormat.Guid -> "a GUID"
        | Shape.Text TextFormat.DateTime -> "a date and time"
        | Shape.Text TextFormat.DateTimeOffset -> "a date and time with an offset"
        | Shape.Text TextFormat.Date -> "a date"
        | Shape.Text TextFormat.Time -> "a time of day"
        | Shape.Text TextFormat.Duration -> "a duration such as PT1M30S"
        | Shape.Text TextFormat.Uri -> "an absolute URI"
        | Shape.Text TextFormat.Base64 -> "bytes in base64"
        | Shape.Choice names ->
            "one of "
            + (names |> List.map (fun name -> $"\"{name}\"") |> String.concat ", ")
        | Shape.Optional inner -> $"{describe inner} or null"
        | Shape.Sequence inner -> $"a list of {describe inner}"
        | Shape.Set inner -> $"a set of {describe inner}"
        | Shape.Grid(rank, inner) -> $"{rank} levels of lists of {describe inner}"
        | Shape.Tensor { Dimensions = Some lengths } -> $"a tensor of {dimensions lengths}"
        | Shape.Tensor { Dimensions = None } -> "a tensor"
        | Shape.Tuple parts -> "a list of " + (parts |> List.map describe |> String.concat ", then ")
        | Shape.Map(_, inner) -> $"an object whose values are {describe inner}"
        | Shape.Record record when record.Fields.IsEmpty -> "an empty object"
        | Shape.Record record -> $"an object with {fieldNames record.Fields}"
        | Shape.Union union ->
            let names =
                union.Cases |> List.map (fun case -> $"\"{case.Name}\"") |> String.concat ", "

            $"an object whose type is one of {names}"
        | Shape.Content Content.File -> "a file"
        | Shape.Content Content.Image -> "an image"
        | Shape.Content Content.Stream -> "bytes"
        | Shape.Custom kind -> $"{kind.Name} as JSON"

    /// The name of a tensor's elements as numpy has it, as in "float32".
    let elementName element =
        match element with
        | ElementType.Boolean -> "bool"
        | ElementType.SByte -> "int8"
        | ElementType.Byte -> "uint8"
        | ElementType.Int16 -> "int16"
        | ElementType.UInt16 -> "uint16"
        | ElementType.Int32 -> "int32"
        | ElementType.UInt32 -> "uint32"
        | ElementType.Int64 -> "int64"
        | ElementType.UInt64 -> "uint64"
        | ElementType.Half -> "float16"
        | ElementType.Single -> "float32"
        | ElementType.Double -> "float64"

    /// Whether null stands for a number that is not finite: so in lists of floating-point numbers.
    let readsNullAsNaN shape =
        match shape with
        | Shape.Number(NumberFormat.Half | NumberFormat.Single | NumberFormat.Double) -> true
        | _ -> false
