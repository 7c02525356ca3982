module Bento.Hosting.Tests.BodyTests

open System
open System.Buffers
open System.IO.Pipelines
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Note = { Text: string; Tags: string list }

let private notes = service {
    api "note" (fun (note: Note) -> note)
    api "length" (fun (text: string) -> text.Length)
    api "nothing" (fun () -> 1)
    api "maybe" (fun (number: int option) -> defaultArg number -1)
    api "file" (fun (file: Bento.File option) -> file.IsSome)
    api "image" (fun (image: Image option) -> image.IsSome)
    api "rows" (fun (rows: int[][]) -> rows |> Array.sumBy Array.length)
}

let private app = lazy (App.hosting [ notes ])

let private ask endpoint mediaType (body: byte[]) : Task<Answer> = task {
    let! app = app.Value
    return! post app.Client ("/" + endpoint) mediaType body
}

let private utf8 (text: string) = Encoding.UTF8.GetBytes text

[<Theory>]
[<InlineData("file", "")>]
[<InlineData("image", "")>]
[<InlineData("image", "application/octet-stream")>]
let ``no body is no file where there may be none`` (endpoint: string, mediaType: string) : Task = task {
    let! answer = ask endpoint mediaType [||]
    Assert.Equal("false", answer.Body)
    let! given = ask "file" mediaType "a"B
    Assert.Equal("true", given.Body)
}

[<Fact>]
let ``an empty body is nothing, whatever it is called`` () : Task = task {
    let! answer = ask "nothing" "application/x-www-form-urlencoded" [||]
    Assert.Equal("1", answer.Body)
    let! full = ask "nothing" "application/x-www-form-urlencoded" "a=1"B
    problem 415 full |> ignore
}

// -- media types -----------------------------------------------------------------------------------------

[<Theory>]
[<InlineData("")>]
[<InlineData("application/json")>]
[<InlineData("Application/JSON")>]
[<InlineData("application/json; charset=utf-8")>]
[<InlineData("application/json;charset=UTF-8")>]
[<InlineData("application/json; charset=\"utf-8\"")>]
[<InlineData("application/json; profile=x")>]
[<InlineData("application/vnd.api+json")>]
[<InlineData("application/ld+json; charset=utf-8")>]
let ``JSON by any of its names is read as JSON`` (mediaType: string) : Task = task {
    let! answer = ask "length" mediaType "\"four\""B
    Assert.Equal("4", answer.Body)
}

[<Theory>]
[<InlineData("text/plain")>]
[<InlineData("text/plain; charset=utf-8")>]
[<InlineData("text/plain; charset=us-ascii")>]
[<InlineData("TEXT/PLAIN;charset=\"UTF-8\"")>]
let ``plain text is the string itself`` (mediaType: string) : Task = task {
    let! answer = ask "length" mediaType "\"four\""B
    Assert.Equal("6", answer.Body)
    let! empty = ask "length" mediaType [||]
    Assert.Equal("0", empty.Body)
}

[<Theory>]
[<InlineData("length", "application/xml", "text/plain or application/json")>]
[<InlineData("length", "text/html", "text/plain or application/json")>]
[<InlineData("length", "multipart/form-data; boundary=x", "text/plain or application/json")>]
[<InlineData("length", "application/x-www-form-urlencoded", "text/plain or application/json")>]
[<InlineData("length", "application/octet-stream", "text/plain or application/json")>]
[<InlineData("length", "application/json; charset=utf-16", "in UTF-8")>]
[<InlineData("length", "text/plain; charset=iso-8859-1", "in UTF-8")>]
[<InlineData("length", "no media type", "text/plain or application/json")>]
[<InlineData("length", "application/json, text/plain", "text/plain or application/json")>]
[<InlineData("note", "text/plain", "application/json, multipart/form-data or application/x-www-form-urlencoded")>]
[<InlineData("rows", "multipart/form-data; boundary=x", "application/json or text/plain")>]
[<InlineData("nothing", "text/plain", "application/json")>]
let ``any other media type is a 415 that says what is taken``
    (endpoint: string, mediaType: string, taken: string)
    : Task = task {
    let! answer = ask endpoint mediaType "\"four\""B
    let detail = problem 415 answer
    Assert.Contains(mediaType, detail)
    Assert.Contains(taken, detail)
}

