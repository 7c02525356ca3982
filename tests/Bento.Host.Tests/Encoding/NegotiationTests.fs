/// What is asked for in Accept and Accept-Encoding, what is given in Content-Encoding.
module Bento.Hosting.Tests.NegotiationTests

open System
open System.IO
open System.IO.Compression
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let mutable private ran = 0

let private negotiating = service {
    traffic { bodyLimit "1MiB" }
    api "text" (fun () -> "text")
    api "number" (fun () -> 1)
    api "id" (fun () -> Guid "6f9619ff-8b86-d011-b42d-00cf4fc964ff")
    api "maybe" (fun () -> Some "text")
    api "echo" (fun (text: string) -> text)
    api "count" (fun (text: string) -> text.Length)
    api "words" (fun (count: int) -> List.replicate count "word")
    api "large" (fun (length: int) -> String('a', length))

    api "counted" (fun () ->
        ran <- ran + 1
        ran)

    api "encoded" (fun (context: Context<unit>) () ->
        context.Response.SetHeader("Content-Encoding", "identity")
        String('a', 100_000))

    api "drawn" (fun (context: Context<unit>) () ->
        context.Response.SetHeader("Content-Type", "image/png")
        [| 0x89uy; 0x50uy |])

    api "table" (fun (context: Context<unit>) () ->
        context.Response.SetHeader("Content-Type", "text/csv; charset=utf-8")
        "a,b")

    api "vector" (fun () -> Image(File.OfBytes("a.svg", "image/svg+xml", "<svg xmlns=\"\"/>"B)))

    api "picture" (fun () -> File.OfBytes("a.png", "image/png", Array.zeroCreate 100_000))
}

let private app = lazy (App.hosting [ negotiating ])

let private ask (endpoint: string) headers mediaType (body: byte[]) : Task<Answer> = task {
    let! app = app.Value
    return! sendWith app.Client "POST" ("/" + endpoint) headers mediaType body
}

let private accept endpoint (accepted: string) =
    ask endpoint [ "Accept", accepted ] "" [||]

// -- media types -------------------------------------------------------------------------------------------

[<Theory>]
[<InlineData("number", "*/*", "application/json")>]
[<InlineData("number", "application/*;q=0.1", "application/json")>]
[<InlineData("number", "text/html, application/json;q=0.1", "application/json")>]
[<InlineData("number", "text/html;q=0.9, */*;q=0.1", "application/json")>]
[<InlineData("id", "*/*", "text/plain; charset=utf-8")>]
[<InlineData("id", "application/json", "application/json")>]
[<InlineData("maybe", "*/*", "application/json")>]
[<InlineData("text", "text/plain;q=0.2, application/json;q=0.1", "text/plain; charset=utf-8")>]
[<InlineData("text", "text/plain;q=0.1, application/json;q=0.2", "application/json")>]
[<InlineData("text", "text/*;q=0, */*", "application/json")>]
[<InlineData("picture", "text/html", "image/png")>]
let ``the answer is of the type that is wanted most`` (endpoint: string, accepted: string, mediaType: string) : Task =
    task {
        let! answer = accept endpoint accepted
        Assert.Equal(200, answer.Status)
        Assert.Equal(mediaType, answer.Headers["content-type"])
    }

[<Fact>]
let ``what JSON writes as a string is plain text without quotes`` () : Task = task {
    let! answer = accept "id" "*/*"
    Assert.Equal("6f9619ff-8b86-d011-b42d-00cf4fc964ff", answer.Body)
    let! json = accept "id" "application/json"
    Assert.Equal("\"6f9619ff-8b86-d011-b42d-00cf4fc964ff\"", json.Body)
}

