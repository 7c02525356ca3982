/// Services made from the schema that BentoML's clients were recorded with, one for each entry that a request was sent to.
module Bento.Hosting.Tests.RecordedServices

open System.Numerics.Tensors
open System.Text
open Bento

/// JSON of any kind, as it was sent.
type Json = { Raw: string }

type Summarize = {
    Text: string
    [<Default 3>]
    N: int
}

type Rows = {
    [<Shape(-1, 4)>]
    Input: Tensor<float32>
}

type Row = {
    [<Shape(1, 4)>]
    Input: Tensor<float32>
}

type Floats = { Input: Tensor<float32> }
type Flags = { Input: Tensor<bool> }
type Wholes = { Input: Tensor<int64> }
type Lists = { Input: float list list }
type RootRows = { A: int; X: Tensor<float> option }

type Inner = {
    A: int option
    T: Tensor<float> option
}

type Nested = {
    O: Inner option
    M: Map<string, int> option
}

type Nullable = { A: int option; B: string list option }
type NullableTensor = { T: Tensor<float32> option }
type FileBeside = { F: File option; A: int }

type Upload = {
    Doc: File
    Meta: Json option
    Text: string option
    N: int option
}

type UploadImage = { Img: Image; Meta: Json option }
type UploadMany = { Docs: File list; N: int option }

type UploadOptional = {
    Doc: File option
    Text: string option
}

type UploadTensor = {
    Doc: File option
    T: Tensor<float32> option
}

/// A file as it came, its bytes one a character.
type Got = {
    Name: string
    Type: string
    Bytes: string
}

let private got (file: File) = {
    Name = file.Name
    Type = file.ContentType
    Bytes = Encoding.Latin1.GetString(file.ReadAllBytes())
}

let private nothing = Endpoint.api "recorded" (Synchronous(fun _ () -> ()))

/// Sends back what it took.
let private echo<'T> : Endpoint<unit> =
    Endpoint.api "recorded" (Synchronous(fun _ (input: 'T) -> input))

let private gives (handle: 'In -> 'Out) : Endpoint<unit> =
    Endpoint.api "recorded" (Synchronous(fun _ input -> handle input))

/// What the streams of each kind give, whose requests have nothing to tell apart.
let private texts =
    Endpoint.stream "recorded" (fun _ () -> Producing.upTo 2 (fun index -> [ "one "; "two" ][index]))

let private objects =
    Endpoint.stream "recorded" (fun _ () -> Producing.upTo 2 (fun index -> {| I = index |}))

let private bytes =
    Endpoint.stream "recorded" (fun _ () -> Producing.upTo 1 (fun _ -> [| 0uy; 255uy |]))

/// The entries by name. What an entry gives is the recorder's affair: here most give back what they took.
let private entries: Map<string, Endpoint<unit>> =
    Map.ofList [
        "summarize", echo<Summarize>
        "summarize_json", echo<Summarize>
        "classify", echo<Rows>
        "classify_noshape", echo<Floats>
        "classify_bare", echo<Floats>
        "classify_fixed", echo<Row>
        "classify_null", echo<Rows>
        "classify_bool", echo<Flags>
        "classify_int64", echo<Wholes>
        "classify_arr", echo<Lists>
        "nan_in", echo<Floats>
        "slow", echo<Summarize>
        "noprops", echo<Map<string, Json>>
        "root_str", echo<string>
        "root_what", echo<string option>
        "root_bytes", gives got
        "root_list", echo<string list>
        "root_listwhat", echo<string list>
        "root_int", echo<int>
        "root_tensor", echo<Tensor<float32>>
        "root_obj", echo<RootRows>
        "root_file", gives got
        "root_image", gives (fun (image: Image) -> got image.File)
        "root_fileobj",
        gives (fun (given: FileBeside) -> {|
            A = given.A
            F = Option.map got given.F
        |})
        "nested", echo<Nested>
        "nullable", echo<Nullable>
        "tensor_nullable", echo<NullableTensor>
        "kebab", echo<Map<string, int>>
        "any_root", echo<Json option>
        "upload",
        gives (fun (given: Upload) -> {|
            Doc = got given.Doc
            Meta = given.Meta
            Text = given.Text
            N = given.N
        |})
        "upload_img",
        gives (fun (given: UploadImage) -> {|
            Img = got given.Img.File
            Meta = given.Meta
        |})
        "upload_many",
        gives (fun (given: UploadMany) -> {|
            Docs = List.map got given.Docs
            N = given.N
        |})
        "upload_opt",
        gives (fun (given: UploadOptional) -> {|
            Doc = Option.map got given.Doc
            Text = given.Text
        |})
        "upload_anyof",
        gives (fun (given: UploadOptional) -> {|
            Doc = Option.map got given.Doc
            Text = given.Text
        |})
        "upload_tensor",
        gives (fun (given: UploadTensor) -> {|
            Doc = Option.map got given.Doc
            T = given.T
        |})
        for name in
            [
                "text"
                "fast"
                "noflush"
                "writer"
                "sse"
                "big"
                "split"
                "flagroute"
                "json_as_text"
            ] do
            "stream_" + name, texts
        for name in [ "json"; "json1"; "json_big" ] do
            "stream_" + name, objects
        "stream_bytes", bytes
    ]

/// The service of one entry of the schema, at its route. One that takes nothing is made for every other entry.
let service' (name: string) (path: string) : Definition<unit> =
    let recorded = Map.tryFind name entries |> Option.defaultValue nothing

    service {
        endpoint "recorded" { route path }
        name "recorded"
        codec (Codec.ofStrings (fun raw -> Ok { Raw = raw }) _.Raw)
        endpoints [ recorded ]
    }

/// Whether an entry was written out by hand, and does not just take and give nothing.
let isWrittenOut name = entries.ContainsKey name
