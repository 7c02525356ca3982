/// Tensors as parts of a form, in their own bytes.
module Bento.Hosting.Tests.TensorPartTests

open System
open System.Net.Http
open System.Net.Http.Headers
open System.Numerics.Tensors
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

type Query = {
    [<Shape(-1, 2)>]
    Rows: Tensor<float32>
    [<Shape 3>]
    Weights: Tensor<float32> option
    Counts: Tensor<int> list option
    Label: string option
}

let private queries = service {
    traffic { bodyLimit "1MiB" }
    api "query" (fun (query: Query) -> query)
    api "rows" (fun (rows: Tensor<float32>) -> rows)
}

let private app = lazy (App.hosting [ queries ])

/// A tensor as the service itself would write it.
let private npy (json: string) : Task<byte[]> = task {
    let! app = app.Value
    let bytes = Text.Encoding.UTF8.GetBytes json

    let! answer =
        sendWith app.Client "POST" "/rows" [ "Accept", "application/x-npy" ] "application/json" bytes

    return answer.Bytes
}

type private Part = {
    Name: string
    File: string option
    Type: string
    Headers: (string * string) list
    Bytes: byte[]
}

let private part name mediaType bytes = {
    Name = name
    File = None
    Type = mediaType
    Headers = []
    Bytes = bytes
}

let private send (parts: Part list) : Task<Answer> = task {
    let! app = app.Value
    use form = new MultipartFormDataContent()

    for part in parts do
        let content = new ByteArrayContent(part.Bytes)

        if part.Type <> "" then
            content.Headers.ContentType <- MediaTypeHeaderValue.Parse part.Type

        for name, value in part.Headers do
            content.Headers.Add(name, value)

        match part.File with
        | Some "" ->
            content.Headers.ContentDisposition <-
                ContentDispositionHeaderValue("form-data", Name = part.Name, FileName = "\"\"")

            form.Add content
        | Some file -> form.Add(content, part.Name, file)
        | None -> form.Add(content, part.Name)

    use! response = app.Client.PostAsync("/query", form, cancellation ())
    return! answerOf response
}

let private elements (shape: string) element = [ "X-Tensor-Shape", shape; "X-Tensor-DType", element ]

[<Fact>]
let ``a tensor comes as numpy's file, with a file's name or without`` () : Task = task {
    let! rows = npy "[[1,2],[3,4]]"

    for one in
        [
            part "rows" "application/x-npy" rows
            {
                part "rows" "application/x-npy" rows with
                    File = Some "rows.npy"
            }
            // What curl calls a file whose name it does not know.
            {
                part "rows" "application/octet-stream" rows with
                    File = Some "rows.npy"
            }
        ] do
        let! answer = send [ one; part "label" "" "a"B ]
        Assert.Equal("""{"rows":[[1,2],[3,4]],"label":"a"}""", answer.Body)
}

[<Fact>]
let ``a part that is called bytes may be JSON, and one that is called npy may not`` () : Task = task {
    let! answer = send [ part "rows" "application/octet-stream" "[[1,2]]"B ]
    Assert.Equal("""{"rows":[[1,2]]}""", answer.Body)
    let! refused = send [ part "rows" "application/x-npy" "[[1,2]]"B ]
    Assert.Equal<_ list>([ """["rows"]""", "json" ], faults refused)
    Assert.Contains("it is not application/x-npy", (messages refused)[0])
}

[<Fact>]
let ``a tensor comes as bytes that the part's own headers describe`` () : Task = task {
    let! answer =
        send [
            {
                part "rows" "application/octet-stream" [| 1uy; 2uy; 3uy; 4uy |] with
                    Headers = elements "2,2" "uint8"
            }
            part "weights" "application/json" "[0.5,1,2]"B
        ]

    Assert.Equal("""{"rows":[[1,2],[3,4]],"weights":[0.5,1,2]}""", answer.Body)
}

[<Fact>]
let ``a list of tensors has a part for each`` () : Task = task {
    let! rows = npy "[[1,2]]"
    let! whole = npy "[7]"
    let count = part "counts" "application/octet-stream" [| 9uy |]

    for parts, counts in
        [
            [
                {
                    count with
                        Headers = elements "1" "int8"
                }
            ],
            "[[9]]"
            [
                {
                    count with
                        Headers = elements "1" "int8"
                }
                part "counts" "application/json" "[1,2]"B
            ],
            "[[9],[1,2]]"
        ] do
        let! answer = send (part "rows" "application/x-npy" rows :: parts)
        Assert.Equal($$"""{"rows":[[1,2]],"counts":{{counts}}}""", answer.Body)

    let! floats =
        send [
            part "rows" "application/x-npy" rows
            part "counts" "application/x-npy" whole
        ]

    Assert.Equal<_ list>([ """["counts"]""", "type" ], faults floats)
}

[<Fact>]
let ``what is wrong with a tensor's part is told beside all else that is`` () : Task = task {
    let! rows = npy "[[1,2,3]]"

    let! answer =
        send [
            part "rows" "application/x-npy" rows
            part "weights" "application/octet-stream" (Array.zeroCreate 12)
            part "label" "application/json" "1"B
        ]

    Assert.Equal<_ list>([ """["rows"]""", "shape"; """["weights"]""", "json"; """["label"]""", "type" ], faults answer)

    Assert.Contains("wanted a tensor of any x 2, given 1 x 3", (messages answer)[0])
    Assert.Contains("given what is not JSON", (messages answer)[1])

    for shape, element, message in
        [
            "3", "float33", "X-Tensor-DType is \"float33\""
            "3,x", "float32", "X-Tensor-Shape is \"3,x\""
            "999999999,999999999", "float32", "wanted a tensor of 3"
            "3", "float64", "take 24 bytes, given 12"
        ] do
        let! rows = npy "[]"

        let! answer =
            send [
                part "rows" "application/x-npy" rows
                {
                    part "weights" "application/octet-stream" (Array.zeroCreate 12) with
                        Headers = elements shape element
                }
            ]

        Assert.Contains(message, String.concat "\n" (messages answer))
}

[<Fact>]
let ``no text that a sender knows stands for a tensor of another part`` () : Task = task {
    let! rows = npy "[[1,2]]"

    for text in [ "0"; "1"; ""; "00000000000000000000000000000000" ] do
        let! answer =
            send [
                part "rows" "application/x-npy" rows
                part "weights" "application/json" (Text.Encoding.UTF8.GetBytes $"\"{text}\"")
            ]

        Assert.Equal<_ list>([ """["weights"]""", "type" ], faults answer)
}

[<Fact>]
let ``a tensor that is sent twice is one too many`` () : Task = task {
    let! rows = npy "[[1,2]]"
    let one = part "rows" "application/x-npy" rows
    let! answer = send [ one; one ]
    Assert.Equal<_ list>([ """["rows"]""", "type" ], faults answer)
}

[<Fact>]
let ``a file that nobody chose is no tensor, which is a fault only where there must be one`` () : Task = task {
    let! rows = npy "[[1,2]]"

    let unfilled name = {
        part name "application/octet-stream" [||] with
            File = Some ""
    }

    let! answer =
        send [ part "rows" "application/x-npy" rows; unfilled "weights"; unfilled "counts" ]

    Assert.Equal("""{"rows":[[1,2]]}""", answer.Body)
    let! refused = send [ unfilled "rows" ]
    Assert.Equal<_ list>([ """["rows"]""", "json" ], faults refused)
}
