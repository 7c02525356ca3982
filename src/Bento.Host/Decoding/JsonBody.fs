namespace Bento

open System
open System.Text
open System.Text.Json

/// How JSON is decoded at the input type of one endpoint.
[<NoComparison; NoEquality>]
type internal JsonReading<'In> = {
    Card: EndpointCard
    Codec: Codec<'In>
}

/// From JSON in memory to a value, or to the reasons why not.
[<RequireQualifiedAccess>]
module internal JsonBody =

    let plan<'In> (card: EndpointCard) : JsonReading<'In> = {
        Card = card
        Codec = card.Input.Codec :?> Codec<'In>
    }

    let private unreadable message =
        Refusal.ofFaults [
            {
                Location = []
                Kind = "json"
                Message = message
            }
        ]
        |> Error

    let private takesNull reading =
        match reading.Card.Input.Shape with
        | Shape.Optional _
        | Shape.Unit -> true
        | _ -> false

    let private mark = [| 0xEFuy; 0xBBuy; 0xBFuy |]

    /// Some editors and shells put a mark before UTF-8, which is no part of the text.
    let private withoutMark (body: ReadOnlyMemory<byte>) =
        if body.Span.StartsWith(mark) then
            body.Slice mark.Length
        else
            body

    /// The value of a body of JSON. Where null may be, nothing stands for it.
    let decode (reading: JsonReading<'In>) (body: ReadOnlyMemory<byte>) : Result<'In, Refusal> =
        match withoutMark body with
        | body when not body.IsEmpty -> reading.Codec.Decode body |> Result.mapError Refusal.ofFaults
        | _ when takesNull reading -> Ok Unchecked.defaultof<'In>
        | _ ->
            unreadable
                $"The body is empty; \"{reading.Card.Name}\" takes {Shape.describe reading.Card.Input.Shape} as JSON."

    let private strictUtf8 = UTF8Encoding(false, true)

    let private textOf (body: ReadOnlyMemory<byte>) =
        try
            Ok(strictUtf8.GetString((withoutMark body).Span))
        with :? DecoderFallbackException ->
            unreadable "The body is not UTF-8."

    /// The value of a body that is the text itself, such as a date without quotes.
    let decodeText (reading: JsonReading<'In>) (body: ReadOnlyMemory<byte>) : Result<'In, Refusal> =
        textOf body
        |> Result.bind (fun text ->
            match box text with
            | :? 'In as text -> Ok text
            | _ -> decode reading (ReadOnlyMemory(JsonSerializer.SerializeToUtf8Bytes text)))
