/// Files beside fields, in forms of both kinds.
module Bento.Hosting.Tests.FormTests

open System
open System.Net.Http
open System.Net.Http.Headers
open System.Text
open System.Threading.Tasks
open FsCheck
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Meta = { Author: string; Pages: int list }

type Upload = {
    Title: string
    Copies: int option
    Draft: bool option
    Meta: Meta option
    Tags: string list option
    Document: Bento.File
    Cover: Image option
    Appendices: Bento.File list option
}

let private read (file: Bento.File) =
    Encoding.UTF8.GetString(file.ReadAllBytes())

let private summary (upload: Upload) = {|
    title = upload.Title
    copies = upload.Copies
    draft = upload.Draft
    meta = upload.Meta
    tags = upload.Tags
    document = [ upload.Document.Name; upload.Document.ContentType; read upload.Document ]
    cover =
        upload.Cover
        |> Option.map (fun image -> [ image.Pixels.Width; image.Pixels.Height; image.Pixels.Channels ])
    appendices =
        upload.Appendices
        |> Option.map (List.map (fun file -> file.Name + ":" + read file))
|}

type Texts = {
    Text: string
    Count: int option
    Maybe: string option
    When: DateTime option
}

type Optional = {
    Doc: Bento.File option
    Text: string option
}

type Album = {
    Doc: Bento.File
    Pictures: Image list
    More: Image list option
}

type Attachable = {
    Blobs: byte[] list option
    Lines: string list option
    Numbers: int list option
    [<ContentType "image/png">]
    Icon: byte[] option
}

let private forms = service {
    traffic { bodyLimit "1MiB" }

    api "upload" summary
    api "texts" (fun (texts: Texts) -> texts)
    api "optional" (fun (given: Optional) -> $"{given.Doc |> Option.map read}, {given.Text}")
    api "gallery" (fun (images: Image list) -> images |> List.map _.ContentType)
    api "lone" (fun (file: Bento.File) -> $"{file.Name} {file.ContentType} {read file}")
    api "text" (fun (text: string) -> text)
    api "album" (fun (album: Album) -> [ album.Pictures.Length; album.More |> Option.defaultValue [] |> _.Length ])

    api "attachable" (fun (given: Attachable) -> {|
        blobs = given.Blobs |> Option.map (List.map _.Length)
        lines = given.Lines
        numbers = given.Numbers
        icon = given.Icon |> Option.map _.Length
    |})
}

let private app = lazy (App.hosting [ forms ])

let private send (endpoint: string) (content: HttpContent) : Task<Answer> = task {
    let! app = app.Value
    use! response = app.Client.PostAsync("/" + endpoint, content, cancellation ())
    return! answerOf response
}

let private png =
    Image.OfPixels("any", Pixels.create 3 2 1 (Array.init 6 byte)).File.ReadAllBytes()

let private bare (text: string) : HttpContent =
    let content = new ByteArrayContent(Encoding.UTF8.GetBytes text)
    content

let private typed (mediaType: string) (bytes: byte[]) : HttpContent =
    let content = new ByteArrayContent(bytes)
    content.Headers.ContentType <- MediaTypeHeaderValue.Parse mediaType
    content

let private form (parts: (string * string option * HttpContent) list) =
    let content = new MultipartFormDataContent()

    for name, fileName, part in parts do
        match fileName with
        | Some "" ->
            let disposition = ContentDispositionHeaderValue "form-data"
            disposition.Name <- name
            disposition.FileName <- "\"\""
            part.Headers.ContentDisposition <- disposition
            content.Add part
        | Some fileName -> content.Add(part, name, fileName)
        | None -> content.Add(part, name)

    content

let private file name text =
    name, Some(name + ".txt"), typed "text/plain" (Encoding.UTF8.GetBytes(text: string))

let private field name text = name, None, bare text

[<Fact>]
let ``files travel beside fields of every kind`` () : Task = task {
    let! answer =
        send
            "upload"
            (form [
                field "title" "\"Größe\""
                field "copies" "3"
                field "draft" "true"
                "meta", None, typed "application/json" """{"author":"me","pages":[1,2]}"""B
                field "tags" "one"
                field "tags" "\"two\""
                file "document" "hello"
                "cover", Some "cover.png", typed "image/png" png
                file "appendices" "a"
                "appendices", Some "b.txt", typed "text/plain" "b"B
            ])

    Assert.Equal(
        """{"appendices":["appendices.txt:a","b.txt:b"],"copies":3,"cover":[3,2,1],"document":["document.txt","text/plain","hello"],"draft":true,"meta":{"author":"me","pages":[1,2]},"tags":["one","two"],"title":"Größe"}""",
        answer.Body
    )
}