[<Theory>]
[<InlineData("number", "text/plain")>]
[<InlineData("number", "image/*")>]
[<InlineData("number", "application/json;q=0")>]
[<InlineData("number", "application/json;q=0, */*;q=0")>]
[<InlineData("number", "*/*, application/json;q=0")>]
[<InlineData("number", "text/event-stream")>]
[<InlineData("text", "text/html")>]
[<InlineData("text", "text/plain;q=0, application/json;q=0, */*")>]
[<InlineData("maybe", "text/plain")>]
let ``where nothing will do the answer is a 406 that says what there is`` (endpoint: string, accepted: string) : Task =
    task {
        let! answer = accept endpoint accepted
        let detail = problem 406 answer
        Assert.Contains("application/json", detail)
        Assert.Contains("and Accept asks for ", detail)
    }

[<Theory>]
[<InlineData("drawn", "image/png", "image/png")>]
[<InlineData("drawn", "image/*;q=0.5", "image/png")>]
[<InlineData("table", "text/csv", "text/csv; charset=utf-8")>]
let ``the type that a handler tells is one that it answers with``
    (endpoint: string, accepted: string, told: string)
    : Task = task {
    let! answer = accept endpoint accepted
    Assert.Equal(200, answer.Status)
    Assert.Equal(told, answer.Headers["content-type"])
    Assert.Equal<byte>((if endpoint = "table" then "a,b"B else [| 0x89uy; 0x50uy |]), answer.Bytes)
}

[<Theory>]
[<InlineData("drawn", "image/webp")>]
[<InlineData("table", "text/html")>]
let ``a type that a handler tells and nobody wants is a 406`` (endpoint: string, accepted: string) : Task = task {
    let! answer = accept endpoint accepted
    Assert.Contains($"Accept asks for {accepted}", problem 406 answer)
}

[<Fact>]
let ``a picture that is a page is not shown`` () : Task = task {
    let! answer = accept "vector" "*/*"
    Assert.StartsWith("attachment", answer.Headers["content-disposition"])
}

[<Fact>]
let ``what is not wanted is not computed`` () : Task = task {
    let! _ = accept "counted" "image/png"
    let! answer = accept "counted" "application/json"
    Assert.Equal("1", answer.Body)
}

// -- bodies in an encoding -----------------------------------------------------------------------------------

let private encode (encoding: string) (body: byte[]) =
    use small = new MemoryStream()

    let target: Stream =
        match encoding with
        | "br" -> new BrotliStream(small, CompressionLevel.Optimal)
        | "deflate" -> new ZLibStream(small, CompressionLevel.Optimal)
        | _ -> new GZipStream(small, CompressionLevel.Optimal)

    using target (fun target -> target.Write(body, 0, body.Length))
    small.ToArray()

let private sendEncoded endpoint encoding mediaType body =
    ask endpoint [ "Content-Encoding", encoding ] mediaType body

[<Theory>]
[<InlineData("gzip")>]
[<InlineData("x-gzip")>]
[<InlineData("GZIP")>]
[<InlineData("br")>]
[<InlineData("deflate")>]
let ``a body is taken out of its encoding`` (encoding: string) : Task = task {
    let body = encode (encoding.ToLowerInvariant().Replace("x-", "")) "\"four\""B
    let! answer = sendEncoded "count" encoding "application/json" body
    Assert.Equal("4", answer.Body)
    let! text = sendEncoded "count" encoding "text/plain" body
    Assert.Equal("6", text.Body)
}

[<Theory>]
[<InlineData("zstd")>]
[<InlineData("gzip, br")>]
[<InlineData("nonsense")>]
let ``a body in another encoding is a 415 that says which are taken`` (encoding: string) : Task = task {
    let! answer = sendEncoded "count" encoding "application/json" "\"four\""B
    Assert.Contains(encoding, problem 415 answer)
    Assert.Equal("gzip, br, deflate", answer.Headers["accept-encoding"])
}

[<Fact>]
let ``no encoding may be named`` () : Task = task {
    let! answer = sendEncoded "count" "identity" "application/json" "\"four\""B
    Assert.Equal("4", answer.Body)
}

