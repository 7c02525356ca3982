namespace Bento

open System
open System.Collections.Generic
open System.Text.Json

/// Whole numbers within those of an int64.
[<Sealed>]
type internal IntegerCodec<'T>(minimum: int64, maximum: int64, narrow: int64 -> 'T, widen: 'T -> int64) =
    inherit Codec<'T>(Shape.Integer(decimal minimum, decimal maximum))

    override _.Read reader =
        let mutable number = 0L

        if
            reader.TokenType = JsonTokenType.Number
            && reader.TryGetInt64(&number)
            && number >= minimum
            && number <= maximum
        then
            narrow number
        else
            Unfit.value ()

    override _.Write(writer, number) = writer.WriteNumberValue(widen number)

[<Sealed>]
type internal UInt64Codec() =
    inherit Codec<uint64>(Shape.Integer(decimal UInt64.MinValue, decimal UInt64.MaxValue))

    override _.Read reader =
        let mutable number = 0UL

        if reader.TokenType = JsonTokenType.Number && reader.TryGetUInt64(&number) then
            number
        else
            Unfit.value ()

    override _.Write(writer, number) = writer.WriteNumberValue number

/// JSON has no infinities: a number too large is refused, one that is not finite is written as null.
[<Sealed>]
type internal HalfCodec() =
    inherit Codec<Half>(Shape.Number NumberFormat.Half)

    override _.Read reader =
        let mutable number = Half.Zero

        if
            reader.TokenType = JsonTokenType.Number
            && Half.TryParse(reader.ValueSpan, Globalization.CultureInfo.InvariantCulture, &number)
            && Half.IsFinite number
        then
            number
        else
            Unfit.value ()

    override _.Write(writer, number) =
        if Half.IsFinite number then
            writer.WriteNumberValue(float32 number)
        else
            writer.WriteNullValue()

[<Sealed>]
type internal SingleCodec() =
    inherit Codec<float32>(Shape.Number NumberFormat.Single)

    override _.Read reader =
        let mutable number = 0f

        if
            reader.TokenType = JsonTokenType.Number
            && reader.TryGetSingle(&number)
            && Single.IsFinite number
        then
            number
        else
            Unfit.value ()

    override _.Write(writer, number) =
        if Single.IsFinite number then
            writer.WriteNumberValue number
        else
            writer.WriteNullValue()

[<Sealed>]
type internal DoubleCodec() =
    inherit Codec<float>(Shape.Number NumberFormat.Double)

    override _.Read reader =
        let mutable number = 0.

        if
            reader.TokenType = JsonTokenType.Number
            && reader.TryGetDouble(&number)
            && Double.IsFinite number
        then
            number
        else
            Unfit.value ()

    override _.Write(writer, number) =
        if Double.IsFinite number then
            writer.WriteNumberValue number
        else
            writer.WriteNullValue()

[<Sealed>]
type internal DecimalCodec() =
    inherit Codec<decimal>(Shape.Number NumberFormat.Decimal)

    override _.Read reader =
        let mutable number = 0m

        if reader.TokenType = JsonTokenType.Number && reader.TryGetDecimal(&number) then
            number
        else
            Unfit.value ()

    override _.Write(writer, number) = writer.WriteNumberValue number

[<Sealed>]
type internal BooleanCodec() =
    inherit Codec<bool>(Shape.Boolean)

    override _.Read reader =
        match reader.TokenType with
        | JsonTokenType.True -> true
        | JsonTokenType.False -> false
        | _ -> Unfit.value ()

    override _.Write(writer, value) = writer.WriteBooleanValue value

/// Nothing is null, or an object without fields that matter. Only for unit, which cannot itself be a base's argument.
[<Sealed>]
type internal NothingCodec<'Unit>() =
    inherit Codec<'Unit>(Shape.Unit)

    override _.Read reader =
        match reader.TokenType with
        | JsonTokenType.Null -> Unchecked.defaultof<'Unit>
        | JsonTokenType.StartObject ->
            reader.Skip()
            Unchecked.defaultof<'Unit>
        | _ -> Unfit.value ()

    override _.Write(writer, _) = writer.WriteNullValue()

[<Sealed>]
type internal StringCodec() =
    inherit Codec<string>(Shape.Text TextFormat.Plain)

    override _.Read reader =
        match reader.TokenType with
        | JsonTokenType.String -> nonNull (reader.GetString())
        | _ -> Unfit.value ()

    override _.Write(writer, text) =
        match box text with
        | null -> invalidOp "A text is null, and its type is no option."
        | _ -> writer.WriteStringValue text

/// What travels as text that .NET has its own words for.
[<Sealed>]
type internal TextCodec<'T>(format: TextFormat, parse: string -> 'T voption, print: 'T -> string) =
    inherit Codec<'T>(Shape.Text format)

    override _.Read reader =
        match reader.TokenType with
        | JsonTokenType.String ->
            match parse (nonNull (reader.GetString())) with
            | ValueSome value -> value
            | ValueNone -> Unfit.value ()
        | _ -> Unfit.value ()

    override _.Write(writer, value) = writer.WriteStringValue(print value)

[<Sealed>]
type internal GuidCodec() =
    inherit Codec<Guid>(Shape.Text TextFormat.Guid)

    override _.Read reader =
        let mutable value = Guid.Empty

        if reader.TokenType = JsonTokenType.String && reader.TryGetGuid(&value) then
            value
        else
            Unfit.value ()

    override _.Write(writer, value) = writer.WriteStringValue value

[<Sealed>]
type internal DateTimeCodec() =
    inherit Codec<DateTime>(Shape.Text TextFormat.DateTime)

    override _.Read reader =
        let mutable value = DateTime.MinValue

        if reader.TokenType = JsonTokenType.String && reader.TryGetDateTime(&value) then
            value
        else
            Unfit.value ()

    override _.Write(writer, value) = writer.WriteStringValue value

