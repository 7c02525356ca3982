namespace Bento

open System
open System.Buffers
open System.Numerics
open System.Numerics.Tensors
open System.Runtime.InteropServices

/// Tensors of one type from bytes, and as bytes.
[<AbstractClass>]
type internal TensorBytes() =

    /// A tensor of a layout whose bytes are all there, or the kind and the message of what is wrong.
    abstract Read: TensorLayout * ReadOnlySequence<byte> -> Result<obj, struct (string * string)>

    /// The same tensor as one of a type that may be without any.
    abstract As: kind: Type * tensor: obj -> obj

    /// The lengths of a tensor and its elements, row-major and little-endian, behind so many bytes for a head; nothing
    /// where there may be none and is none.
    abstract Write: output: objnull * head: (int[] -> byte[]) -> struct (int[] * byte[]) voption

/// Bytes on their way into the order that memory has.
module private Order =

    let reverseElements (bytes: Span<byte>) size =
        for start in 0..size .. bytes.Length - size do
            bytes.Slice(start, size).Reverse()

    /// The same elements with the last index varying fastest.
    let rowMajor (bytes: byte[]) size (lengths: int[]) : byte[] =
        let ordered = Array.zeroCreate<byte> bytes.Length
        let place = Array.zeroCreate<int> lengths.Length

        for element in 0 .. bytes.Length / size - 1 do
            let mutable target = 0

            for dimension in 0 .. lengths.Length - 1 do
                target <- target * lengths[dimension] + place[dimension]

            Buffer.BlockCopy(bytes, element * size, ordered, target * size, size)
            let mutable dimension = 0

            while dimension < lengths.Length do
                place[dimension] <- place[dimension] + 1

                if place[dimension] < lengths[dimension] then
                    dimension <- lengths.Length
                else
                    place[dimension] <- 0
                    dimension <- dimension + 1

        ordered

    /// The bytes of a layout as this machine would have them, row by row.
    let native (layout: TensorLayout) (bytes: ReadOnlySequence<byte>) : byte[] =
        let copy = bytes.ToArray()
        let size = ElementBytes.size layout.Element

        if layout.BigEndian && size > 1 then
            reverseElements (copy.AsSpan()) size

        if layout.ColumnMajor && layout.Lengths.Length > 1 then
            rowMajor copy size layout.Lengths
        else
            copy

