namespace Bento

open System
open System.Buffers
open System.Text
open System.Text.Json
open Microsoft.AspNetCore.Http

/// How the items of a stream are told apart.
[<RequireQualifiedAccess>]
type internal Framing =
    /// Server-sent events, as browsers read them.
    | Events
    /// One JSON value a line.
    | Lines
    /// The text of the items, with nothing between them.
    | Text

/// Where the items of one stream are written, one after the other, in the same bytes.
[<Sealed>]
type internal ItemBuffer() =
    let bytes = new PooledBytes()

    let writer =
        new Utf8JsonWriter(bytes, JsonWriterOptions(Encoder = JsonBuffer.Encoder, SkipValidation = true))

    member _.Written: ReadOnlyMemory<byte> = Memory.op_Implicit bytes.Written
    member _.Clear() = bytes.Clear()
    member _.Add(constant: byte[]) = bytes.Write(ReadOnlySpan constant)

    member _.AddText(text: ReadOnlySpan<char>) =
        Encoding.UTF8.GetBytes(text, bytes) |> ignore

    /// Adds a value as JSON on one line, whatever a codec of somebody's own makes of it: a line end that is no escape can
    /// only stand between two tokens.
    member _.AddJson(codec: Codec<'Out>, item: 'Out) =
        let start = bytes.Written.Length
        writer.Reset()
        codec.Write(writer, item)
        writer.Flush()
        let json = bytes.Written.Span.Slice start
        json.Replace('\n'B, ' 'B)
        json.Replace('\r'B, ' 'B)

    interface IDisposable with
        member _.Dispose() =
            writer.Dispose()
            (bytes :> IDisposable).Dispose()

/// How the items of one endpoint are written.
[<NoComparison; NoEquality>]
type internal ItemWriting<'Out> = {
    Card: EndpointCard
    Codec: Codec<'Out>
    /// Whether items are text, which events and plain text have without quotes.
    IsText: bool
    /// The ways there are, the usual one first.
    Framings: Framing[]
    /// Their media types.
    Offers: string[]
}

/// From a stream's items to the bytes between a first and a last one.
[<RequireQualifiedAccess>]
module internal Framing =

    let mediaType framing =
        match framing with
        | Framing.Events -> "text/event-stream"
        | Framing.Lines -> "application/x-ndjson"
        | Framing.Text -> MediaType.text

    let plan<'Out> (card: EndpointCard) : ItemWriting<'Out> =
        let isText = Answer.isText card.Output.Shape

        let framings =
            if isText then
                [| Framing.Text; Framing.Lines; Framing.Events |]
            else
                [| Framing.Lines; Framing.Events |]

        {
            Card = card
            Codec = card.Output.Codec :?> Codec<'Out>
            IsText = isText
            Framings = framings
            Offers = Array.map mediaType framings
        }

    /// How a reader will be answered, or why it cannot be. Who has no wish gets what can be read item by item as it comes.
    let choose (writing: ItemWriting<'Out>) (http: HttpContext) : Result<Framing, Refusal> =
        match Negotiation.mediaType http writing.Offers with
        | -1 -> Error(Answer.notAcceptable writing.Card writing.Offers http)
        | chosen -> Ok writing.Framings[chosen]

    // -- items ---------------------------------------------------------------------------------------

    let private dataField = "data: "B
    let private lineEnd = "\n"B

    /// A text of several lines is as many fields; a reader puts them together again with "\n" between.
    let private addLines (buffer: ItemBuffer) (text: string) =
        let mutable rest = text.AsSpan()
        let mutable isWhole = false

        while not isWhole do
            let length = rest.IndexOfAny('\r', '\n')
            buffer.Add dataField

            if length < 0 then
                buffer.AddText rest
                isWhole <- true
            else
                buffer.AddText(rest.Slice(0, length))
                let ending = rest.Slice length
                rest <- ending.Slice(if ending.StartsWith "\r\n" then 2 else 1)

            buffer.Add lineEnd

    /// Writes one item into the buffer, in the place of the one before.
    let write (writing: ItemWriting<'Out>) framing (buffer: ItemBuffer) (item: 'Out) =
        buffer.Clear()

        if isNull (box item) && not (Answer.takesNull writing.Card) then
            invalidOp
                $"\"{writing.Card.Name}\" gave null among its items, each of which is {Shape.describe writing.Card.Output.Shape}."

        match framing with
        | Framing.Text -> buffer.AddText((Answer.textOf writing.Codec item).AsSpan())
        | Framing.Lines ->
            buffer.AddJson(writing.Codec, item)
            buffer.Add lineEnd
        | Framing.Events ->
            if writing.IsText then
                addLines buffer (Answer.textOf writing.Codec item)
            else
                buffer.Add dataField
                buffer.AddJson(writing.Codec, item)
                buffer.Add lineEnd

            buffer.Add lineEnd

    // -- what is no item -----------------------------------------------------------------------------

    /// A comment, which readers of events pass over.
    let heartbeat = ReadOnlyMemory ":\n\n"B

    let private lastEvent = ReadOnlyMemory "event: end\ndata:\n\n"B

    /// What is said at a good end.
    let finish framing : ReadOnlyMemory<byte> =
        match framing with
        | Framing.Events -> lastEvent
        | Framing.Lines
        | Framing.Text -> ReadOnlyMemory.Empty

    /// What is said of a failure, before the answer is broken off. Text has no room for what is not its own.
    let failure framing (http: HttpContext) (refusal: Refusal) : ReadOnlyMemory<byte> =
        let around (before: byte[]) (after: byte[]) =
            ReadOnlyMemory [|
                yield! before
                yield! (Refusal.problem http refusal).ToArray()
                yield! after
            |]

        match framing with
        | Framing.Events -> around "event: error\ndata: "B "\n\n"B
        | Framing.Lines -> around "{\"error\":"B "}\n"B
        | Framing.Text -> ReadOnlyMemory.Empty
