/// Messages of sockets as values, and values as messages.
module Bento.Hosting.Tests.SocketMessagesTests

open System
open System.Collections.Generic
open System.Net.WebSockets
open System.Numerics.Tensors
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento

type Turn = {
    Text: string
    Times: int
    Tags: string list
    Weight: float option
}

/// The messages of a socket that takes and sends values of one type.
let private messagesOf<'T> () : SocketMessages<'T, 'T> =
    let talking = service {
        name "talking"
        socket "echo" (fun (values: IAsyncEnumerable<'T>) -> values)
    }

    let card = (Service.require talking).Card
    SocketMessages.plan<'T, 'T> card card.Endpoints.Head

let private back (messages: SocketMessages<'T, 'T>) isBinaryCaller (value: 'T) =
    let struct (message, kind) = SocketMessages.write messages isBinaryCaller value
    kind, SocketMessages.read messages kind (ReadOnlyMemory message)

let private quiet = Config.QuickThrowOnFailure.WithQuietOnSuccess true

[<Fact>]
let ``what is written as a message is read as the same value`` () =
    let messages = messagesOf<Turn>()

    let text (letters: char list) = String(Array.ofList letters)

    let turns =
        ArbMap.defaults
        |> ArbMap.generate<char list * int * char list list * NormalFloat option>
        |> Gen.map (fun (letters, times, tags, weight) -> {
            Text = text letters
            Times = times
            Tags = List.map text tags
            Weight = weight |> Option.map _.Get
        })
        |> Arb.fromGen

    // A letter that is half of one does not come back, in JSON of whatever make.
    let isWhole (text: string) =
        text |> Seq.forall (Char.IsSurrogate >> not)

    let isBack turn =
        not (isWhole turn.Text && List.forall isWhole turn.Tags)
        || back messages false turn = (WebSocketMessageType.Text, Ok turn)

    Check.One(quiet, Prop.forAll turns isBack)

[<Fact>]
let ``bytes are binary both ways, and base64 in text is read too`` () =
    let messages = messagesOf<byte[]>()

    Check.One(
        quiet,
        fun (bytes: byte[]) ->
            match back messages false bytes with
            | WebSocketMessageType.Binary, Ok again -> again = bytes
            | _ -> false
    )

    match SocketMessages.read messages WebSocketMessageType.Text (ReadOnlyMemory "\"AQI=\""B) with
    | Ok bytes -> Assert.Equal<byte[]>([| 1uy; 2uy |], bytes)
    | Error refusal -> Assert.Fail refusal.Detail

[<Fact>]
let ``a tensor is JSON, and a file of numpy's for those who send such`` () =
    let messages = messagesOf<Tensor<float32>>()

    let check isBinaryCaller wanted =
        Check.One(
            quiet,
            fun (values: NormalFloat[]) ->
                let values = values |> Array.map (fun value -> float32 value.Get)

                let tensor =
                    Tensor.Create<float32>(values, ReadOnlySpan [| nativeint values.Length |])

                match back messages isBinaryCaller tensor with
                | kind, Ok again -> kind = wanted && Seq.toArray again = values
                | _ -> false
        )

    check false WebSocketMessageType.Text
    check true WebSocketMessageType.Binary

[<Fact>]
let ``a binary message where there is no such form is refused with what is taken`` () =
    match SocketMessages.read (messagesOf<int>()) WebSocketMessageType.Binary (ReadOnlyMemory "1"B) with
    | Error refusal -> Assert.Equal("A binary message; \"echo\" takes a whole number as JSON text.", refusal.Detail)
    | Ok number -> Assert.Fail $"{number}"

[<Fact>]
let ``bytes that are no file of numpy's are refused`` () =
    match SocketMessages.read (messagesOf<Tensor<float>>()) WebSocketMessageType.Binary (ReadOnlyMemory "1"B) with
    | Error refusal -> Assert.Contains("application/x-npy", refusal.Detail)
    | Ok _ -> Assert.Fail "it was taken"

[<Fact>]
let ``null is sent where it is a value, and raises elsewhere`` () =
    let struct (message, _) = SocketMessages.write (messagesOf<int option>()) false None
    Assert.Equal<byte[]>("null"B, message)

    let raised =
        Assert.Throws<InvalidOperationException>(fun () ->
            SocketMessages.write (messagesOf<string>()) false (Unchecked.defaultof<string>)
            |> ignore)

    Assert.Equal("\"echo\" sent null, which is not text.", raised.Message)
