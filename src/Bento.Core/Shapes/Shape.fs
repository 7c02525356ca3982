namespace Bento

open System

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

/// What only a codec of one's own can judge: any JSON, of which it says what is wrong with it, if anything.
[<Sealed>]
type CustomShape(kind: Type, judge: string -> string option) =
    member _.Type = kind
    member _.Judge(json: string) : string option = judge json

    override _.Equals other =
        match other with
        | :? CustomShape as other -> other.Type = kind
        | _ -> false

    override _.GetHashCode() = kind.GetHashCode()

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
    | Custom of CustomShape

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
    /// Whether a field that is not among a case's is refused; else it is passed over.
    Closed: bool
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

    /// The shapes inside this one.
    let parts shape : Shape list =
        match shape with
        | Shape.Unit
        | Shape.Boolean
        | Shape.Integer _
        | Shape.Number _
        | Shape.Text _
        | Shape.Choice _
        | Shape.Tensor _
        | Shape.Content _
        | Shape.Custom _ -> []
        | Shape.Optional inner
        | Shape.Sequence inner
        | Shape.Set inner
        | Shape.Grid(_, inner)
        | Shape.Map(_, inner) -> [ inner ]
        | Shape.Tuple parts -> parts
        | Shape.Record record -> record.Fields |> List.map _.Shape
        | Shape.Union union -> union.Cases |> List.collect _.Fields |> List.map _.Shape

    /// Whether something holds of the shape or of one inside it.
    let rec exists (holds: Shape -> bool) shape =
        holds shape || parts shape |> List.exists (exists holds)

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
        | Shape.Custom custom -> $"{custom.Type.Name} as JSON"

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

    /// A tensor of more dimensions than these is some mistake.
    let internal mostDimensions = 16

    /// Whether null stands for a number that is not finite: so in lists of floating-point numbers.
    let readsNullAsNaN shape =
        match shape with
        | Shape.Number(NumberFormat.Half | NumberFormat.Single | NumberFormat.Double) -> true
        | _ -> false
