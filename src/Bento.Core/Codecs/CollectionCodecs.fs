namespace Bento

open System
open System.Collections.Generic
open System.Text.Json
open Microsoft.FSharp.Reflection

/// An option of one kind or another: null in JSON, and no field at all in an object, where it is absent.
[<AbstractClass>]
type internal AbsentCodec<'Outer, 'Inner>(inner: Codec<'Inner>) =
    inherit Codec<'Outer>(Shape.Optional inner.Shape)

    abstract Some: 'Inner -> 'Outer
    abstract Value: 'Outer -> 'Inner

    override this.Read reader =
        if reader.TokenType = JsonTokenType.Null then
            Unchecked.defaultof<'Outer>
        else
            this.Some(inner.Read &reader)

    override this.Write(writer, value) =
        if this.IsAbsent value then
            writer.WriteNullValue()
        else
            inner.Write(writer, this.Value value)

[<Sealed>]
type internal OptionCodec<'T>(inner: Codec<'T>) =
    inherit AbsentCodec<'T option, 'T>(inner)
    override _.Some value = Some value
    override _.Value option = option.Value
    override _.IsAbsent option = option.IsNone

[<Sealed>]
type internal ValueOptionCodec<'T>(inner: Codec<'T>) =
    inherit AbsentCodec<'T voption, 'T>(inner)
    override _.Some value = ValueSome value
    override _.Value option = option.Value
    override _.IsAbsent option = option.IsNone

[<Sealed>]
type internal NullableCodec<'T when 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>(inner: Codec<'T>) =
    inherit AbsentCodec<Nullable<'T>, 'T>(inner)
    override _.Some value = Nullable value
    override _.Value nullable = nullable.Value
    override _.IsAbsent nullable = not nullable.HasValue

/// A reference that may be null.
[<Sealed>]
type internal ReferenceCodec<'T>(inner: Codec<'T>) =
    inherit AbsentCodec<'T, 'T>(inner)
    override _.Some value = value
    override _.Value value = value
    override _.IsAbsent value = isNull (box value)

/// A floating-point number in a list: null reads as one that is no number, as it is written.
[<Sealed>]
type internal NaNCodec<'T>(inner: Codec<'T>, nan: 'T) =
    inherit Codec<'T>(inner.Shape)

    override _.Read reader =
        if reader.TokenType = JsonTokenType.Null then
            nan
        else
            inner.Read &reader

    override _.Write(writer, number) = inner.Write(writer, number)