[<Theory>]
[<InlineData("maybe", "5", "5")>]
[<InlineData("maybe", "", "-1")>]
[<InlineData("rows", "[[1], [2, 3]]", "3")>]
let ``plain text is JSON for a value that is no string`` (endpoint: string, body: string, expected: string) : Task =
    task {
        let! answer = ask endpoint "text/plain" (utf8 body)
        Assert.Equal(expected, answer.Body)
    }

// -- empty bodies, marks, nesting --------------------------------------------------------------------------

[<Theory>]
[<InlineData("")>]
[<InlineData("{}")>]
[<InlineData("null")>]
[<InlineData(" null ")>]
let ``an endpoint that takes nothing takes an empty body, an empty object and null`` (body: string) : Task = task {
    let! answer = ask "nothing" "application/json" (utf8 body)
    Assert.Equal("1", answer.Body)
}

[<Theory>]
[<InlineData("1")>]
[<InlineData("[]")>]
[<InlineData("\"\"")>]
let ``an endpoint that takes nothing refuses something`` (body: string) : Task = task {
    let! answer = ask "nothing" "application/json" (utf8 body)
    Assert.Equal<_ list>([ "[]", "type" ], faults answer)
}

[<Fact>]
let ``an empty body is an option's absence`` () : Task = task {
    let! answer = ask "maybe" "" [||]
    Assert.Equal("-1", answer.Body)
}

[<Fact>]
let ``an empty body for a record says what is taken`` () : Task = task {
    let! answer = ask "note" "" [||]
    Assert.Equal<_ list>([ "[]", "json" ], faults answer)
    Assert.Equal("The body is empty; \"note\" takes an object with text, tags as JSON.", problem 400 answer)
}

[<Fact>]
let ``a byte order mark is no part of the body`` () : Task = task {
    let marked (body: byte[]) =
        Array.append (Encoding.UTF8.GetPreamble()) body

    let! json = ask "length" "application/json" (marked "\"four\""B)
    Assert.Equal("4", json.Body)
    let! text = ask "length" "text/plain" (marked "four"B)
    Assert.Equal("4", text.Body)
    let! nothing = ask "nothing" "" (marked [||])
    Assert.Equal("1", nothing.Body)
    let! twice = ask "length" "application/json" (marked (marked "\"four\""B))
    Assert.Equal<_ list>([ "[]", "json" ], faults twice)
}

[<Theory>]
[<InlineData("note", "", "")>]
[<InlineData("rows", "", "")>]
[<InlineData("note", "{\"text\":\"a\",\"tags\":", "}")>]
[<InlineData("note", "{\"text\":\"a\",\"tags\":[],\"unknown\":", "}")>]
let ``ten thousand levels of nesting are a fault`` (endpoint: string, before: string, after: string) : Task = task {
    let nested = before + String('[', 10_000) + String(']', 10_000) + after
    let! answer = ask endpoint "application/json" (utf8 nested)
    Assert.Equal<_ list>([ "[]", "json" ], faults answer)
}

// -- bytes that are not UTF-8 ------------------------------------------------------------------------------

let private broken = [| 0xC3uy; 0x28uy; 0xFFuy |]

[<Fact>]
let ``bytes that are not UTF-8 are faults, told where they are`` () : Task = task {
    let! inValue =
        ask "note" "application/json" (Array.concat [ "{\"text\":\""B; broken; "\",\"tags\":[]}"B ])

    Assert.Equal<_ list>([ """["text"]""", "json" ], faults inValue)

    let! inList =
        ask "note" "application/json" (Array.concat [ "{\"text\":7,\"tags\":[\"a\",\""B; broken; "\"]}"B ])

    Assert.Equal<_ list>([ """["text"]""", "type"; """["tags",1]""", "json" ], faults inList)
    let! atTop = ask "length" "application/json" (Array.concat [ "\""B; broken; "\""B ])
    Assert.Equal<_ list>([ "[]", "json" ], faults atTop)
    let! bare = ask "length" "application/json" broken
    Assert.Equal<_ list>([ "[]", "json" ], faults bare)
    let! plain = ask "length" "text/plain" broken
    Assert.Equal<_ list>([ "[]", "json" ], faults plain)
}

[<Fact>]
let ``a name that is not UTF-8 is no field's name`` () : Task = task {
    let! answer =
        ask "note" "application/json" (Array.concat [ "{\""B; broken; "\":1,\"tags\":[]}"B ])

    Assert.Equal(400, answer.Status)
    Assert.NotEmpty(faults answer)
}

[<Theory>]
[<InlineData("\"\\ud800\"")>]
[<InlineData("\"\\udc00\\ud800\"")>]
let ``half of a surrogate pair is a fault`` (body: string) : Task = task {
    let! answer = ask "length" "application/json" (utf8 body)
    Assert.Equal<_ list>([ "[]", "json" ], faults answer)
}

