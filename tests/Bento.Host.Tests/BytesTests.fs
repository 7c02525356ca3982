/// Inputs and outputs that are bytes.
module Bento.Hosting.Tests.BytesTests

open System
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private bytes = service {
    api "reverse" (fun (bytes: byte[]) -> Array.rev bytes)
    api "length" (fun (bytes: byte[]) -> bytes.Length)

    api "maybe" (fun (bytes: byte[] option) -> bytes |> Option.map _.Length |> Option.defaultValue -1)

    api "typed" (fun (context: Context<unit>) () ->
        context.Response.SetHeader("Content-Type", "audio/wav")
        [| 1uy; 2uy; 255uy |])
}

let private app = lazy (App.hosting [ bytes ])

let private send endpoint mediaType (body: byte[]) : Task<Answer> = task {
    let! app = app.Value
    return! post app.Client ("/" + endpoint) mediaType body
}

[<Fact>]
let ``bytes are the body itself, or base64 in JSON`` () : Task = task {
    let! raw = send "reverse" "application/octet-stream" [| 1uy; 2uy; 3uy |]
    Assert.Equal("AwIB", raw.Body)
    Assert.Equal("text/plain; charset=utf-8", raw.Headers["content-type"])
    let! json = send "reverse" "application/json" "\"AQID\""B
    Assert.Equal("AwIB", json.Body)
    let! bad = send "reverse" "application/json" "\"A*\""B
    Assert.Equal<_ list>([ "[]", "type" ], faults bad)
    let! guessed = send "length" "application/json" "[1, 2]"B
    Assert.Equal("6", guessed.Body)
    let! text = send "length" "text/plain" "\"four\""B
    Assert.Equal("6", text.Body)
}

[<Fact>]
let ``bytes are answered in base64, or as they are`` () : Task = task {
    let! app = app.Value

    let ask accept =
        sendWith app.Client "POST" "/reverse" [ "Accept", accept ] "application/octet-stream" [| 1uy; 2uy |]

    let! json = ask "application/json"
    Assert.Equal("\"AgE=\"", json.Body)
    let! raw = ask "application/octet-stream"
    Assert.Equal<byte[]>([| 2uy; 1uy |], raw.Bytes)
    Assert.Equal("application/octet-stream", raw.Headers["content-type"])
    let! typed = send "typed" "" [||]
    Assert.Equal("audio/wav", typed.Headers["content-type"])
    Assert.Equal<byte[]>([| 1uy; 2uy; 255uy |], typed.Bytes)
}

[<Fact>]
let ``bytes that may be absent are the body too, and null and nothing are none`` () : Task = task {
    for mediaType, body, length in
        [
            "application/octet-stream", "abc"B, "3"
            "application/json", "\"AQID\""B, "3"
            "application/json", "[1]"B, "3"
            "application/json", "null"B, "-1"
            "", ""B, "-1"
            "application/octet-stream", "null"B, "4"
            "application/octet-stream", ""B, "0"
        ] do
        let! answer = send "maybe" mediaType body
        Assert.Equal((mediaType, length), (mediaType, answer.Body))
}
