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

    let private shown (lengths: int seq) = String.Join(" x ", lengths)

    let private fits (plan: TensorPlan) (lengths: int[]) =
        match plan.Shape.Dimensions with
        | None -> true
        | Some wanted ->
            wanted.Length = lengths.Length
            && List.forall2 (fun wanted length -> wanted < 0 || wanted = length) wanted (List.ofArray lengths)

    /// The tensor of a layout and its bytes, or the kind and the message of what is wrong.
    let private read
        plan
        (layout: TensorLayout)
        (bytes: ReadOnlySequence<byte>)
        : Result<obj, struct (string * string)> =
        let fault message = Error(struct ("shape", message))

        match ElementBytes.total layout with
        | _ when not (fits plan layout.Lengths) ->
            fault $"wanted {Shape.describe (Shape.Tensor plan.Shape)}, given {shown layout.Lengths}"
        | Some total when int64 total = bytes.Length -> plan.Bytes.Read(layout, bytes)
        | Some total ->
            fault
                $"{shown layout.Lengths} of {Shape.elementName layout.Element} take {total} bytes, given {bytes.Length}"
        | None when Array.contains 0 layout.Lengths ->
            fault
                $"{shown layout.Lengths} has no elements, and its other lengths come to more than {ElementBytes.mostEmpty}"
        | None -> fault $"{shown layout.Lengths} of {Shape.elementName layout.Element} are more than memory has"

    let private decode plan layout bytes : Result<'In, Refusal> =
        match read plan layout bytes with
        | Ok tensor -> Ok(unbox<'In>(plan.Bytes.As(plan.Type, tensor)))
        | Error(struct (kind, message)) ->
            Refusal.ofFaults [
                {
                    Location = []
                    Kind = kind
                    Message = $"body: {message}"
                }
            ]
            |> Error

    let private readNpy (body: ReadOnlySequence<byte>) =
        let beginning = body.Slice(0L, min body.Length (int64 (Npy.longestHeader + 12)))

        let head =
            if beginning.IsSingleSegment then
                beginning.First
            else
                ReadOnlyMemory(beginning.ToArray())

        Npy.read head.Span

    /// The tensor of a file of numpy's.
    let ofNpy plan (body: ReadOnlySequence<byte>) : Result<'In, Refusal> =
        match readNpy body with
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
        Error $"The header {header} {given}; wanted {wanted}."

    /// What the two headers of bytes say of them.
    let private layout (element: string) (lengths: string) : Result<TensorLayout, string> =
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

    /// What the headers of a request say of its bytes.
    let layoutOf (http: HttpContext) : Result<TensorLayout, Refusal> =
        let headers = http.Request.Headers

        layout (string headers[elementHeader]) (string headers[shapeHeader])
        |> Result.mapError (Refusal.plain StatusCodes.Status400BadRequest)

    /// The tensor of bytes that headers describe: little-endian, row by row.
    let ofBytes plan layout (body: ReadOnlySequence<byte>) : Result<'In, Refusal> = decode plan layout body

    // -- parts of a form -----------------------------------------------------------------------------

    /// Whether a part of that media type is a tensor's own bytes.
    let isBytes (mediaType: string) =
        MediaType.tryParse mediaType
        |> Option.exists (fun mediaType ->
            MediaType.is MediaType.npy mediaType || MediaType.is MediaType.bytes mediaType)

    let private isDescribed (element: string) (lengths: string) = element <> "" || lengths <> ""

    let private isNpy mediaType beginning =
        Npy.isBegun beginning || MediaType.essence mediaType = MediaType.npy

    /// Whether a part of a form is a tensor's own bytes, by what is said of it and its first bytes. What is not may be JSON.
    let isOwnBytes mediaType element lengths (beginning: ReadOnlySpan<byte>) =
        isDescribed element lengths || isNpy mediaType beginning

    /// The tensor of a part of a form: a file of numpy's, whatever it is called, or bytes with two headers of their own.
    /// Nothing where it is neither, which JSON may be.
    let ofPart plan mediaType element lengths (bytes: byte[]) : Result<obj, struct (string * string)> option =
        let body = ReadOnlySequence bytes

        if isDescribed element lengths then
            match layout element lengths with
            | Ok layout -> Some(read plan layout body)
            | Error message -> Some(Error(struct ("json", message)))
        elif isNpy mediaType (ReadOnlySpan bytes) then
            match readNpy body with
            | Ok(struct (layout, start)) -> Some(read plan layout (body.Slice(int64 start)))
            | Error message -> Some(Error(struct ("json", $"it is not {MediaType.npy}: {message}")))
        else
            None
