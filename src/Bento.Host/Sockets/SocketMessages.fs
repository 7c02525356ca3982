namespace Bento

open System
open System.Buffers
open System.Net.WebSockets
open Microsoft.AspNetCore.Http

/// What a binary message is, where a type has such a form.
[<RequireQualifiedAccess; NoComparison; NoEquality>]
type internal BinaryForm =
    | Nothing
    /// `byte[]`: the bytes themselves.
    | Bytes
    /// A tensor: a file of numpy's, which says its own shape and element type.
    | Npy of TensorPlan

/// How the messages of one socket are read and written.
[<NoComparison; NoEquality>]
type internal SocketMessages<'In, 'Out> = {
    Card: EndpointCard
    Limit: Limit
    Reading: JsonReading<'In>
    Received: BinaryForm
    Codec: Codec<'Out>
    Sent: BinaryForm
}

/// From messages to values and back: JSON in text, and what has bytes of its own in binary.
[<RequireQualifiedAccess>]
module internal SocketMessages =

    let private formOf (travelling: Travelling) =
        match travelling.Shape with
        | Shape.Tensor tensor -> BinaryForm.Npy(TensorBody.plan travelling.Type tensor)
        | Shape.Text TextFormat.Base64 when travelling.Type = typeof<byte[]> -> BinaryForm.Bytes
        | _ -> BinaryForm.Nothing

    let plan<'In, 'Out> (service: ServiceCard) (card: EndpointCard) : SocketMessages<'In, 'Out> = {
        Card = card
        Limit = Intake.limit service card
        Reading = JsonBody.plan<'In> card
        Received = formOf card.Input
        Codec = card.Output.Codec :?> Codec<'Out>
        Sent = formOf card.Output
    }

    let private notBinary (messages: SocketMessages<'In, 'Out>) =
        Refusal.plain
            StatusCodes.Status400BadRequest
            $"A binary message; \"{messages.Card.Name}\" takes {Shape.describe messages.Card.Input.Shape} as JSON text."
        |> Error

    /// The value of a whole message. The socket itself has seen to it that text is UTF-8.
    let read (messages: SocketMessages<'In, 'Out>) kind (message: ReadOnlyMemory<byte>) : Result<'In, Refusal> =
        match kind, messages.Received with
        | WebSocketMessageType.Binary, BinaryForm.Bytes -> Ok(unbox<'In>(message.ToArray()))
        | WebSocketMessageType.Binary, BinaryForm.Npy plan -> TensorBody.ofNpy plan (ReadOnlySequence message)
        | WebSocketMessageType.Binary, BinaryForm.Nothing -> notBinary messages
        | _ -> JsonBody.decode messages.Reading message

    /// The message of a value. Bytes are binary always; a tensor is, once the caller has sent a binary message itself.
    let write
        (messages: SocketMessages<'In, 'Out>)
        isBinaryCaller
        (output: 'Out)
        : struct (byte[] * WebSocketMessageType) =
        let file =
            match messages.Sent with
            | BinaryForm.Npy plan when isBinaryCaller -> plan.Bytes.Write(output, Npy.head plan.Shape.Element)
            | _ -> ValueNone

        match file, box output with
        | ValueSome(struct (_, file)), _ -> struct (file, WebSocketMessageType.Binary)
        | _, (:? (byte[]) as bytes) when messages.Sent.IsBytes -> struct (bytes, WebSocketMessageType.Binary)
        | _, null when not (Answer.takesNull messages.Card) ->
            invalidOp $"\"{messages.Card.Name}\" sent null, which is not {Shape.describe messages.Card.Output.Shape}."
        | _ -> struct (messages.Codec.Encode output, WebSocketMessageType.Text)
