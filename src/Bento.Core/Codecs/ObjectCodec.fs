namespace Bento

open System
open System.Reflection
open System.Text
open System.Text.Json

/// Reads one member of an object that is at hand, without boxing it.
type internal StructGetter<'Owner, 'T> = delegate of byref<'Owner> -> 'T

/// One field as it is written.
[<AbstractClass>]
type internal FieldWriter<'Owner>() =
    abstract Write: writer: Utf8JsonWriter * owner: 'Owner -> unit

[<Sealed>]
type internal FieldWriter<'Owner, 'T>(name: string, codec: Codec<'T>, leavesOut: bool, getter: MethodInfo) =
    inherit FieldWriter<'Owner>()

    let name = JsonEncodedText.Encode(name, JsonBuffer.Encoder)

    let get: 'Owner -> 'T =
        if typeof<'Owner>.IsValueType then
            let get = getter.CreateDelegate<StructGetter<'Owner, 'T>>()

            fun owner ->
                let mutable owner = owner
                get.Invoke &owner
        else
            let get = getter.CreateDelegate<Func<'Owner, 'T>>()
            get.Invoke

    override _.Write(writer, owner) =
        let value = get owner

        if not (leavesOut && codec.IsAbsent value) then
            writer.WritePropertyName name
            codec.Write(writer, value)

/// A field as it is read: its codec, and what stands for it where it is absent.
[<NoComparison; NoEquality>]
type internal FieldReader = {
    Codec: FieldCodec
    Name: byte[]
    Alias: byte[] | null
    /// Made anew each time, as a handler may change what it is given; raises where the field is required.
    Absent: unit -> objnull
    /// Sets a field that the constructor does not take.
    Set: MethodInvoker | null
}

[<RequireQualifiedAccess>]
module internal FieldReader =

    /// What nobody gave. Not null, which is a value.
    let absent = obj ()

    let make (codec: FieldCodec) (set: MethodInvoker | null) : FieldReader =
        let shape = codec.Shape

        let whenAbsent: unit -> objnull =
            match shape.Default with
            | Some json ->
                let json = ReadOnlyMemory(Encoding.UTF8.GetBytes json)

                fun () ->
                    match codec.Codec.DecodeObject json with
                    | Ok value -> value
                    | Error _ -> Unfit.value ()
            | None when shape.Required -> fun () -> Unfit.value ()
            | None when shape.Shape.IsOptional && isNull set ->
                let none =
                    if codec.Codec.Type.IsValueType then
                        Activator.CreateInstance codec.Codec.Type
                    else
                        null

                fun () -> none
            | None -> fun () -> absent

        {
            Codec = codec
            Name = Encoding.UTF8.GetBytes shape.Name
            Alias =
                match shape.Alias with
                | Some alias -> Encoding.UTF8.GetBytes alias
                | None -> null
            Absent = whenAbsent
            Set = set
        }

/// The fields of an object in any order, each at most once.
[<RequireQualifiedAccess>]
module internal FieldsOf =

    let private isNamed (field: FieldReader) (reader: byref<Utf8JsonReader>) =
        reader.ValueTextEquals(ReadOnlySpan field.Name)
        || (match field.Alias with
            | null -> false
            | alias -> reader.ValueTextEquals(ReadOnlySpan alias))

    /// Where the field of that name is, looked for first where the one before it would make it be.
    let private find (fields: FieldReader[]) (next: int) (reader: byref<Utf8JsonReader>) =
        if next < fields.Length && isNamed fields[next] &reader then
            next
        else
            let mutable index = 0

            while index < fields.Length && not (isNamed fields[index] &reader) do
                index <- index + 1

            index

    /// The values of the fields, with what stands for those that are absent. `other` is a name that is passed over.
    let read (fields: FieldReader[]) (closed: bool) (other: byte[] | null) (reader: byref<Utf8JsonReader>) : objnull[] =
        if reader.TokenType <> JsonTokenType.StartObject then
            Unfit.value ()

        let values: objnull[] = Array.zeroCreate fields.Length
        Array.Fill(values, FieldReader.absent)
        let mutable next = 0
        reader.Read() |> ignore

        while reader.TokenType <> JsonTokenType.EndObject do
            let index = find fields next &reader

            if index < fields.Length then
                if not (Object.ReferenceEquals(values[index], FieldReader.absent)) then
                    Unfit.value ()

                reader.Read() |> ignore
                values[index] <- fields[index].Codec.Codec.ReadObject &reader
                next <- index + 1
            else
                let passes =
                    match other with
                    | null -> not closed
                    | other -> not closed || reader.ValueTextEquals(ReadOnlySpan other)

                if not passes then
                    Unfit.value ()

                reader.Skip()

            reader.Read() |> ignore

        for index in 0 .. fields.Length - 1 do
            if Object.ReferenceEquals(values[index], FieldReader.absent) then
                values[index] <- fields[index].Absent()

        values

    /// The values from those that somebody else has read, or the fields that are missing.
    let complete (fields: FieldReader[]) (given: FieldValue[]) : Result<objnull[], Fault list> =
        let values =
            Array.map2
                (fun field value ->
                    match value with
                    | FieldValue.Given value -> Ok value
                    | FieldValue.Absent when field.Codec.Shape.Required ->
                        let location = [ Step.Name field.Codec.Shape.Name ]

                        Error {
                            Location = location
                            Kind = "missing"
                            Message =
                                $"{Fault.path location} is missing; wanted {Shape.describe field.Codec.Shape.Shape}"
                        }
                    | FieldValue.Absent -> Ok(field.Absent()))
                fields
                given

        let missing =
            values
            |> Array.choose (fun value ->
                match value with
                | Ok _ -> None
                | Error fault -> Some fault)

        if missing.Length > 0 then
            Error(List.ofArray missing)
        else
            values
            |> Array.map (fun value ->
                match value with
                | Ok value -> value
                | Error _ -> null)
            |> Ok

/// A record, or a class with one constructor, as an object with its fields.
[<Sealed>]
type internal ObjectCodec<'T>
    (shape: RecordShape, fields: FieldReader[], writers: obj[], construct: ConstructorInfo | null) =
    inherit Codec<'T>(Shape.Record shape)

    let writers = writers |> Array.map (fun writer -> writer :?> FieldWriter<'T>)

    let invoker =
        match construct with
        | null -> null
        | construct -> ConstructorInvoker.Create construct

    let parameters =
        match construct with
        | null -> 0
        | construct -> construct.GetParameters().Length

    let make (values: objnull[]) : objnull =
        let made: objnull =
            match invoker with
            | null -> box Unchecked.defaultof<'T>
            | invoker -> invoker.Invoke(Span(values, 0, parameters))

        for index in parameters .. values.Length - 1 do
            match fields[index].Set with
            | null -> ()
            | set ->
                if not (Object.ReferenceEquals(values[index], FieldReader.absent)) then
                    set.Invoke(made, values[index]) |> ignore

        made

    override _.Fields = fields |> Array.map _.Codec |> List.ofArray

    override _.OfFields given =
        FieldsOf.complete fields given |> Result.map make

    override _.Read reader =
        unbox<'T>(make (FieldsOf.read fields shape.Closed null &reader))

    override _.Write(writer, value) =
        Elements.require value
        writer.WriteStartObject()

        for field in writers do
            field.Write(writer, value)

        writer.WriteEndObject()

/// A codec that asks for more than its type, around one that does not.
[<Interface>]
type internal Constrained =
    abstract Inner: Codec

/// The values of a method's parameters, in their order: the input of a method whose parameters are its fields.
[<Sealed; AllowNullLiteral(false)>]
type Arguments internal (values: objnull[]) =

    /// One for each parameter that travels.
    member _.Values = values

/// The parameters of a method as an object with its fields.
[<Sealed>]
type internal ArgumentsCodec(shape: RecordShape, fields: FieldReader[]) =
    inherit Codec<Arguments>(Shape.Record shape)

    /// Only callers write arguments, and what these may be is for the called to judge.
    let writers: Codec[] =
        fields
        |> Array.map (fun field ->
            match box field.Codec.Codec with
            | :? Constrained as constrained -> constrained.Inner
            | _ -> field.Codec.Codec)

    override _.Fields = fields |> Array.map _.Codec |> List.ofArray

    override _.OfFields given =
        FieldsOf.complete fields given
        |> Result.map (fun values -> box (Arguments values))

    override _.Read reader =
        Arguments(FieldsOf.read fields shape.Closed null &reader)

    override _.Write(writer, arguments) =
        writer.WriteStartObject()

        for index in 0 .. fields.Length - 1 do
            let field = fields[index].Codec
            let value = arguments.Values[index]

            if not (field.Shape.Default.IsNone && field.Codec.LeavesOut value) then
                writer.WritePropertyName field.Shape.Name
                writers[index].WriteObject(writer, value)

        writer.WriteEndObject()

/// One case of a union: its fields, and how a value is made of them and taken apart.
[<NoComparison; NoEquality>]
type internal UnionCase = {
    Shape: CaseShape
    Fields: FieldReader[]
    Make: objnull[] -> objnull
    Take: objnull -> objnull[]
}

/// A union with fields: an object whose field `type` says which case it is.
[<Sealed>]
type internal UnionCodec<'T>(shape: UnionShape, cases: UnionCase[], tagOf: objnull -> int) =
    inherit Codec<'T>(Shape.Union shape)

    static let tag = "type"B
    let tagText = JsonEncodedText.Encode "type"
    let names = cases |> Array.map (fun case -> Encoding.UTF8.GetBytes case.Shape.Name)

    let texts =
        cases
        |> Array.map (fun case -> JsonEncodedText.Encode(case.Shape.Name, JsonBuffer.Encoder))

    /// The case that the object's `type` names. The reader is a copy: the fields may stand before it.
    let caseOf (reader: byref<Utf8JsonReader>) : int =
        if reader.TokenType <> JsonTokenType.StartObject then
            Unfit.value ()

        let mutable found = -1
        reader.Read() |> ignore

        while reader.TokenType <> JsonTokenType.EndObject do
            let isTag = reader.ValueTextEquals(ReadOnlySpan tag)
            reader.Read() |> ignore

            if isTag then
                if found >= 0 || reader.TokenType <> JsonTokenType.String then
                    Unfit.value ()

                let mutable index = 0

                while index < names.Length && not (reader.ValueTextEquals(ReadOnlySpan names[index])) do
                    index <- index + 1

                if index = names.Length then
                    Unfit.value ()

                found <- index

            reader.Skip()
            reader.Read() |> ignore

        if found < 0 then Unfit.value () else found

    override _.Read reader =
        let mutable ahead = reader
        let case = cases[caseOf &ahead]
        unbox<'T>(case.Make(FieldsOf.read case.Fields shape.Closed tag &reader))

    override _.Write(writer, value) =
        let index = tagOf (box value)
        let case = cases[index]
        let values = case.Take(box value)
        writer.WriteStartObject()
        writer.WriteString(tagText, texts[index])

        for index in 0 .. values.Length - 1 do
            let field = case.Fields[index].Codec

            if not (field.Codec.LeavesOut values[index]) then
                writer.WritePropertyName field.Shape.Name
                field.Codec.WriteObject(writer, values[index])

        writer.WriteEndObject()

/// A value that must keep what its field asks for beyond its type, in both directions.
[<Sealed>]
type internal ConstrainedCodec<'T>(inner: Codec<'T>, check: 'T -> bool, wanted: string) =
    inherit Codec<'T>(inner.Shape)

    interface Constrained with
        member _.Inner = inner

    override _.Fields = inner.Fields
    override _.OfFields values = inner.OfFields values
    override _.IsAbsent value = inner.IsAbsent value

    override _.Read reader =
        let value = inner.Read &reader
        if check value then value else Unfit.value ()

    override _.Write(writer, value) =
        if check value then
            inner.Write(writer, value)
        else
            invalidOp $"A value breaks what its field asks for: {wanted}."
