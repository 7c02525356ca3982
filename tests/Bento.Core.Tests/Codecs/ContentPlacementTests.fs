/// Where files, images and streams may stand in an input and an output.
module Bento.Tests.ContentPlacementTests

open System
open System.Collections.Generic
open System.IO
open System.Numerics.Tensors
open Xunit
open Bento

type Upload = {
    Document: Bento.File
    Cover: Image option
    Pages: Bento.File list
    More: Bento.File[] option
    Source: Stream
    Title: string
}

type Deep = {
    Title: string
    Upload: {| Picture: Image |}
    Rows: Image list list
}

let private paths placement (kind: Type) : string list =
    match Codecs.ofType WireRules.defaults "it" kind with
    | Ok codec -> placement codec.Shape |> List.map _.Path
    | Error faults -> failwith $"%A{faults}"

[<Fact>]
let ``an input is a file, files, or an object with them as fields`` () =
    for kind in
        [
            typeof<Bento.File>
            typeof<Image option>
            typeof<Image list>
            typeof<Stream>
            typeof<Upload>
            typeof<int>
        ] do
        Assert.Empty(paths ContentPlacement.ofInput kind)

[<Fact>]
let ``a file further inside an input is refused, each in its place`` () =
    Assert.Equal<string list>([ "input.upload"; "input.rows" ], paths ContentPlacement.ofInput typeof<Deep>)

    for kind in [ typeof<Map<string, Bento.File>>; typeof<int * Image>; typeof<Upload list> ] do
        Assert.Equal<string list>([ "input" ], paths ContentPlacement.ofInput kind)

[<Fact>]
let ``an output is one file, or has none`` () =
    for kind in [ typeof<Bento.File>; typeof<Image option>; typeof<Stream>; typeof<int list> ] do
        Assert.Empty(paths ContentPlacement.ofOutput kind)

    for kind in [ typeof<Upload>; typeof<Image list>; typeof<int * Stream> ] do
        Assert.Equal<string list>([ "output" ], paths ContentPlacement.ofOutput kind)

[<Fact>]
let ``an item of a stream has no file, not even alone`` () =
    for kind in [ typeof<int>; typeof<string list>; typeof<{| Text: string |}> ] do
        Assert.Empty(paths ContentPlacement.ofItem kind)

    for kind in [ typeof<Bento.File>; typeof<Image option>; typeof<Stream>; typeof<Upload> ] do
        Assert.Equal<string list>([ "output" ], paths ContentPlacement.ofItem kind)

[<Fact>]
let ``a misplaced file is a problem of the definition`` () =
    let line = int __LINE__ + 2

    let gallery = service { api "show" (fun (count: int) -> [ Image.OfBytes(string count, [||]) ]) }

    match gallery.Checked with
    | Error problems ->
        Assert.Contains(
            CannotTravel(
                "show",
                "output",
                "output",
                "has a file beside or inside something else; an answer is one file, or JSON without files",
                line
            ),
            problems
        )
    | Ok _ -> Assert.Fail "it was taken"

[<Fact>]
let ``a message of a socket has no files, and bytes are none`` () =
    for kind in [ typeof<byte[]>; typeof<Tensor<float32>>; typeof<int * string> ] do
        Assert.Empty(paths (ContentPlacement.ofMessage "input") kind)

    for kind in [ typeof<Bento.File>; typeof<Image option>; typeof<Upload>; typeof<Stream> ] do
        Assert.Equal<string list>([ "input" ], paths (ContentPlacement.ofMessage "input") kind)

[<Fact>]
let ``a file in a message is a problem of the definition`` () =
    let line = int __LINE__ + 2

    let gallery = service { socket "show" (fun (pictures: IAsyncEnumerable<Image>) -> pictures) }

    let fault side =
        CannotTravel("show", side, side, "has a file, which no message of a socket is; let it be byte[]", line)

    match gallery.Checked with
    | Error problems ->
        Assert.Equal<Problem list>([ fault "input"; fault "output" ], problems |> List.filter _.IsCannotTravel)
    | Ok _ -> Assert.Fail "it was taken"
