namespace Bento

open System
open System.Buffers
open System.Numerics.Tensors
open System.Text.Json

/// A floating-point number in a tensor: also true and false, null, and the words that Python writes.
[<Sealed>]
type internal LooseNumberCodec<'T>(inner: Codec<'T>, ofFloat: float -> 'T) =
    inherit Codec<'T>(inner.Shape)

    override _.Read reader =
        match reader.TokenType with
        | JsonTokenType.Number -> inner.Read &reader
        | JsonTokenType.True -> ofFloat 1.
        | JsonTokenType.False -> ofFloat 0.
        | JsonTokenType.Null -> ofFloat nan
        | JsonTokenType.String ->
            let mutable number = 0.

            if BareNumbers.tryRead reader.ValueSpan &number then
                ofFloat number
            else
                Unfit.value ()
        | _ -> Unfit.value ()

    override _.Write(writer, number) = inner.Write(writer, number)

/// Numbers go from UTF-8 into the tensor's buffer, with no list between.
[<Sealed>]
type internal TensorCodec<'T>(element: ElementType, item: Codec<'T>, declared: int list option) =
    inherit
        Codec<Tensor<'T>>(
            Shape.Tensor {
                Element = element
                Dimensions = declared
            }
        )

    let wanted = declared |> Option.map Array.ofList |> Option.toObj

    /// Enough for all elements where every length is declared.
    let capacity =
        match wanted with
        | null -> 256
        | lengths when Array.forall (fun length -> length > 0) lengths ->
            int (min (1L <<< 20) (lengths |> Array.fold (fun size length -> size * int64 length) 1L))
        | _ -> 256

    /// The lengths as declared, where those that JSON shows fit; of a tensor of nothing JSON cannot show all.
    let complete (lengths: int[]) (rank: int) (count: int) : int[] =
        let shown = Array.sub lengths 0 rank

        match wanted with
        | null -> if rank = 0 then [| 1 |] else shown
        | wanted ->
            let shown =
                if count = 0 && rank < wanted.Length then
                    Array.append shown (wanted[rank..] |> Array.map (max 0))
                else
                    shown

            let fits length wanted = wanted < 0 || wanted = length

            if shown.Length <> wanted.Length || not (Array.forall2 fits shown wanted) then
                Unfit.value ()
            elif rank = 0 then
                [| 1 |]
            else
                shown

    let rec write (writer: Utf8JsonWriter) (values: 'T[]) (lengths: int[]) (depth: int) (start: int) (size: int) =
        writer.WriteStartArray()
        let length = lengths[depth]

        if depth = lengths.Length - 1 then
            for index in start .. start + length - 1 do
                item.Write(writer, values[index])
        elif length > 0 then
            let part = size / length

            for index in 0 .. length - 1 do
                write writer values lengths (depth + 1) (start + index * part) part

        writer.WriteEndArray()

    let readElements (reader: byref<Utf8JsonReader>) : Tensor<'T> =
        let lengths = Array.create Shape.mostDimensions -1
        let counts = Array.zeroCreate<int> Shape.mostDimensions
        let mutable buffer = ArrayPool<'T>.Shared.Rent capacity

        try
            let mutable count = 0
            let mutable rank = -1
            let mutable depth = 0
            let mutable reading = true

            while reading do
                match reader.TokenType with
                | JsonTokenType.StartArray ->
                    if depth = Shape.mostDimensions || depth = rank then
                        Unfit.value ()

                    if depth > 0 then
                        counts[depth - 1] <- counts[depth - 1] + 1

                    counts[depth] <- 0
                    depth <- depth + 1
                | JsonTokenType.EndArray ->
                    if rank < 0 then
                        rank <- depth

                    depth <- depth - 1

                    if lengths[depth] < 0 then
                        lengths[depth] <- counts[depth]
                    elif lengths[depth] <> counts[depth] then
                        Unfit.value ()
                | JsonTokenType.Null when depth = 0 -> Unfit.value ()
                | _ ->
                    if rank < 0 then
                        rank <- depth
                    elif rank <> depth then
                        Unfit.value ()

                    if depth > 0 then
                        counts[depth - 1] <- counts[depth - 1] + 1

                    if count = buffer.Length then
                        let larger = ArrayPool<'T>.Shared.Rent(count * 2)
                        Array.blit buffer 0 larger 0 count
                        ArrayPool<'T>.Shared.Return buffer
                        buffer <- larger

                    buffer[count] <- item.Read &reader
                    count <- count + 1

                if depth = 0 then
                    reading <- false
                else
                    reader.Read() |> ignore

            let lengths = complete lengths rank count
            let values = GC.AllocateUninitializedArray<'T> count
            Array.blit buffer 0 values 0 count
            Tensor.Create<'T>(values, ReadOnlySpan(lengths |> Array.map nativeint))
        finally
            ArrayPool<'T>.Shared.Return buffer

    /// A tensor that came as a part of its own, where the text at hand stands for one.
    let attached (reader: byref<Utf8JsonReader>) : Tensor<'T> voption =
        if reader.TokenType = JsonTokenType.String then
            match Attachments.CurrentTensor reader.ValueSpan with
            | Some(:? Tensor<'T> as tensor) -> ValueSome tensor
            | _ -> ValueNone
        else
            ValueNone

    override _.Read reader =
        match attached &reader with
        | ValueSome tensor -> tensor
        | ValueNone -> readElements &reader

    override this.Write(writer, tensor) =
        Elements.require tensor
        let size = int tensor.FlattenedLength
        let lengths = Array.init tensor.Rank (fun index -> int tensor.Lengths[index])
        let values = Array.zeroCreate<'T> size
        tensor.FlattenTo(Span values)

        match wanted with
        | [||] when size = 1 -> item.Write(writer, values[0])
        | NonNull wanted when
            wanted.Length <> lengths.Length
            || not (Array.forall2 (fun wanted length -> wanted < 0 || wanted = length) wanted lengths)
            ->
            let shown = String.Join(" x ", lengths)
            invalidOp $"A tensor of {shown} was given where {Shape.describe this.Shape} is declared."
        | _ -> write writer values lengths 0 0 size

/// Which types a tensor may hold.
[<RequireQualifiedAccess>]
module internal TensorCodecs =

    let private make (element: ElementType) (item: Codec<'T>) : int list option -> Codec =
        fun declared -> TensorCodec<'T>(element, item, declared)

    let private integer element minimum maximum narrow widen =
        make element (IntegerCodec(minimum, maximum, narrow, widen))

    let private all = [
        typeof<bool>, make ElementType.Boolean (BooleanCodec())
        typeof<sbyte>, integer ElementType.SByte (int64 SByte.MinValue) (int64 SByte.MaxValue) sbyte int64
        typeof<byte>, integer ElementType.Byte (int64 Byte.MinValue) (int64 Byte.MaxValue) byte int64
        typeof<int16>, integer ElementType.Int16 (int64 Int16.MinValue) (int64 Int16.MaxValue) int16 int64
        typeof<uint16>, integer ElementType.UInt16 (int64 UInt16.MinValue) (int64 UInt16.MaxValue) uint16 int64
        typeof<int>, integer ElementType.Int32 (int64 Int32.MinValue) (int64 Int32.MaxValue) int int64
        typeof<uint32>, integer ElementType.UInt32 (int64 UInt32.MinValue) (int64 UInt32.MaxValue) uint32 int64
        typeof<int64>, integer ElementType.Int64 Int64.MinValue Int64.MaxValue id id
        typeof<uint64>, make ElementType.UInt64 (UInt64Codec())
        typeof<Half>,
        make ElementType.Half (LooseNumberCodec(HalfCodec(), fun number -> Half.op_Explicit (number: float)))
        typeof<float32>, make ElementType.Single (LooseNumberCodec(SingleCodec(), float32))
        typeof<float>, make ElementType.Double (LooseNumberCodec(DoubleCodec(), id))
    ]

    /// The codec of a tensor of elements of that type, where there is one.
    let ofElement (kind: Type) (declared: int list option) : Codec option =
        all
        |> List.tryFind (fun (element, _) -> element = kind)
        |> Option.map (fun (_, make) -> make declared)
