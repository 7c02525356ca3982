/// Inputs and outputs that are files, images, streams and bytes by themselves.
module Bento.Hosting.Tests.FileTests

open System
open System.IO
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private readAll (source: Stream) : Task<string> = task {
    use reader = new StreamReader(source)
    return! reader.ReadToEndAsync()
}

/// Where a handler's files went, to see what is left of them.
let private seen = Collections.Concurrent.ConcurrentDictionary<string, string>()

let private keep (context: Context<unit>) (file: Bento.File) : Task<int64> = task {
    use source = file.Open()

    match source with
    | :? FileStream as stream -> seen[context.RequestId] <- stream.Name
    | _ -> seen[context.RequestId] <- "memory"

    let! text = readAll source
    return int64 text.Length
}

let private files = service {
    traffic { bodyLimit "8MiB" }

    api "describe" (fun (file: Bento.File) ->
        $"{file.ContentType} {file.Length} {Encoding.Latin1.GetString(file.ReadAllBytes())}")

    api "maybe" (fun (file: Bento.File option) -> file |> Option.map _.Length)
    api "keep" keep

    api "fail" (fun (context: Context<unit>) (file: Bento.File) -> task {
        let! _ = keep context file
        return (failwith "secret": int)
    })

    api "pixels" (fun (image: Image) -> [ image.Pixels.Width; image.Pixels.Height; image.Pixels.Channels ])
    api "stream" (fun (source: Stream) -> readAll source)

    api "picture" (fun () -> Image.OfPixels("größe.png", Pixels.create 2 1 3 [| 1uy; 2uy; 3uy; 4uy; 5uy; 6uy |]))

    api "some" (fun (there: bool) ->
        if there then
            Some(File.OfBytes("a.csv", "text/csv", "x,y"B))
        else
            None)

    api "evil" (fun () -> File.OfBytes("a", "text/html\r\nX-Evil: 1", "<b>"B))

    api "produce" (fun (length: int) -> new MemoryStream(Array.create length (byte 'a')) :> Stream)

    api "broken" (fun () -> File("a", "text/plain", 10L, (fun () -> new MemoryStream("hello"B) :> Stream)))

    api "unchanged" (fun (context: Context<unit>) () ->
        context.Response.Status <- 304
        File.OfBytes("a.csv", "text/csv", "x,y"B))

    api "nothing" (fun () -> Unchecked.defaultof<Bento.File>)
}

let private app = lazy (App.hosting [ files ])

let private send endpoint mediaType (body: byte[]) : Task<Answer> = task {
    let! app = app.Value
    return! post app.Client ("/" + endpoint) mediaType body
}

[<Theory>]
[<InlineData("", "text/plain")>]
[<InlineData("application/octet-stream", "text/plain")>]
[<InlineData("application/json", "application/json")>]
[<InlineData("text/plain", "text/plain")>]
[<InlineData("text/csv; charset=iso-8859-1", "text/csv; charset=iso-8859-1")>]
[<InlineData("image/png", "image/png")>]
[<InlineData("application/x-www-form-urlencoded", "application/x-www-form-urlencoded")>]
let ``a file is a body of any type`` (mediaType: string, contentType: string) : Task = task {
    let! answer = send "describe" mediaType "hello"B
    Assert.Equal($"{contentType} 5 hello", answer.Body)
}

[<Fact>]
let ``a file may come in chunks and be empty`` () : Task = task {
    let! app = app.Value
    let! answer = postChunks app.Client "/describe" [ "hel"B; "lo"B ]
    Assert.Equal("application/json 5 hello", answer.Body)
    let! empty = send "describe" "text/plain" [||]
    Assert.Equal("text/plain 0 ", empty.Body)
    let! none = send "maybe" "text/plain" "four"B
    Assert.Equal("4", none.Body)
}

[<Theory>]
[<InlineData(0, true)>]
[<InlineData(65_535, true)>]
[<InlineData(65_536, false)>]
[<InlineData(3_000_000, false)>]
let ``a large file goes to the request's directory and is gone with the request`` (length: int, inMemory: bool) : Task =
    task {
        for endpoint in [ "keep"; "fail" ] do
            let! answer = send endpoint "text/plain" (Array.create length (byte 'a'))
            let place = seen[answer.Headers["x-request-id"]]
            Assert.Equal(inMemory, (place = "memory"))

            if endpoint = "keep" then
                Assert.Equal(string length, answer.Body)
            else
                Assert.DoesNotContain("secret", problem 500 answer)

            // What a request leaves is removed when its answer is on the way already.
            let mutable patience = 500

            while IO.File.Exists place && patience > 0 do
                do! Task.Delay 10
                patience <- patience - 1

            Assert.False(IO.File.Exists place, place)
            Assert.False(Directory.Exists(Path.GetDirectoryName place |> string) && place <> "memory", place)
    }

