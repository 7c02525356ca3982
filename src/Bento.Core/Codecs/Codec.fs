namespace Bento

open System
open System.Text.Json

/// A value is not what its type wants. Which value and why is looked for afterwards, where there is time.
[<RequireQualifiedAccess>]
module internal Unfit =

    let value () : 'Any = raise (JsonException())

/// How the values of one type are read from JSON and written as it.
[<AbstractClass>]
type Codec internal (kind: Type, shape: Shape) =

    member _.Type = kind

    /// What the type looks like on the wire.
    member _.Shape = shape

    /// The fields, where the type travels as an object with the same fields always.
    abstract Fields: FieldCodec list
    default _.Fields = []

    /// A value from those of its fields, in the order of `Fields`; null where a field is not given, and for a field that is null.
    abstract OfFields: values: FieldValue[] -> Result<objnull, Fault list>

    default _.OfFields _ =
        invalidOp $"{kind} does not travel as an object."

    abstract ReadObject: reader: byref<Utf8JsonReader> -> objnull
    abstract WriteObject: writer: Utf8JsonWriter * value: objnull -> unit

    /// Whether a field with this value is left out.
    abstract LeavesOut: value: objnull -> bool

    /// The value of a whole body, or everything that is wrong with it.
    abstract DecodeObject: body: ReadOnlyMemory<byte> -> Result<objnull, Fault list>

    override _.Equals other =
        match other with
        | :? Codec as other -> other.Type = kind && other.Shape = shape
        | _ -> false

    override _.GetHashCode() = kind.GetHashCode()

/// A field of an object, with what reads its value.
and [<Sealed>] FieldCodec internal (shape: FieldShape, codec: Codec) =
    member _.Shape = shape
    member _.Codec = codec

    /// The value of the field where it is the whole of a body, as in one part of several.
    member _.Decode(body: ReadOnlyMemory<byte>) : Result<objnull, Fault list> =
        codec.DecodeObject body
        |> Result.mapError (fun faults ->
            match Faults.ofField shape body with
            | [] ->
                faults
                |> List.map (fun fault -> {
                    fault with
                        Location = Step.Name shape.Name :: fault.Location
                })
            | faults -> faults)

/// What a body says of a field.
and [<RequireQualifiedAccess; Struct; NoComparison>] FieldValue =
    | Absent
    | Given of objnull

/// How the values of `'T` are read from JSON and written as it.
[<AbstractClass>]
type Codec<'T> internal (shape: Shape) =
    inherit Codec(typeof<'T>, shape)

    let takesBareNumbers =
        shape
        |> Shape.exists (fun shape ->
            match shape with
            | Shape.Tensor {
                               Element = ElementType.Half | ElementType.Single | ElementType.Double
                           } -> true
            | _ -> false)

    /// Reads the value that the reader stands on, to its last token; raises where it is not one of `'T`.
    abstract Read: reader: byref<Utf8JsonReader> -> 'T

    abstract Write: writer: Utf8JsonWriter * value: 'T -> unit

    /// Whether a field with this value is left out.
    abstract IsAbsent: value: 'T -> bool
    default _.IsAbsent _ = false

    override this.ReadObject reader = box (this.Read &reader)

    member private _.OfObject(value: objnull) : 'T =
        match value with
        | null -> Unchecked.defaultof<'T>
        | value -> unbox<'T> value

    override this.WriteObject(writer, value) = this.Write(writer, this.OfObject value)
    override this.LeavesOut value = this.IsAbsent(this.OfObject value)

    member private this.TryRead(json: ReadOnlySpan<byte>, value: byref<'T>) : bool =
        // A type's own constructor may raise anything, and no body may be more than refused.
        try
            let mutable reader = Utf8JsonReader(json, JsonReaderOptions())
            reader.Read() |> ignore
            value <- this.Read &reader
            not (reader.Read())
        with _ ->
            false

    /// The value of a whole body, or everything that is wrong with it.
    member this.Decode(body: ReadOnlyMemory<byte>) : Result<'T, Fault list> =
        let mutable value = Unchecked.defaultof<'T>

        if this.TryRead(body.Span, &value) then
            Ok value
        else
            let marked =
                if takesBareNumbers then
                    BareNumbers.quote body |> Option.defaultValue body
                else
                    body

            if takesBareNumbers && this.TryRead(marked.Span, &value) then
                Ok value
            else
                match Faults.ofBody shape marked with
                | [] ->
                    Error [
                        {
                            Location = []
                            Kind = "type"
                            Message = $"The body cannot be read as {Shape.describe shape}."
                        }
                    ]
                | faults -> Error faults

    override this.DecodeObject body = this.Decode body |> Result.map box

    /// The value as JSON. A value that breaks its own type is a mistake of who made it, and raises.
    member this.Encode(value: 'T) : byte[] =
        let buffer = JsonBuffer.Rent()
        this.Write(buffer.Writer, value)
        buffer.Finish()

/// A codec around what some library reads and writes.
[<Sealed>]
type internal StringsCodec<'T>(decode: string -> Result<'T, string>, encode: 'T -> string, shape) =
    inherit Codec<'T>(shape)

    override _.Read reader =
        use document = JsonDocument.ParseValue(&reader)

        match decode (document.RootElement.GetRawText()) with
        | Ok value -> value
        | Error _ -> Unfit.value ()

    override _.Write(writer, value) =
        writer.WriteRawValue(encode value, skipInputValidation = false)

[<RequireQualifiedAccess>]
module Codec =

    /// A codec from a function that reads JSON and one that writes it, such as Thoth's `Decode.fromString decoder` and
    /// `encoder >> Encode.toString 0`. Give it to a service with `codec`.
    let ofStrings (decode: string -> Result<'T, string>) (encode: 'T -> string) : Codec<'T> =
        let judge json =
            try
                match decode json with
                | Ok _ -> None
                | Error reason -> Some reason
            with problem ->
                Some $"it cannot be read ({problem.GetType().Name})"

        StringsCodec(decode, encode, Shape.Custom(CustomShape(typeof<'T>, judge)))