[<Fact>]
let ``what is optional may be left out, null or empty`` () : Task = task {
    let! answer =
        send
            "upload"
            (form [
                field "title" "plain text, \"quoted\" within"
                field "draft" "null"
                field "copies" ""
                file "document" ""
                for name in [ "meta"; "cover"; "tags"; "appendices" ] do
                    name, Some "", typed "application/octet-stream" [||]
            ])

    Assert.True((answer.Status = 200), answer.Body)

    Assert.Equal(
        """{"document":["document.txt","text/plain",""],"tags":[""],"title":"plain text, \"quoted\" within"}""",
        answer.Body
    )
}

[<Fact>]
let ``a list may be one part of JSON`` () : Task = task {
    let! answer =
        send "upload" (form [ field "title" "t"; file "document" "d"; field "tags" """["a", "b"]""" ])

    Assert.Contains("\"tags\":[\"a\",\"b\"]", answer.Body)

    let! single =
        send "upload" (form [ field "title" "t"; file "document" "d"; field "tags" "[not a list" ])

    Assert.Contains("\"tags\":[\"[not a list\"]", single.Body)
}

[<Fact>]
let ``all the faults of a form are told at once, with their fields`` () : Task = task {
    let! answer =
        send
            "upload"
            (form [
                field "copies" "three"
                "meta", None, typed "application/json" """{"author":7,"pages":["x"]}"""B
                field "document" "https://example.org/a.txt"
                "cover", Some "cover.png", typed "image/png" "no picture"B
            ])

    Assert.Equal<(string * string) list>(
        [
            """["copies"]""", "json"
            """["cover"]""", "content_type"
            """["document"]""", "type"
            """["meta","author"]""", "type"
            """["meta","pages",0]""", "type"
            """["title"]""", "missing"
        ],
        faults answer |> List.sort
    )

    Assert.Contains("body.document: a URL is not fetched; attach the file itself", messages answer)

    Assert.Contains(
        "body.cover: the file \"cover.png\" says that it is image/png, and its bytes are text/plain",
        messages answer
    )
}

[<Fact>]
let ``a picture must be one`` () : Task = task {
    let! answer =
        send "upload" (form [ field "title" "t"; file "document" "d"; file "cover" "text" ])

    Assert.Equal<_ list>([ """["cover"]""", "content_type" ], faults answer)
    Assert.Equal("body.cover: wanted image/*, given text/plain in \"cover.txt\"", problem 400 answer)
}

[<Fact>]
let ``a part that is given twice for one value is a fault`` () : Task = task {
    let! answer =
        send "upload" (form [ field "title" "a"; field "title" "b"; file "document" "d" ])

    Assert.Equal<_ list>([ """["title"]""", "type" ], faults answer)
    Assert.Equal("body.title: wanted text, given 2 times", problem 400 answer)
}

[<Fact>]
let ``parts that nobody asked for are passed over`` () : Task = task {
    let! answer =
        send "upload" (form [ field "title" "t"; file "document" "d"; file "other" "x"; field "more" "{" ])

    Assert.True((answer.Status = 200), answer.Body)
}

[<Theory>]
[<InlineData("text=%22a+b%26c%22", "a b&c", "")>]
[<InlineData("text=a+b%26c&count=4", "a b&c", "4")>]
[<InlineData("text=100%", "100%", "")>]
[<InlineData("text=%zz%e2%82%ac", "%zz€", "")>]
[<InlineData("&&text=x&&", "x", "")>]
[<InlineData("text=%22not%20json", "\"not json", "")>]
[<InlineData("text", "", "")>]
let ``a form of one line is read as browsers write it`` (body: string, text: string, count: string) : Task = task {
    let! answer =
        send "texts" (typed "application/x-www-form-urlencoded" (Encoding.ASCII.GetBytes body))

    Assert.True((answer.Status = 200), answer.Body)
    Assert.Equal(text, asText (Wire.field "text" answer))
    let read = Wire.field "count" answer
    Assert.Equal(count, (if isNull read then "" else (nonNull read).ToJsonString()))
}

[<Fact>]
let ``text that calls itself null is null only where that may be`` () : Task = task {
    let! answer =
        send "texts" (typed "application/x-www-form-urlencoded" "text=null&maybe=null&when=2026-01-02T03:04:05Z"B)

    Assert.Equal("""{"text":"null","when":"2026-01-02T03:04:05Z"}""", answer.Body)
}

[<Theory>]
[<InlineData("text=%ff", "is not UTF-8")>]
[<InlineData("text=%c3%28", "is not UTF-8")>]
let ``a form that is not text is refused`` (body: string, detail: string) : Task = task {
    let! answer =
        send "texts" (typed "application/x-www-form-urlencoded" (Encoding.ASCII.GetBytes body))

    Assert.Contains(detail, problem 400 answer)
}