[<RequireQualifiedAccess>]
module private Tensors =

    /// A tensor of no dimensions has one element, as in JSON.
    let make (values: 'T[]) (lengths: int[]) : Tensor<'T> =
        let lengths = if lengths.Length = 0 then [| 1 |] else lengths
        Tensor.Create<'T>(values, ReadOnlySpan(lengths |> Array.map nativeint))

    let wrap<'T> (kind: Type) (tensor: obj) : obj =
        if kind = typeof<Tensor<'T> option> then
            Some(tensor :?> Tensor<'T>)
        elif kind = typeof<Tensor<'T> voption> then
            ValueSome(tensor :?> Tensor<'T>)
        else
            tensor

    let private unwrap (output: objnull) : Tensor<'T> voption =
        match output with
        | :? Tensor<'T> as tensor -> ValueSome tensor
        | :? (Tensor<'T> option) as tensor -> ValueOption.ofOption tensor
        | :? (Tensor<'T> voption) as tensor -> tensor
        | _ -> ValueNone

    let private flattened (head: int[] -> byte[]) (tensor: Tensor<'T>) : struct (int[] * byte[]) =
        let lengths = Array.init tensor.Rank (fun index -> int tensor.Lengths[index])
        let head = head lengths
        let size = int tensor.FlattenedLength
        let bytes = Array.zeroCreate<byte>(head.Length + size * sizeof<'T>)
        Buffer.BlockCopy(head, 0, bytes, 0, head.Length)
        tensor.FlattenTo(MemoryMarshal.Cast<byte, 'T>(bytes.AsSpan head.Length))
        struct (lengths, bytes)

    let flatten<'T when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType>
        (output: objnull)
        (head: int[] -> byte[])
        : struct (int[] * byte[]) voption =
        unwrap output |> ValueOption.map (flattened head: Tensor<'T> -> _)

    let isFloat element =
        match element with
        | ElementType.Half
        | ElementType.Single
        | ElementType.Double -> true
        | _ -> false

/// Tensors of numbers. Elements of another type are taken where they mean the same: whole numbers that fit, truths as
/// 0 and 1, and anything as a floating-point number.
[<Sealed>]
type internal NumberBytes<'T
    when 'T: unmanaged and 'T: struct and 'T: (new: unit -> 'T) and 'T :> ValueType and 'T :> INumberBase<'T>>
    (element: ElementType) =
    inherit TensorBytes()

    let convert (source: ReadOnlySpan<'Source>) (values: 'T[]) =
        for index in 0 .. source.Length - 1 do
            values[index] <- 'T.CreateChecked source[index]

    let convertFrom (given: ElementType) (bytes: byte[]) (values: 'T[]) =
        let span = ReadOnlySpan bytes

        match given with
        | ElementType.Boolean ->
            for index in 0 .. bytes.Length - 1 do
                values[index] <- if bytes[index] = 0uy then 'T.Zero else 'T.One
        | ElementType.SByte -> convert (MemoryMarshal.Cast<byte, sbyte> span) values
        | ElementType.Byte -> convert span values
        | ElementType.Int16 -> convert (MemoryMarshal.Cast<byte, int16> span) values
        | ElementType.UInt16 -> convert (MemoryMarshal.Cast<byte, uint16> span) values
        | ElementType.Int32 -> convert (MemoryMarshal.Cast<byte, int> span) values
        | ElementType.UInt32 -> convert (MemoryMarshal.Cast<byte, uint32> span) values
        | ElementType.Int64 -> convert (MemoryMarshal.Cast<byte, int64> span) values
        | ElementType.UInt64 -> convert (MemoryMarshal.Cast<byte, uint64> span) values
        | ElementType.Half -> convert (MemoryMarshal.Cast<byte, Half> span) values
        | ElementType.Single -> convert (MemoryMarshal.Cast<byte, float32> span) values
        | ElementType.Double -> convert (MemoryMarshal.Cast<byte, float> span) values

    override _.Read(layout, bytes) =
        let wanted = Shape.elementName element
        let given = Shape.elementName layout.Element

        let values =
            GC.AllocateUninitializedArray<'T>(int bytes.Length / ElementBytes.size layout.Element)

        let inOrder = not layout.BigEndian && not layout.ColumnMajor

        if layout.Element = element && inOrder then
            bytes.CopyTo(MemoryMarshal.AsBytes(values.AsSpan()))
            Ok(Tensors.make values layout.Lengths :> obj)
        elif Tensors.isFloat layout.Element && not (Tensors.isFloat element) then
            Error(struct ("type", $"wanted {wanted}, given {given}"))
        else
            try
                convertFrom layout.Element (Order.native layout bytes) values
                Ok(Tensors.make values layout.Lengths :> obj)
            with :? OverflowException ->
                Error(struct ("range", $"a {given} is out of range; wanted {wanted}"))

    override _.As(kind, tensor) = Tensors.wrap<'T> kind tensor
    override _.Write(output, head) = Tensors.flatten<'T> output head

/// Tensors of truths, each a byte of 0 or 1.
[<Sealed>]
type internal BooleanBytes() =
    inherit TensorBytes()

    override _.Read(layout, bytes) =
        if layout.Element <> ElementType.Boolean then
            Error(struct ("type", $"wanted bool, given {Shape.elementName layout.Element}"))
        else
            let values = Order.native layout bytes |> Array.map (fun one -> one <> 0uy)
            Ok(Tensors.make values layout.Lengths :> obj)

    override _.As(kind, tensor) = Tensors.wrap<bool> kind tensor
    override _.Write(output, head) = Tensors.flatten<bool> output head

[<RequireQualifiedAccess>]
module internal TensorBytes =

    /// What reads and writes the tensors of an element.
    let ofElement (element: ElementType) : TensorBytes =
        match element with
        | ElementType.Boolean -> BooleanBytes()
        | ElementType.SByte -> NumberBytes<sbyte> element
        | ElementType.Byte -> NumberBytes<byte> element
        | ElementType.Int16 -> NumberBytes<int16> element
        | ElementType.UInt16 -> NumberBytes<uint16> element
        | ElementType.Int32 -> NumberBytes<int> element
        | ElementType.UInt32 -> NumberBytes<uint32> element
        | ElementType.Int64 -> NumberBytes<int64> element
        | ElementType.UInt64 -> NumberBytes<uint64> element
        | ElementType.Half -> NumberBytes<Half> element
        | ElementType.Single -> NumberBytes<float32> element
        | ElementType.Double -> NumberBytes<float> element
