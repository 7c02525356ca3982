/// Tensors as their own bytes, in and out.
module Bento.Hosting.Tests.TensorBodyTests

open System
open System.Buffers.Binary
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Text
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private tensors = service {
    traffic { bodyLimit "4MiB" }
    api "single" (fun (tensor: Tensor<float32>) -> tensor)
    api "double" (fun (tensor: Tensor<float>) -> tensor)
    api "half" (fun (tensor: Tensor<Half>) -> tensor)
    api "int" (fun (tensor: Tensor<int>) -> tensor)
    api "long" (fun (tensor: Tensor<int64>) -> tensor)
    api "byte" (fun (tensor: Tensor<byte>) -> tensor)
    api "unsigned" (fun (tensor: Tensor<uint64>) -> tensor)
    api "bool" (fun (tensor: Tensor<bool>) -> tensor)
    api "maybe" (fun (tensor: Tensor<int> option) -> tensor)
    api "maybe-value" (fun (tensor: Tensor<bool> voption) -> tensor)
}

let private app = lazy (App.hosting [ tensors ])

let private send (endpoint: string) headers mediaType (body: byte[]) : Task<Answer> = task {
    let! app = app.Value
    return! sendWith app.Client "POST" ("/" + endpoint) headers mediaType body
}

let private described shape element = [ "X-Tensor-Shape", shape; "X-Tensor-DType", element ]

let private bytesOf (values: 'T[]) =
    MemoryMarshal.AsBytes(values.AsSpan()).ToArray()

/// A file as numpy writes it, by the words of its format and not by our writer.
let private npy (version: int) (header: string) (data: byte[]) =
    let start = if version = 1 then 10 else 12

    let padded =
        header.PadRight((start + header.Length + 64) / 64 * 64 - start - 1) + "\n"

    Array.concat [
        [| 0x93uy |]
        "NUMPY"B
        [| byte version; 0uy |]
        (if version = 1 then
             BitConverter.GetBytes(uint16 padded.Length)
         else
             BitConverter.GetBytes(uint32 padded.Length))
        Encoding.UTF8.GetBytes padded
        data
    ]

let private header element order shape =
    $"{{'descr': '{element}', 'fortran_order': {order}, 'shape': {shape}, }}"

let private sendNpy endpoint file =
    send endpoint [] "application/x-npy" file

// -- in ------------------------------------------------------------------------------------------------------

[<Theory>]
[<InlineData(1)>]
[<InlineData(2)>]
[<InlineData(3)>]
let ``a file of numpy's is a tensor in each of its versions`` (version: int) : Task = task {
    let file =
        npy version (header "<f4" "False" "(2, 3)") (bytesOf [| 1f; 2f; 3f; 4f; 5f; 6f |])

    let! answer = sendNpy "single" file
    Assert.Equal("[[1,2,3],[4,5,6]]", answer.Body)
}

[<Fact>]
let ``columns first and the other end first are put in order`` () : Task = task {
    let! columns =
        sendNpy "int" (npy 1 (header "<i4" "True" "(2, 3)") (bytesOf [| 1; 4; 2; 5; 3; 6 |]))

    Assert.Equal("[[1,2,3],[4,5,6]]", columns.Body)

    let big =
        bytesOf [|
            BinaryPrimitives.ReverseEndianness 1
            BinaryPrimitives.ReverseEndianness -2
        |]

    let! reversed = sendNpy "int" (npy 1 (header ">i4" "False" "(2,)") big)
    Assert.Equal("[1,-2]", reversed.Body)

    let deep =
        [|
            for last in 0..3 do
                for middle in 0..2 do
                    for first in 0..1 -> first * 12 + middle * 4 + last
        |]
        |> Array.map BinaryPrimitives.ReverseEndianness

    let! both = sendNpy "int" (npy 1 (header ">i4" "True" "(2, 3, 4)") (bytesOf deep))

    Assert.Equal("[[[0,1,2,3],[4,5,6,7],[8,9,10,11]],[[12,13,14,15],[16,17,18,19],[20,21,22,23]]]", both.Body)
}