// -- bodies in pieces --------------------------------------------------------------------------------------

/// A piece of a body; chained, they are what a reader gives that has got them one after the other.
[<Sealed>]
type private Piece(bytes: byte[]) as this =
    inherit ReadOnlySequenceSegment<byte>()
    do this.Memory <- ReadOnlyMemory bytes

    member this.Append(bytes: byte[]) =
        let next = Piece bytes
        next.RunningIndex <- this.RunningIndex + int64 this.Memory.Length
        this.Next <- next
        next

let private inPieces size (body: byte[]) =
    let pieces = body |> Array.chunkBySize size
    let first = Piece pieces[0]

    let last =
        pieces
        |> Seq.skip 1
        |> Seq.fold (fun (piece: Piece) bytes -> piece.Append bytes) first

    ReadOnlySequence<byte>(first, 0, last, last.Memory.Length)

/// Puts the body before the endpoints in pieces of as many bytes as the header says.
let private breakUp (http: HttpContext) (next: RequestDelegate) : Task = task {
    let! body =
        http.Request.BodyReader.ReadAtLeastAsync(Int32.MaxValue, http.RequestAborted)

    let pieces =
        inPieces (int (string http.Request.Headers["X-Piece"])) (body.Buffer.ToArray())

    http.Request.BodyReader.AdvanceTo body.Buffer.End

    http.Features.Set<IRequestBodyPipeFeature>
        {
            new IRequestBodyPipeFeature with
                member _.Reader = PipeReader.Create pieces
        }

    do! next.Invoke http
}

let private piecewise =
    lazy
        (App.start (fun services -> services.AddBento notes |> ignore) (fun app ->
            app.Use(Func<HttpContext, RequestDelegate, Task> breakUp) |> ignore
            app.UseRouting() |> ignore
            app.MapBento notes |> ignore))

let private askInPieces (size: int) endpoint (body: string) : Task<Answer> = task {
    let! app = piecewise.Value
    return! sendWith app.Client "POST" ("/" + endpoint) [ "X-Piece", string size ] "application/json" (utf8 body)
}

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(3)>]
[<InlineData(7)>]
[<InlineData(100)>]
let ``a body in pieces is read as one`` (size: int) : Task = task {
    let! good =
        askInPieces size "note" """{"text":"gr\u00fcn €","tags":["a","nullify"]}"""

    Assert.Equal("""{"text":"grün €","tags":["a","nullify"]}""", good.Body)
    let! hidden = askInPieces size "note" """{"text":"a","tags":["b",null]}"""
    Assert.Equal<_ list>([ """["tags",1]""", "null" ], faults hidden)
    let! hidden = askInPieces size "rows" "[[1],[2,3],null]"
    Assert.Equal<_ list>([ "[2]", "null" ], faults hidden)
    let! wrong = askInPieces size "note" """{"text":1,"tags":{}}"""
    Assert.Equal<_ list>([ """["text"]""", "type"; """["tags"]""", "type" ], faults wrong)
    let! broken = askInPieces size "note" """{"text":"a","tags":["""
    Assert.Equal<_ list>([ "[]", "json" ], faults broken)
}

[<Fact>]
let ``a null across the border of two buffers is seen, wherever the border is`` () : Task = task {
    let! server, client = App.serving notes
    use _ = client
    use _ = server

    for padding in 3_900..4_100 do
        let body = "[\"" + String('x', padding) + "\",null]"
        let note = "{\"text\":\"a\",\"tags\":" + body + "}"
        let! answer = postJson client "/note" note
        Assert.Equal<_ list>([ """["tags",1]""", "null" ], faults answer)
}

[<Fact>]
let ``a body that comes byte by byte over a socket is read as one`` () : Task = task {
    let! server, client = App.serving notes
    use _ = client
    use _ = server
    let body = utf8 """{"text":"grün","tags":["a"]}"""
    let! chunked = postChunks client "/note" (body |> Array.map Array.singleton)
    Assert.Equal("""{"text":"grün","tags":["a"]}""", chunked.Body)
    use! socket = connect server.Address
    let head = head "POST" "/note" [ $"Content-Length: {body.Length}" ]

    for byte in Array.append (utf8 head) body do
        do! sendBytes socket [| byte |]

    let! whole = readAnswer socket
    Assert.Equal("""{"text":"grün","tags":["a"]}""", whole.Body)
}