[<Theory>]
[<InlineData("gzip")>]
[<InlineData("br")>]
[<InlineData("deflate")>]
let ``what comes out of an encoding keeps the limit`` (encoding: string) : Task = task {
    let bomb = encode encoding (Array.zeroCreate 200_000_000)
    Assert.InRange(bomb.Length, 1, 1_000_000)
    let! answer = sendEncoded "count" encoding "application/json" bomb
    Assert.Contains("larger than 1MiB", problem 413 answer)

    let fits =
        encode encoding (Encoding.ASCII.GetBytes("\"" + String('a', 1_000_000) + "\""))

    let! within = sendEncoded "count" encoding "application/json" fits
    Assert.Equal("1000000", within.Body)
}

[<Theory>]
[<InlineData("gzip")>]
[<InlineData("br")>]
[<InlineData("deflate")>]
let ``a body that is not in its encoding is a 400`` (encoding: string) : Task = task {
    let! plain = sendEncoded "count" encoding "application/json" "\"four\""B
    Assert.Contains("Content-Encoding", problem 400 plain)

    let whole =
        encode encoding (Encoding.ASCII.GetBytes("\"" + String.Join(' ', Seq.init 1000 string) + "\""))

    for length in [ 0; 5; whole.Length / 2; whole.Length - 5; whole.Length - 2 ] do
        let! cut = sendEncoded "count" encoding "text/plain" whole[..length]
        Assert.Contains("Content-Encoding", problem 400 cut)
}

/// .NET writes nothing for nothing.
let private emptyMember =
    Convert.FromHexString "1F8B08000000000000FF03000000000000000000"

/// A stream that gives no more than so many bytes at once.
[<Sealed>]
type private Slow(bytes: byte[], most: int) =
    inherit MemoryStream(bytes)

    override this.ReadAsync(buffer: Memory<byte>, _: Threading.CancellationToken) =
        Threading.Tasks.ValueTask<int>(this.Read(buffer.Span.Slice(0, min most buffer.Length)))

let private gunzip most (sent: byte[]) : Task<byte[]> = task {
    use plain = new GunzippedStream(new Slow(sent, most))
    use copy = new MemoryStream()
    do! plain.CopyToAsync(copy, 7, cancellation ())
    return copy.ToArray()
}

[<Fact>]
let ``gzip of several members is one body, however it comes in`` () : Task = task {
    let parts = [ "\"fo"B; "ur"B; Array.create 70_000 (byte ' '); "\""B ]
    let members = parts |> List.map (encode "gzip")
    let sent = Array.concat (emptyMember :: members @ [ emptyMember; emptyMember ])

    for most in [ 1; 2; 9; 10; 11; 18; 4096; 1_000_000 ] do
        let! plain = gunzip most sent
        Assert.Equal<byte[]>(Array.concat parts, plain)

    let! answer = sendEncoded "count" "gzip" "text/plain" sent
    Assert.Equal(string (6 + 70_000), answer.Body)
}

[<Fact>]
let ``a member that is broken off, changed or no gzip is refused wherever it stands`` () : Task = task {
    let first, second = encode "gzip" "\"fo"B, encode "gzip" "ur\""B
    let whole = Array.append first second

    for length in 1 .. whole.Length - 1 do
        if length <> first.Length then
            let! cut =
                Assert.ThrowsAsync<InvalidDataException>(fun () -> gunzip 4096 whole[.. length - 1] :> Task)

            Assert.NotNull cut

    let changed = Array.copy whole
    // Of the first member's checksum.
    changed[first.Length - 6] <- changed[first.Length - 6] ^^^ 1uy

    for bytes in
        [
            changed
            Array.append whole "rest"B
            Array.append whole [| 0uy |]
            Array.append "rest"B whole
        ] do
        let! answer = sendEncoded "count" "gzip" "text/plain" bytes
        Assert.Contains("Content-Encoding", problem 400 answer)

    let! nothing = gunzip 4096 [||]
    Assert.Empty nothing
}