[<Theory>]
[<InlineData("single", "|b1", "[0,1,1]")>]
[<InlineData("single", "|i1", "[0,1,-1]")>]
[<InlineData("double", "|u1", "[0,1,255]")>]
[<InlineData("half", "|u1", "[0,1,255]")>]
[<InlineData("int", "|b1", "[0,1,1]")>]
[<InlineData("long", "|i1", "[0,1,-1]")>]
[<InlineData("bool", "|b1", "[false,true,true]")>]
let ``elements of another type are taken where they mean the same``
    (endpoint: string, element: string, expected: string)
    : Task = task {
    let! answer =
        sendNpy endpoint (npy 1 (header element "False" "(3,)") [| 0uy; 1uy; 255uy |])

    Assert.Equal(expected, answer.Body)
}

[<Fact>]
let ``elements that would be other numbers are refused`` () : Task = task {
    let! fraction =
        sendNpy "int" (npy 1 (header "<f4" "False" "(1,)") (bytesOf [| 1f |]))

    Assert.Equal<_ list>([ "[]", "type" ], faults fraction)
    Assert.Equal("body: wanted int32, given float32", problem 400 fraction)

    let! large =
        sendNpy "byte" (npy 1 (header "<i8" "False" "(2,)") (bytesOf [| 1L; 256L |]))

    Assert.Equal<_ list>([ "[]", "range" ], faults large)
    let! negative = sendNpy "unsigned" (npy 1 (header "|i1" "False" "(1,)") [| 255uy |])
    Assert.Equal<_ list>([ "[]", "range" ], faults negative)
    let! number = sendNpy "bool" (npy 1 (header "|u1" "False" "(1,)") [| 1uy |])
    Assert.Equal<_ list>([ "[]", "type" ], faults number)
}

[<Theory>]
[<InlineData("(5,)", 24, "shape")>]
[<InlineData("(7,)", 24, "shape")>]
[<InlineData("(2147483647, 2147483647)", 24, "shape")>]
[<InlineData("(65536, 65536, 65536, 65536)", 0, "shape")>]
[<InlineData("(0, 2147483647)", 4, "shape")>]
let ``a shape that its bytes do not have is refused`` (shape: string, length: int, kind: string) : Task = task {
    let! answer =
        sendNpy "single" (npy 1 (header "<f4" "False" shape) (Array.zeroCreate length))

    Assert.Equal<_ list>([ "[]", kind ], faults answer)
    let inside = shape.Trim('(', ')', ',').Replace(" ", "")

    let! raw =
        send "single" (described inside "float32") "application/octet-stream" (Array.zeroCreate length)

    Assert.Equal<_ list>([ "[]", kind ], faults raw)
}

[<Theory>]
[<InlineData("0,2147483647,2147483647,2147483647")>]
[<InlineData("2147483647,2147483647,2147483647,0")>]
[<InlineData("2000000000,0")>]
[<InlineData("1001,0,1000")>]
let ``a tensor without elements claims no more places than an answer may have brackets for`` (shape: string) : Task =
    task {
        for endpoint, element, name in [ "single", "<f4", "float32"; "int", "<i2", "int16"; "bool", "|b1", "bool" ] do
            let! raw = send endpoint (described shape name) "application/octet-stream" [||]
            Assert.Equal<_ list>([ "[]", "shape" ], faults raw)
            Assert.Contains("more than 1000000", problem 400 raw)
            let! file = sendNpy endpoint (npy 1 (header element "False" $"({shape})") [||])
            Assert.Equal<_ list>([ "[]", "shape" ], faults file)
            let! fits = sendNpy endpoint (npy 1 (header element "True" "(2, 0, 500000)") [||])
            Assert.Equal("[[],[]]", fits.Body)
    }

[<Theory>]
[<InlineData("", "descr, fortran_order and shape")>]
[<InlineData("{}", "descr, fortran_order and shape")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", "no '}'")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} {}", "goes on after its end")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'shape': (2,)}", "each once")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}", "whole number")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999,)}", "whole number")>]
[<InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)}", "17 dimensions")>]
[<InlineData("{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", "<c8")>]
[<InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "|O")>]
[<InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", "no text, truth or shape")>]
[<InlineData("{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,)}", "no text, truth or shape")>]
[<InlineData("{'descr': '<f4", "without an end")>]
[<InlineData("{True: 1}", "key that is no text")>]
let ``a header is read and never run`` (text: string, detail: string) : Task = task {
    let text = if text = "" then "{ }" else text
    let! answer = sendNpy "single" (npy 1 text (Array.zeroCreate 4))
    Assert.Contains(detail, problem 400 answer)
}

[<Fact>]
let ``what is no file of numpy's is refused`` () : Task = task {
    let! empty = sendNpy "single" [||]
    Assert.Contains("does not begin", problem 400 empty)
    let whole = npy 1 (header "<f4" "False" "(1,)") (bytesOf [| 1f |])
    let! cut = sendNpy "single" whole[..40]
    Assert.Contains("ends within its header", problem 400 cut)

    let! version =
        sendNpy "single" (Array.mapi (fun index one -> if index = 6 then 9uy else one) whole)

    Assert.Contains("version is 9", problem 400 version)

    let! long =
        sendNpy "single" (Array.concat [ whole[..5]; [| 2uy; 0uy; 255uy; 255uy; 255uy; 255uy |] ])

    Assert.Contains("4294967295 bytes", problem 400 long)
}