[<Fact>]
let ``a file keeps the limit of its endpoint`` () : Task = task {
    let! answer = send "describe" "text/plain" (Array.zeroCreate 9_000_000)
    Assert.Contains("larger than 8MiB", problem 413 answer)
    let! app = app.Value

    let! chunked =
        postChunks app.Client "/describe" (Seq.replicate 10 (Array.zeroCreate 1_000_000))

    problem 413 chunked |> ignore
}

[<Fact>]
let ``an image is its pixels where it is a PNG, and a 400 where it is none`` () : Task = task {
    let png =
        Image.OfPixels("a", Pixels.create 4 3 1 (Array.zeroCreate 12)).File.ReadAllBytes()

    for mediaType in [ ""; "image/png"; "application/octet-stream" ] do
        let! answer = send "pixels" mediaType png
        Assert.Equal("[4,3,1]", answer.Body)

    let! cut = send "pixels" "image/png" png[..40]
    Assert.Contains("ends in the middle", problem 400 cut)
    let! belied = send "pixels" "image/png" "GIF89a"B
    Assert.Equal<_ list>([ "[]", "content_type" ], faults belied)
    let! text = send "pixels" "" "hello"B
    Assert.Equal<_ list>([ "[]", "content_type" ], faults text)
    let! gif = send "pixels" "image/gif" "GIF89a"B
    Assert.Contains("only image/png is decoded here", problem 400 gif)
}

[<Fact>]
let ``a stream reads the body`` () : Task = task {
    let! small = send "stream" "application/json" "hello"B
    Assert.Equal("hello", small.Body)
    let! large = send "stream" "" (Array.create 200_000 (byte 'b'))
    Assert.Equal(String('b', 200_000), large.Body)
}

[<Fact>]
let ``an image is answered as the file that it is`` () : Task = task {
    let! answer = send "picture" "" [||]
    Assert.Equal("image/png", answer.Headers["content-type"])

    Assert.Equal(
        "inline; filename=\"gr__e.png\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.png",
        answer.Headers["content-disposition"]
    )

    Assert.Equal("nosniff", answer.Headers["x-content-type-options"])
    Assert.Equal(string answer.Bytes.Length, answer.Headers["content-length"])
    Assert.Equal<byte[]>([| 1uy; 2uy; 3uy; 4uy; 5uy; 6uy |], Image.OfBytes("p", answer.Bytes).Pixels.Bytes)
}

[<Fact>]
let ``a file that may be absent is a file or null`` () : Task = task {
    let! there = send "some" "application/json" "true"B
    Assert.Equal("x,y", there.Body)
    Assert.Equal("text/csv", there.Headers["content-type"])
    Assert.Equal("attachment; filename=\"a.csv\"", there.Headers["content-disposition"])
    let! absent = send "some" "application/json" "false"B
    Assert.Equal("null", absent.Body)
    Assert.Equal("application/json", absent.Headers["content-type"])
}

[<Fact>]
let ``a type that is none is not sent`` () : Task = task {
    let! answer = send "evil" "" [||]
    Assert.Equal("application/octet-stream", answer.Headers["content-type"])
    Assert.False(answer.Headers.ContainsKey "x-evil")
}

[<Theory>]
[<InlineData(0)>]
[<InlineData(1_000_000)>]
let ``a stream is answered to its end`` (length: int) : Task = task {
    let! answer =
        send "produce" "application/json" (Encoding.ASCII.GetBytes(string length))

    Assert.Equal(length, answer.Bytes.Length)
    Assert.Equal("application/octet-stream", answer.Headers["content-type"])
    Assert.Equal(string length, answer.Headers["content-length"])
}

[<Fact>]
let ``a file that ends before its length is no whole answer`` () : Task = task {
    let! app, _ = App.listening files
    use app = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))

    let! _ =
        Assert.ThrowsAnyAsync<HttpRequestException>(fun () -> post client "/broken" "" [||])

    let! after = post client "/describe" "text/plain" "hello"B
    Assert.Equal("text/plain 5 hello", after.Body)
}

[<Fact>]
let ``a file with a status that has no body is sent without one`` () : Task = task {
    let! app, _ = App.listening files
    use app = app
    use client = new HttpClient(BaseAddress = Uri(Seq.head app.Urls))
    let! answer = post client "/unchanged" "" [||]
    Assert.Equal(304, answer.Status)
    Assert.Empty answer.Bytes
    let! after = post client "/describe" "text/plain" "hello"B
    Assert.Equal("text/plain 5 hello", after.Body)
}

[<Fact>]
let ``no file is our fault`` () : Task = task {
    let! answer = send "nothing" "" [||]
    problem 500 answer |> ignore
}