[<Fact>]
let ``many members keep the limit together`` () : Task = task {
    let one = encode "gzip" (Array.create 100_000 (byte 'a'))

    let! answer =
        sendEncoded "count" "gzip" "text/plain" (Array.concat (Array.create 11 one))

    Assert.Contains("larger than 1MiB", problem 413 answer)

    let! empty =
        sendEncoded "count" "gzip" "text/plain" (Array.concat (Array.create 60_000 emptyMember))

    Assert.Contains("larger than 1MiB", problem 413 empty)
}

// -- answers in an encoding ------------------------------------------------------------------------------------

let private decode (encoding: string) (body: byte[]) =
    use source = new MemoryStream(body)

    use plain: Stream =
        match encoding with
        | "br" -> new BrotliStream(source, CompressionMode.Decompress)
        | _ -> new GZipStream(source, CompressionMode.Decompress)

    use reader = new StreamReader(plain)
    reader.ReadToEnd()

let private large endpoint (count: int) (encodings: string) =
    ask endpoint [ "Accept-Encoding", encodings ] "application/json" (Encoding.ASCII.GetBytes(string count))

[<Theory>]
[<InlineData("gzip", "gzip")>]
[<InlineData("gzip, deflate", "gzip")>]
[<InlineData("br", "br")>]
[<InlineData("gzip, deflate, br", "br")>]
[<InlineData("br;q=0.5, gzip", "gzip")>]
[<InlineData("*", "br")>]
[<InlineData("br;q=0, *", "gzip")>]
let ``a large answer is compressed as is wanted most`` (accepted: string, encoding: string) : Task = task {
    let! answer = large "words" 10_000 accepted
    Assert.Equal(encoding, answer.Headers["content-encoding"])
    Assert.Equal("Accept-Encoding", answer.Headers["vary"])
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
    Assert.InRange(answer.Bytes.Length, 1, 10_000)
    Assert.Equal(70_001, (decode encoding answer.Bytes).Length)
    let! text = large "large" 100_000 accepted
    Assert.Equal(String('a', 100_000), decode encoding text.Bytes)
}

[<Theory>]
[<InlineData("")>]
[<InlineData("identity")>]
[<InlineData("zstd")>]
[<InlineData("gzip;q=0")>]
[<InlineData("garbage;;;")>]
let ``a large answer is left as it is where nothing else is wanted`` (accepted: string) : Task = task {
    let! answer = large "large" 100_000 accepted
    Assert.False(answer.Headers.ContainsKey "content-encoding")
    Assert.Equal("Accept-Encoding", answer.Headers["vary"])
    Assert.Equal(100_000, answer.Bytes.Length)
}

[<Fact>]
let ``small answers, pictures and what a handler has encoded are left as they are`` () : Task = task {
    let! small = large "large" 10_000 "gzip, br"
    Assert.False(small.Headers.ContainsKey "content-encoding")
    Assert.False(small.Headers.ContainsKey "vary")
    let! picture = ask "picture" [ "Accept-Encoding", "gzip, br" ] "" [||]
    Assert.Equal(100_000, picture.Bytes.Length)
    Assert.False(picture.Headers.ContainsKey "content-encoding")
    let! own = ask "encoded" [ "Accept-Encoding", "gzip, br" ] "" [||]
    Assert.Equal("identity", own.Headers["content-encoding"])
    Assert.Equal(100_000, own.Bytes.Length)
}

[<Fact>]
let ``encoded bodies and answers pass over a socket`` () : Task = task {
    let! server, _ = App.serving negotiating
    use _ = server

    use handler =
        new HttpClientHandler(AutomaticDecompression = Net.DecompressionMethods.All)

    use client = new HttpClient(handler, BaseAddress = Uri server.Address)
    let text = String('b', 200_000)

    let! answer =
        sendWith
            client
            "POST"
            "/echo"
            [ "Content-Encoding", "br" ]
            "text/plain"
            (encode "br" (Encoding.ASCII.GetBytes text))

    Assert.Equal(text, answer.Body)
}