/// What lists and objects have in common.
module internal Elements =

    /// What a handler gives where its type has no null.
    let require (items: 'Items) =
        if isNull (box items) then
            invalidOp $"A {typeof<'Items>.Name} is null, and its type is no option."

    let read (item: Codec<'T>) (reader: byref<Utf8JsonReader>) : ResizeArray<'T> =
        if reader.TokenType <> JsonTokenType.StartArray then
            Unfit.value ()

        let items = ResizeArray()
        reader.Read() |> ignore

        while reader.TokenType <> JsonTokenType.EndArray do
            items.Add(item.Read &reader)
            reader.Read() |> ignore

        items

[<Sealed>]
type internal ArrayCodec<'T>(item: Codec<'T>) =
    inherit Codec<'T[]>(Shape.Sequence item.Shape)

    override _.Read reader = (Elements.read item &reader).ToArray()

    override _.Write(writer, items) =
        Elements.require items
        writer.WriteStartArray()

        for value in items do
            item.Write(writer, value)

        writer.WriteEndArray()

/// Any other collection that is made of what is in it.
[<Sealed>]
type internal SequenceCodec<'Items, 'T when 'Items :> seq<'T>>
    (item: Codec<'T>, shape: Shape, make: ResizeArray<'T> -> 'Items) =
    inherit Codec<'Items>(shape)

    override _.Read reader = make (Elements.read item &reader)

    override _.Write(writer, items) =
        Elements.require items
        writer.WriteStartArray()

        for value in items do
            item.Write(writer, value)

        writer.WriteEndArray()

/// The keys of a map, which are text on the wire.
[<NoComparison; NoEquality>]
type internal KeyCodec<'Key> = {
    Shape: Shape
    Parse: string -> 'Key voption
    Print: 'Key -> string
}

[<Sealed>]
type internal MapCodec<'Map, 'Key, 'Value
    when 'Key: equality and 'Key: not null and 'Map :> seq<KeyValuePair<'Key, 'Value>>>
    (key: KeyCodec<'Key>, value: Codec<'Value>, make: Dictionary<'Key, 'Value> -> 'Map) =
    inherit Codec<'Map>(Shape.Map(key.Shape, value.Shape))

    override _.Read reader =
        if reader.TokenType <> JsonTokenType.StartObject then
            Unfit.value ()

        let entries = Dictionary<'Key, 'Value>(SeededComparer.forType<'Key>())
        reader.Read() |> ignore

        while reader.TokenType <> JsonTokenType.EndObject do
            match key.Parse(nonNull (reader.GetString())) with
            | ValueNone -> Unfit.value ()
            | ValueSome name ->
                reader.Read() |> ignore

                if not (entries.TryAdd(name, value.Read &reader)) then
                    Unfit.value ()

                reader.Read() |> ignore

        make entries

    override _.Write(writer, entries) =
        Elements.require entries
        writer.WriteStartObject()

        for entry in entries do
            writer.WritePropertyName(key.Print entry.Key)
            value.Write(writer, entry.Value)

        writer.WriteEndObject()

/// A list in which each place has a type of its own.
[<Sealed>]
type internal TupleCodec<'Tuple>(parts: Codec[]) =
    inherit Codec<'Tuple>(Shape.Tuple(parts |> Array.map _.Shape |> List.ofArray))

    let make = FSharpValue.PreComputeTupleConstructor typeof<'Tuple>
    let take = FSharpValue.PreComputeTupleReader typeof<'Tuple>

    override _.Read reader =
        if reader.TokenType <> JsonTokenType.StartArray then
            Unfit.value ()

        let values: objnull[] = Array.zeroCreate parts.Length

        for index in 0 .. parts.Length - 1 do
            reader.Read() |> ignore
            values[index] <- parts[index].ReadObject &reader

        reader.Read() |> ignore

        if reader.TokenType <> JsonTokenType.EndArray then
            Unfit.value ()

        unbox<'Tuple>(make values)

    override _.Write(writer, tuple) =
        Elements.require tuple
        writer.WriteStartArray()

        take (nonNull (box tuple))
        |> Array.iteri (fun index value -> parts[index].WriteObject(writer, value))

        writer.WriteEndArray()

/// Lists of one length inside each other, as an array of two dimensions.
[<Sealed>]
type internal Grid2Codec<'T>(item: Codec<'T>) =
    inherit Codec<'T[,]>(Shape.Grid(2, item.Shape))

    let row = ArrayCodec item

    override _.Read reader =
        let rows = Elements.read row &reader
        let width = if rows.Count = 0 then 0 else rows[0].Length

        if rows.Exists(fun row -> row.Length <> width) then
            Unfit.value ()

        Array2D.init rows.Count width (fun row column -> rows[row][column])

    override _.Write(writer, grid) =
        Elements.require grid
        writer.WriteStartArray()

        for row in 0 .. grid.GetLength 0 - 1 do
            writer.WriteStartArray()

            for column in 0 .. grid.GetLength 1 - 1 do
                item.Write(writer, grid[row, column])

            writer.WriteEndArray()

        writer.WriteEndArray()

/// The same of three dimensions.
[<Sealed>]
type internal Grid3Codec<'T>(item: Codec<'T>) =
    inherit Codec<'T[,,]>(Shape.Grid(3, item.Shape))

    let plane = Grid2Codec item

    override _.Read reader =
        let planes = Elements.read plane &reader
        let height = if planes.Count = 0 then 0 else planes[0].GetLength 0
        let width = if planes.Count = 0 then 0 else planes[0].GetLength 1

        if planes.Exists(fun plane -> plane.GetLength 0 <> height || plane.GetLength 1 <> width) then
            Unfit.value ()

        Array3D.init planes.Count height width (fun index row column -> planes[index][row, column])

    override _.Write(writer, grid) =
        Elements.require grid
        writer.WriteStartArray()

        for index in 0 .. grid.GetLength 0 - 1 do
            plane.Write(
                writer,
                Array2D.init (grid.GetLength 1) (grid.GetLength 2) (fun row column -> grid[index, row, column])
            )

        writer.WriteEndArray()