[<Fact>]
let ``a form of too many values is refused`` () : Task = task {
    let body = String.Join('&', Array.create 2000 "text=a")

    let! answer =
        send "texts" (typed "application/x-www-form-urlencoded" (Encoding.ASCII.GetBytes body))

    Assert.Contains("more than 1024 values", problem 400 answer)
}

[<Fact>]
let ``a form for files may come without any, without a body and without a type`` () : Task = task {
    let! nothing = send "optional" (bare "")
    Assert.Equal(", ", nothing.Body)

    let! line =
        send "optional" (typed "application/x-www-form-urlencoded" "text=%22t%22"B)

    Assert.Equal(", Some(t)", line.Body)
    let! json = send "optional" (typed "application/json" """{"text":"t"}"""B)
    Assert.Equal(", Some(t)", json.Body)

    let! url =
        send "optional" (typed "application/x-www-form-urlencoded" "doc=http%3A%2F%2F127.0.0.1%3A9%2Fx.txt"B)

    Assert.Equal<_ list>([ """["doc"]""", "type" ], faults url)
}

[<Fact>]
let ``a file has no place within JSON`` () : Task = task {
    let! answer =
        send "upload" (typed "application/json" """{"title":"t","document":0}"""B)

    Assert.Equal<_ list>([ """["document"]""", "type" ], faults answer)
    Assert.Contains("multipart/form-data", problem 400 answer)
}

[<Fact>]
let ``a list of files is the parts of a body`` () : Task = task {
    let! answer =
        send
            "gallery"
            (form [
                "a", Some "a.png", typed "image/png" png
                "b", Some "b.gif", typed "image/gif" "GIF89a"B
            ])

    Assert.Equal("""["image/png","image/gif"]""", answer.Body)
    let! bad = send "gallery" (form [ file "a" "text" ])
    Assert.Equal<_ list>([ "[]", "content_type" ], faults bad)
    let! json = send "gallery" (typed "application/json" "[0]"B)
    Assert.Contains("takes multipart/form-data", problem 415 json)
    let! untyped = send "gallery" (new ByteArrayContent("[0]"B))
    Assert.Equal<_ list>([ "[0]", "type" ], faults untyped)
}

[<Fact>]
let ``a file may come as the only part of a form`` () : Task = task {
    let! answer = send "lone" (form [ file "any" "hello" ])
    Assert.Equal("any.txt text/plain hello", answer.Body)
    let! two = send "lone" (form [ file "a" "1"; file "b" "2" ])
    Assert.Contains("2 parts with a file name", problem 400 two)
}

[<Fact>]
let ``a list of files is never numbers of other files`` () : Task = task {
    let listed name (part: HttpContent) =
        send "album" (form [ file "doc" "no picture"; name, None, part ])

    for json in [ "[0]"; "[]"; " [0, 0, 0]" ] do
        for part in [ bare json; typed "application/json" (Encoding.UTF8.GetBytes json) ] do
            let! answer = listed "pictures" part
            Assert.Equal<_ list>([ """["pictures"]""", "type" ], faults answer)

        let! optional =
            send
                "album"
                (form [
                    file "doc" "no picture"
                    "pictures", Some "a.png", typed "image/png" png
                    field "more" json
                ])

        Assert.Equal<_ list>([ """["more"]""", "type" ], faults optional)

    let! absent =
        send
            "album"
            (form [
                file "doc" "any"
                "pictures", Some "a.png", typed "image/png" png
                field "more" "null"
            ])

    Assert.Equal("[1,0]", absent.Body)
}

[<Fact>]
let ``one file attached for a list of bytes or texts is its only item`` () : Task = task {
    let! one =
        send
            "attachable"
            (form [
                file "blobs" "hello"
                file "lines" "first"
                "numbers", Some "n.json", typed "application/json" "[1,2]"B
            ])

    Assert.Equal("""{"blobs":[5],"lines":["first"],"numbers":[1,2]}""", one.Body)

    let! two =
        send "attachable" (form [ file "blobs" "a"; file "blobs" "bc"; file "lines" "x"; file "lines" "y" ])

    Assert.Equal("""{"blobs":[1,2],"lines":["x","y"]}""", two.Body)
}