[<Fact>]
let ``any bytes behind numpy's first ones are taken or refused`` () : Task = task {
    let! app = app.Value

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 200,
        fun (header: string | null) (junk: byte[]) ->
            let text = header |> Option.ofObj |> Option.defaultValue ""
            let file = npy 1 (text.Substring(0, min text.Length 5000)) junk

            for body in [ file; Array.append file[..5] junk ] do
                let answer =
                    (post app.Client "/single" "application/x-npy" body).GetAwaiter().GetResult()

                Assert.True((answer.Status = 200 || answer.Status = 400), answer.Body)
    )
}

[<Fact>]
let ``bytes and two headers are a tensor`` () : Task = task {
    let body = bytesOf [| 1f; 2f; 3f; 4f |]

    let! answer =
        send "single" (described "2,2" "float32") "application/octet-stream" body

    Assert.Equal("[[1,2],[3,4]]", answer.Body)

    let! spaced =
        send "single" (described " 1, 4 " "Float32") "application/octet-stream" body

    Assert.Equal("[[1,2,3,4]]", spaced.Body)

    let! empty =
        send "single" (described "0,4" "float32") "application/octet-stream" [||]

    Assert.Equal(200, empty.Status)
}

[<Theory>]
[<InlineData("", "float32", "X-Tensor-Shape is missing")>]
[<InlineData("2,x", "float32", "X-Tensor-Shape is \"2,x\"")>]
[<InlineData("-2", "float32", "X-Tensor-Shape is \"-2\"")>]
[<InlineData("1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1", "float32", "X-Tensor-Shape")>]
[<InlineData("2", "", "X-Tensor-DType is missing")>]
[<InlineData("2", "complex64", "float16, float32, float64")>]
let ``headers that describe nothing are named`` (shape: string, element: string, detail: string) : Task = task {
    let! answer =
        send "single" (described shape element) "application/octet-stream" (Array.zeroCreate 8)

    Assert.Contains(detail, problem 400 answer)
}

[<Fact>]
let ``bytes keep the limit of the body`` () : Task = task {
    let! answer =
        send "single" (described "2000000" "float32") "application/octet-stream" (Array.zeroCreate 8_000_000)

    Assert.Contains("larger than 4MiB", problem 413 answer)
}

[<Fact>]
let ``a tensor is taken as JSON too, and as nothing else`` () : Task = task {
    let! json = send "single" [] "application/json" "[[1, 2.5]]"B
    Assert.Equal("[[1,2.5]]", json.Body)
    let! text = send "single" [] "text/plain" "[1]"B
    Assert.Equal("[1]", text.Body)
    let! other = send "single" [] "image/png" [||]
    Assert.Contains("application/x-npy or application/octet-stream", problem 415 other)
}

// -- out -----------------------------------------------------------------------------------------------------

let private ask endpoint accept (json: string) =
    send endpoint [ "Accept", accept ] "application/json" (Encoding.UTF8.GetBytes json)

[<Theory>]
[<InlineData("single", "[[1,2],[3,4]]", "<f4", "(2, 2)")>]
[<InlineData("byte", "[1,2,3]", "|u1", "(3,)")>]
[<InlineData("bool", "[[true],[false]]", "|b1", "(2, 1)")>]
[<InlineData("long", "[[[7]]]", "<i8", "(1, 1, 1)")>]
[<InlineData("half", "[0.5]", "<f2", "(1,)")>]
let ``a tensor is answered as numpy would write it``
    (endpoint: string, json: string, element: string, shape: string)
    : Task = task {
    let! answer = ask endpoint "application/x-npy" json
    Assert.Equal("application/x-npy", answer.Headers["content-type"])
    let! back = sendNpy endpoint answer.Bytes
    Assert.Equal(json, back.Body)
    let length = int answer.Bytes[8] + 256 * int answer.Bytes[9]
    Assert.Equal(0, (length + 10) % 64)
    let words = Encoding.ASCII.GetString(answer.Bytes, 10, length)
    Assert.EndsWith("\n", words)
    Assert.Equal(header element "False" shape, words.TrimEnd())
}

