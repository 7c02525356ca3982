namespace Bento

open System
open System.Buffers
open System.Globalization
open Microsoft.AspNetCore.Http

/// How a tensor that is the whole input is read from bytes.
[<NoComparison; NoEquality>]
type internal TensorPlan = {
    Shape: TensorShape
    /// The type of the input, which may be an option.
    Type: Type
    Bytes: TensorBytes
}

/// Tensors as their own bytes: numpy's files, or what two headers describe.
[<RequireQualifiedAccess>]
module internal TensorBody =

    [<Literal>]
    let shapeHeader = "X-Tensor-Shape"

    [<Literal>]
    let elementHeader = "X-Tensor-DType"

    let plan (kind: Type) (shape: TensorShape) : TensorPlan = {
        Shape = shape
        Type = kind
        Bytes = TensorBytes.ofElement shape.Element
    }

    let private fault kind message =
        Refusal.ofFaults [
            {
                Location = []
                Kind = kind
                Message = $"body: {message}"
            }
        ]
        |> Error

    let private shown (lengths: int seq) = String.Join(" x ", lengths)

    let private fits (plan: TensorPlan) (lengths: int[]) =
        match plan.Shape.Dimensions with
        | None -> true
        | Some wanted ->
            wanted.Length = lengths.Length
            && List.forall2 (fun wanted length -> wanted < 0 || wanted = length) wanted (List.ofArray lengths)

    let private decode plan (layout: TensorLayout) (bytes: ReadOnlySequence<byte>) : Result<'In, Refusal> =
        match ElementBytes.total layout with
        | _ when not (fits plan layout.Lengths) ->
            fault "shape" $"wanted {Shape.describe (Shape.Tensor plan.Shape)}, given {shown layout.Lengths}"
        | Some total when int64 total = bytes.Length ->
            match plan.Bytes.Read(layout, bytes) with
            | Ok tensor -> Ok(unbox<'In>(plan.Bytes.As(plan.Type, tensor)))
            | Error(struct (kind, message)) -> fault kind message
        | Some total ->
            fault
                "shape"
                $"{shown layout.Lengths} of {Shape.elementName layout.Element} take {total} bytes, given {bytes.Length}"
        | None when Array.contains 0 layout.Lengths ->
            fault
                "shape"
                $"{shown layout.Lengths} has no elements, and its other lengths come to more than {ElementBytes.mostEmpty}"
        | None -> fault "shape" $"{shown layout.Lengths} of {Shape.elementName layout.Element} are more than memory has"

    /// The tensor of a file of numpy's.
    let ofNpy plan (body: ReadOnlySequence<byte>) : Result<'In, Refusal> =
        let beginning = body.Slice(0L, min body.Length (int64 (Npy.longestHeader + 12)))

        let head =
            if beginning.IsSingleSegment then
                beginning.First
            else
                ReadOnlyMemory(beginning.ToArray())

        match Npy.read head.Span with
        | Ok(struct (layout, start)) -> decode plan layout (body.Slice(int64 start))
        | Error message ->
            Refusal.plain StatusCodes.Status400BadRequest $"The body is not {MediaType.npy}: {message}."
            |> Error

    // -- two headers ---------------------------------------------------------------------------------

    let private elements =
        dict [
            for element in
                [
                    ElementType.Boolean
                    ElementType.SByte
                    ElementType.Byte
                    ElementType.Int16
                    ElementType.UInt16
                    ElementType.Int32
                    ElementType.UInt32
                    ElementType.Int64
                    ElementType.UInt64
                    ElementType.Half
                    ElementType.Single
                    ElementType.Double
                ] do
                Shape.elementName element, element
        ]

    let private tryElement (text: string) =
        match elements.TryGetValue(text.Trim().ToLowerInvariant()) with
        | true, element -> Some element
        | _ -> None

    let private tryLength (text: string) =
        match Int32.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, length -> Some length
        | _ -> None

    let private tryLengths (text: string) =
        let lengths = text.Split ',' |> Array.map tryLength

        if
            lengths.Length <= ElementBytes.mostDimensions
            && lengths |> Array.forall Option.isSome
        then
            Some(Array.choose id lengths)
        else
            None

    let private wrong header given wanted =
        let given = if given = "" then "is missing" else $"is \"{given}\""

        Refusal.plain StatusCodes.Status400BadRequest $"The header {header} {given}; wanted {wanted}."
        |> Error

    /// What the headers of a request say of its bytes.
    let layoutOf (http: HttpContext) : Result<TensorLayout, Refusal> =
        let element = string http.Request.Headers[elementHeader]
        let lengths = string http.Request.Headers[shapeHeader]

        match tryElement element, tryLengths lengths with
        | Some element, Some lengths ->
            Ok {
                Element = element
                BigEndian = false
                ColumnMajor = false
                Lengths = lengths
            }
        | None, _ -> wrong elementHeader element ("one of " + String.Join(", ", elements.Keys))
        | _, None -> wrong shapeHeader lengths "whole numbers with commas, as in \"1,3,224,224\""

    /// The tensor of bytes that headers describe: little-endian, row by row.
    let ofBytes plan layout (body: ReadOnlySequence<byte>) : Result<'In, Refusal> = decode plan layout body