[<Fact>]
let ``bytes with a content type are held to it`` () : Task = task {
    let! picture =
        send "attachable" (form [ "icon", Some "a.png", typed "image/png" png ])

    Assert.Equal($"{{\"icon\":{png.Length}}}", picture.Body)
    let! text = send "attachable" (form [ file "icon" "text" ])
    Assert.Equal<_ list>([ """["icon"]""", "content_type" ], faults text)

    let! pretended =
        send "attachable" (form [ "icon", Some "a.png", typed "image/png" "text"B ])

    Assert.Equal<_ list>([ """["icon"]""", "content_type" ], faults pretended)
}

[<Fact>]
let ``a file for a text is UTF-8`` () : Task = task {
    let! answer =
        send "attachable" (form [ "lines", Some "a.txt", typed "text/plain" [| 0xC3uy; 0x28uy |] ])

    Assert.Equal<_ list>([ """["lines"]""", "json" ], faults answer)
    Assert.Equal("body.lines: the file \"a.txt\" is not UTF-8", problem 400 answer)
}

[<Fact>]
let ``a form is no root string`` () : Task = task {
    let! answer = send "text" (form [ field "text" "t" ])
    Assert.Contains("multipart/form-data", problem 415 answer)
}

// -- the format --------------------------------------------------------------------------------------------

let private raw boundary (body: string) =
    send "optional" (typed $"multipart/form-data; boundary={boundary}" (Encoding.Latin1.GetBytes body))

[<Theory>]
[<InlineData("", "ends in the middle")>]
[<InlineData("--x\r\n", "no Content-Disposition")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhel", "ends in the middle")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n", "ends in the middle")>]
[<InlineData("--x\r\nContent-Type: text/plain\r\n\r\nhello\r\n--x--\r\n", "no Content-Disposition")>]
[<InlineData("--x\r\nContent-Disposition: form-data\r\n\r\nhello\r\n--x--\r\n", "no name")>]
[<InlineData("--x\r\nContent-Disposition: attachment; name=\"text\"\r\n\r\nhello\r\n--x--\r\n", "no Content-Disposition")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n\u00ff\u00fe\r\n--x--\r\n", "not UTF-8")>]
[<InlineData("nonsense", "ends in the middle")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"doc\"; filename*=utf-7''x\r\n\r\nhello\r\n--x--\r\n",
             "UTF-8 is")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"=?utf-7?B?eA==?=\"\r\n\r\nhello\r\n--x--\r\n",
             "UTF-8 is")>]
[<InlineData("--x\r\nContent-Disposition: form-data; name=\"=?utf-7?B?eA==?=\"\r\n\r\nhello\r\n--x--\r\n", "UTF-8 is")>]
let ``a body that breaks the format is told so`` (body: string, detail: string) : Task = task {
    let! answer = raw "x" body
    Assert.Contains(detail, problem 400 answer)
}

[<Fact>]
let ``parts and their headers have limits`` () : Task = task {
    let part = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n"
    let! many = raw "x" (String.replicate 1100 part + "--x--\r\n")
    Assert.Contains("more than 1024 parts", problem 400 many)
    let header = String.replicate 20 "X-Any: 1\r\n"
    let! headers = raw "x" $"--x\r\n{header}\r\na\r\n--x--\r\n"
    problem 400 headers |> ignore
    let long = String('a', 10_000)
    let! wide = raw "x" $"--x\r\nX-Any: {long}\r\n\r\na\r\n--x--\r\n"
    problem 400 wide |> ignore
    let! boundary = raw (String('x', 71)) ""
    Assert.Contains("longer than 70", problem 400 boundary)
    let! app = app.Value
    let! none = post app.Client "/optional" "multipart/form-data" [||]
    Assert.Contains("no boundary", problem 400 none)
}

[<Fact>]
let ``the parts together keep the limit of the body`` () : Task = task {
    let half = String('a', 600_000)
    let! answer = send "optional" (form [ file "doc" half; field "text" half ])
    Assert.Contains("larger than 1MiB", problem 413 answer)
    let! ignored = send "optional" (form [ file "nobody" half; file "asks" half ])
    problem 413 ignored |> ignore
    let! fits = send "optional" (form [ file "doc" half ])
    Assert.Equal(200, fits.Status)
}

[<Fact>]
let ``no bytes at all make a form fail`` () : Task = task {
    let! app = app.Value

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 100,
        fun (junk: byte[]) (tail: byte[]) ->
            let head =
                "--x\r\nContent-Disposition: form-data; name=\"doc\"; filename=\"a\"\r\n\r\n"B

            for mediaType in [ "multipart/form-data; boundary=x"; "application/x-www-form-urlencoded" ] do
                for body in [ junk; Array.concat [ head; junk; "\r\n--x"B; tail ] ] do
                    let answer = (post app.Client "/optional" mediaType body).GetAwaiter().GetResult()
                    Assert.True((answer.Status = 200 || answer.Status = 400), answer.Body)
    )
}