[<Sealed>]
type internal DateTimeOffsetCodec() =
    inherit Codec<DateTimeOffset>(Shape.Text TextFormat.DateTimeOffset)

    override _.Read reader =
        let mutable value = DateTimeOffset.MinValue

        if
            reader.TokenType = JsonTokenType.String
            && reader.TryGetDateTimeOffset(&value)
            && TextOf.hasOffset (nonNull (reader.GetString()))
        then
            value
        else
            Unfit.value ()

    override _.Write(writer, value) = writer.WriteStringValue value

[<Sealed>]
type internal BytesCodec() =
    inherit Codec<byte[]>(Shape.Text TextFormat.Base64)

    override _.Read reader =
        let mutable value: byte[] | null = null

        if reader.TokenType = JsonTokenType.String && reader.TryGetBytesFromBase64(&value) then
            nonNull value
        else
            Unfit.value ()

    override _.Write(writer, bytes) =
        match box bytes with
        | null -> invalidOp "A byte array is null, and its type is no option."
        | _ -> writer.WriteBase64StringValue(ReadOnlySpan bytes)

/// One of a few values, each with a name: an enum, or a union without fields.
[<Sealed>]
type internal ChoiceCodec<'T>(names: string[], values: 'T[], indexOf: 'T -> int) =
    inherit Codec<'T>(Shape.Choice(List.ofArray names))

    let texts =
        names
        |> Array.map (fun name -> JsonEncodedText.Encode(name, JsonBuffer.Encoder))

    let wanted = names |> Array.map Text.Encoding.UTF8.GetBytes

    override _.Read reader =
        if reader.TokenType <> JsonTokenType.String then
            Unfit.value ()
        else
            let mutable index = 0

            while index < wanted.Length
                  && not (reader.ValueTextEquals(ReadOnlySpan wanted[index])) do
                index <- index + 1

            if index < wanted.Length then
                values[index]
            else
                Unfit.value ()

    override _.Write(writer, value) =
        match indexOf value with
        | -1 -> invalidOp $"{value} is no value of {typeof<'T>.Name} that has a name."
        | index -> writer.WriteStringValue texts[index]

/// What travels as its own bytes. In JSON that was made of a form its number stands for it; it is never written as JSON.
[<Sealed>]
type internal ContentCodec<'T>(content: Content, find: int -> 'T option) =
    inherit Codec<'T>(Shape.Content content)

    override _.Read reader =
        let mutable number = -1

        if reader.TokenType = JsonTokenType.Number && reader.TryGetInt32(&number) then
            match find number with
            | Some found -> found
            | None -> Unfit.value ()
        else
            Unfit.value ()

    override _.Write(_, _) =
        invalidOp $"A {typeof<'T>.Name} is an answer of its own and cannot be written within JSON."

/// The codecs of types that hold no others.
[<RequireQualifiedAccess>]
module internal ScalarCodecs =

    let private integer minimum maximum narrow widen : Codec =
        IntegerCodec(minimum, maximum, narrow, widen)

    let private character: Codec =
        TextCodec<char>(
            TextFormat.Character,
            (fun text ->
                if text.Length = 1 && not (Char.IsSurrogate text[0]) then
                    ValueSome text[0]
                else
                    ValueNone),
            string
        )

    let private uri: Codec =
        TextCodec<Uri>(
            TextFormat.Uri,
            TextOf.uri,
            fun uri ->
                match box uri with
                | null -> invalidOp "A URI is null, and its type is no option."
                | _ when TextOf.isAbsolute uri -> uri.OriginalString
                | _ -> invalidOp $"The URI {uri} is not absolute."
        )

    let private all: Codec list = [
        NothingCodec<unit>()
        BooleanCodec()
        integer (int64 SByte.MinValue) (int64 SByte.MaxValue) sbyte int64
        integer (int64 Byte.MinValue) (int64 Byte.MaxValue) byte int64
        integer (int64 Int16.MinValue) (int64 Int16.MaxValue) int16 int64
        integer (int64 UInt16.MinValue) (int64 UInt16.MaxValue) uint16 int64
        integer (int64 Int32.MinValue) (int64 Int32.MaxValue) int int64
        integer (int64 UInt32.MinValue) (int64 UInt32.MaxValue) uint32 int64
        integer Int64.MinValue Int64.MaxValue id id
        UInt64Codec()
        HalfCodec()
        SingleCodec()
        DoubleCodec()
        DecimalCodec()
        StringCodec()
        character
        GuidCodec()
        DateTimeCodec()
        DateTimeOffsetCodec()
        TextCodec<DateOnly>(
            TextFormat.Date,
            TextOf.date,
            fun date -> date.ToString("yyyy-MM-dd", Globalization.CultureInfo.InvariantCulture)
        )
        TextCodec<TimeOnly>(TextFormat.Time, TextOf.time, TextOf.ofTime)
        TextCodec<TimeSpan>(TextFormat.Duration, TextOf.duration, TextOf.ofDuration)
        uri
        BytesCodec()
        ContentCodec<File>(Content.File, Attachments.Current)
        ContentCodec<Image>(Content.Image, Attachments.Current >> Option.map Image)
        ContentCodec<IO.Stream>(Content.Stream, Attachments.Opened)
    ]

    let private byType =
        Dictionary(all |> Seq.map (fun codec -> KeyValuePair(codec.Type, codec)))

    /// The codec of a type that holds no others.
    let (|Scalar|_|) (kind: Type) : Codec option =
        match byType.TryGetValue kind with
        | true, codec -> Some codec
        | _ -> None