[<Fact>]
let ``a tensor is answered as the bytes of its elements`` () : Task = task {
    let! answer = ask "int" "application/octet-stream" "[[1,2,3]]"
    Assert.Equal("application/octet-stream", answer.Headers["content-type"])
    Assert.Equal("1,3", answer.Headers["x-tensor-shape"])
    Assert.Equal("int32", answer.Headers["x-tensor-dtype"])
    Assert.Equal<byte[]>(bytesOf [| 1; 2; 3 |], answer.Bytes)
    let! json = ask "int" "*/*" "[[1,2,3]]"
    Assert.Equal("application/json", json.Headers["content-type"])
    let! none = ask "int" "text/plain" "[1]"
    Assert.Contains("application/x-npy or application/octet-stream", problem 406 none)
}

let private arrays: Arbitrary<int * int * float32[]> =
    gen {
        let! rows = Gen.choose (1, 9)
        let! columns = Gen.choose (1, 9)

        let! values =
            Gen.arrayOfLength (rows * columns) (ArbMap.defaults |> ArbMap.generate<float32>)

        return rows, columns, values
    }
    |> Arb.fromGen

[<Fact>]
let ``every float comes back bit for bit, NaN and infinities among them`` () : Task = task {
    let! app = app.Value

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 100,
        Prop.forAll arrays (fun (rows, columns, values) ->
            let bytes = bytesOf values
            let raw = "application/octet-stream"

            let answer =
                (sendWith
                    app.Client
                    "POST"
                    "/single"
                    (("Accept", raw) :: described $"{rows},{columns}" "float32")
                    raw
                    bytes)
                    .GetAwaiter()
                    .GetResult()

            Assert.Equal<byte[]>(bytes, answer.Bytes)

            let file = npy 1 (header "<f4" "False" $"({rows}, {columns})") bytes

            let answer =
                (sendWith app.Client "POST" "/single" [ "Accept", "application/x-npy" ] "application/x-npy" file)
                    .GetAwaiter()
                    .GetResult()

            Assert.Equal<byte[]>(bytes, answer.Bytes[answer.Bytes.Length - bytes.Length ..]))
    )
}

// -- tensors that may be absent --------------------------------------------------------------------------

[<Fact>]
let ``a tensor that may be absent travels as its own bytes, both ways`` () : Task = task {
    let file = npy 1 (header "<i4" "False" "(2,)") (bytesOf [| 7; -1 |])
    let! json = send "maybe" [] "application/x-npy" file
    Assert.Equal("[7,-1]", json.Body)

    let! back =
        send "maybe" [ "Accept", "application/x-npy" ] "application/json" "[7,-1]"B

    let! again = send "maybe" [] "application/x-npy" back.Bytes
    Assert.Equal("[7,-1]", again.Body)

    let! raw =
        send "maybe-value" (("Accept", "application/octet-stream") :: described "2" "bool") "application/octet-stream" [|
            1uy
            0uy
        |]

    Assert.Equal<byte[]>([| 1uy; 0uy |], raw.Bytes)
    Assert.Equal("2", raw.Headers["x-tensor-shape"])
    Assert.Equal("bool", raw.Headers["x-tensor-dtype"])
}

[<Fact>]
let ``nothing is no tensor where there may be none, and is answered as null`` () : Task = task {
    for accept in [ "application/json"; "application/x-npy"; "application/octet-stream" ] do
        for mediaType in [ ""; "application/json"; "application/x-npy"; "application/octet-stream" ] do
            for endpoint in [ "maybe"; "maybe-value" ] do
                let! answer = send endpoint [ "Accept", accept ] mediaType [||]
                Assert.Equal((200, "null"), (answer.Status, answer.Body))
                Assert.Equal("application/json", answer.Headers["content-type"])

    let! answer = send "maybe" [] "application/octet-stream" [| 1uy |]
    Assert.Contains("X-Tensor-DType is missing", problem 400 answer)
    let! answer = send "int" [] "application/x-npy" [||]
    Assert.Contains("does not begin as numpy's files do", problem 400 answer)
}
