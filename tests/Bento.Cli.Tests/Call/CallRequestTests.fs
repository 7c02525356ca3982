/// The bodies of calls, as BentoML's own clients make them.
module Bento.Tests.CallRequestTests

open System.IO
open System.Net.Http
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento.Cli

let private value (json: string) =
    use document = JsonDocument.Parse json
    Carried.Value(document.RootElement.Clone())

let private route input = {
    Name = "it"
    Route = "/it"
    Input = input
}

let private plain =
    route (CallInput.Fields [ "text", Wanted.Text; "n", Wanted.Whole ])

let private withFile =
    route (CallInput.Fields [ "text", Wanted.Text; "n", Wanted.Whole; "doc", Wanted.File ])

let private read (content: HttpContent | null) : Task<string * string> = task {
    match content with
    | null -> return "", ""
    | content ->
        let! body = content.ReadAsStringAsync(TestContext.Current.CancellationToken)
        return string content.Headers.ContentType, body
}

[<Fact>]
let ``fields are one JSON object, and none is an empty one`` () : Task = task {
    let sending = Sending.Fields [ "text", value "\"é\\\"\""; "n", value "5" ]
    let! mediaType, body = read (CallRequest.content plain sending)
    Assert.StartsWith("application/json", mediaType)
    Assert.Equal("""{"text":"é\"","n":5}""", Regex.Unescape(body.Replace("\\\"", "\\\\\"")))
    let! _, body = read (CallRequest.content plain Sending.Nothing)
    Assert.Equal("{}", body)
}

[<Fact>]
let ``a text of its own travels as text, and any other value as JSON`` () : Task = task {
    let root = route (CallInput.Root Wanted.Text)
    let! mediaType, body = read (CallRequest.content root (Sending.Root(value "\"a\"")))
    Assert.StartsWith("text/plain", mediaType)
    Assert.Equal("a", body)
    let! mediaType, body = read (CallRequest.content root (Sending.Root(value "[1]")))
    Assert.StartsWith("application/json", mediaType)
    Assert.Equal("[1]", body)
    Assert.Null(CallRequest.content root Sending.Nothing)
}

[<Fact>]
let ``without a file a form is of text, and with nothing at all there is no body`` () : Task = task {
    let sending = Sending.Fields [ "text", value "\"a b&c\""; "n", value "5" ]
    let! mediaType, body = read (CallRequest.content withFile sending)
    Assert.Equal("application/x-www-form-urlencoded", mediaType)
    Assert.Equal("text=%22a+b%26c%22&n=5", body)
    Assert.Null(CallRequest.content withFile Sending.Nothing)
}

[<Fact>]
let ``with a file a form has parts, JSON without a media type before files with theirs`` () : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-call-"

    try
        let file = Path.Combine(folder.FullName, "it.png")
        File.WriteAllText(file, "pixels")

        let sending =
            Sending.Fields [ "doc", Carried.Files [ file ]; "text", value "\"a\"" ]

        use content = CallRequest.content withFile sending |> nonNull
        let! mediaType, body = read content
        Assert.StartsWith("multipart/form-data", mediaType)
        let text = body.IndexOf "name=text\r\n\r\n\"a\"\r\n"
        let doc = body.IndexOf "\r\n\r\npixels\r\n"
        Assert.True(text > 0 && doc > text, body)
        Assert.Contains("Content-Type: image/png", body)
        Assert.Contains("filename=it.png", body)
        Assert.DoesNotContain("application/json", body)
    finally
        folder.Delete true
}

[<Fact>]
let ``numpy's file says what it is, by itself and among fields`` () : Task = task {
    let file = Path.GetTempFileName() + ".npy"
    File.WriteAllText(file, "numbers")

    try
        let root = route (CallInput.Root Wanted.Tensor)
        use alone = CallRequest.content root (Sending.Root(Carried.Files [ file ]))
        let! mediaType, body = read alone
        Assert.Equal("application/x-npy", mediaType)
        Assert.Equal("numbers", body)

        use among =
            CallRequest.content plain (Sending.Fields [ "t", Carried.Files [ file ]; "n", value "5" ])

        let! mediaType, body = read among
        Assert.StartsWith("multipart/form-data", mediaType)
        Assert.Contains("Content-Type: application/x-npy", body)
    finally
        File.Delete file
}
