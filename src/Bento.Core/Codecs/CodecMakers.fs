namespace Bento

open System
open System.Collections.Generic
open System.Globalization
open System.Reflection
open Microsoft.FSharp.Reflection

/// Codecs at types that are known only when a service is described. Each member is called by its name.
[<AbstractClass; Sealed>]
type internal CodecMakers =

    static member Option<'T>(inner: Codec) : Codec = OptionCodec(inner :?> Codec<'T>)
    static member ValueOption<'T>(inner: Codec) : Codec = ValueOptionCodec(inner :?> Codec<'T>)

    static member Nullable<'T when 'T: struct and 'T :> ValueType and 'T: (new: unit -> 'T)>(inner: Codec) : Codec =
        NullableCodec(inner :?> Codec<'T>)

    static member Reference<'T>(inner: Codec) : Codec = ReferenceCodec(inner :?> Codec<'T>)

    // -- collections ---------------------------------------------------------------------------------

    static member Array<'T>(item: Codec) : Codec = ArrayCodec(item :?> Codec<'T>)

    static member List<'T>(item: Codec) : Codec =
        SequenceCodec<'T list, 'T>(item :?> Codec<'T>, Shape.Sequence item.Shape, List.ofSeq)

    /// A `List<'T>`, and every interface that it has.
    static member Sequence<'Items, 'T when 'Items :> seq<'T>>(item: Codec) : Codec =
        SequenceCodec<'Items, 'T>(item :?> Codec<'T>, Shape.Sequence item.Shape, fun items -> unbox<'Items>(box items))

    static member Set<'T when 'T: comparison>(item: Codec) : Codec =
        SequenceCodec<Set<'T>, 'T>(item :?> Codec<'T>, Shape.Set item.Shape, Set.ofSeq)

    /// A `HashSet<'T>`, and every interface that it has.
    static member HashSet<'Items, 'T when 'Items :> seq<'T>>(item: Codec) : Codec =
        SequenceCodec<'Items, 'T>(
            item :?> Codec<'T>,
            Shape.Set item.Shape,
            fun items -> unbox<'Items>(box (HashSet<'T>(items, SeededComparer.forType<'T>())))
        )

    static member Grid2<'T>(item: Codec) : Codec = Grid2Codec(item :?> Codec<'T>)
    static member Grid3<'T>(item: Codec) : Codec = Grid3Codec(item :?> Codec<'T>)
    static member Tuple<'Tuple>(parts: Codec[]) : Codec = TupleCodec<'Tuple> parts

    static member private Key<'Key>(scalar: Codec) : KeyCodec<'Key> =
        let unboxed (parsed: 'Parsed voption) =
            parsed
            |> ValueOption.map (fun value -> Convert.ChangeType(value, typeof<'Key>, CultureInfo.InvariantCulture))
            |> ValueOption.map (fun value -> unbox<'Key>(nonNull value))

        let parse: string -> 'Key voption =
            match scalar.Shape with
            | Shape.Integer(minimum, maximum) -> fun text -> TextOf.wholeNumber minimum maximum text |> unboxed
            | Shape.Text TextFormat.Guid ->
                fun text -> TextOf.guid text |> ValueOption.map (fun guid -> unbox<'Key>(box guid))
            | Shape.Choice names ->
                fun text ->
                    if List.contains text names then
                        ValueSome(unbox<'Key>(Enum.Parse(typeof<'Key>, text)))
                    else
                        ValueNone
            | _ -> fun text -> ValueSome(unbox<'Key>(box text))

        {
            Shape = scalar.Shape
            Parse = parse
            Print = fun key -> nonNull (Convert.ToString(box key, CultureInfo.InvariantCulture))
        }

    static member Map<'Key, 'Value when 'Key: comparison and 'Key: not null>(key: Codec, value: Codec) : Codec =
        MapCodec<Map<'Key, 'Value>, 'Key, 'Value>(
            CodecMakers.Key<'Key> key,
            value :?> Codec<'Value>,
            fun entries -> entries |> Seq.map (|KeyValue|) |> Map.ofSeq
        )

    /// A `Dictionary<'Key, 'Value>`, and every interface that it has.
    static member Dictionary<'Map, 'Key, 'Value
        when 'Key: equality and 'Key: not null and 'Map :> seq<KeyValuePair<'Key, 'Value>>>
        (key: Codec, value: Codec)
        : Codec =
        MapCodec<'Map, 'Key, 'Value>(
            CodecMakers.Key<'Key> key,
            value :?> Codec<'Value>,
            fun entries -> unbox<'Map>(box entries)
        )

    // -- choices and objects -------------------------------------------------------------------------

    static member Enum<'T when 'T: equality>() : Codec =
        let names = Enum.GetNames typeof<'T>

        let values =
            names |> Array.map (fun name -> unbox<'T>(Enum.Parse(typeof<'T>, name)))

        ChoiceCodec<'T>(names, values, fun value -> Array.IndexOf(values, value))

    static member Choice<'T>(cases: UnionCaseInfo[]) : Codec =
        let values =
            cases
            |> Array.map (fun case -> unbox<'T>(nonNull (FSharpValue.MakeUnion(case, [||]))))

        let tagOf = FSharpValue.PreComputeUnionTagReader typeof<'T>
        ChoiceCodec<'T>(cases |> Array.map _.Name, values, fun value -> tagOf (box value))

    static member Union<'T>(shape: UnionShape, cases: UnionCase[]) : Codec =
        UnionCodec<'T>(shape, cases, FSharpValue.PreComputeUnionTagReader typeof<'T>)

    static member Object<'T>
        (shape: RecordShape, fields: FieldReader[], writers: obj[], construct: ConstructorInfo | null)
        : Codec =
        ObjectCodec<'T>(shape, fields, writers, construct)

    static member Writer<'Owner, 'T>(name: string, codec: Codec, leavesOut: bool, getter: MethodInfo) : obj =
        FieldWriter<'Owner, 'T>(name, codec :?> Codec<'T>, leavesOut, getter)

    static member Constrained<'T>(inner: Codec, constraints: Constraint list) : Codec =
        let check (value: 'T) =
            constraints
            |> List.forall (fun one -> FieldRules.keeps inner.Shape one (box value))

        let wanted = constraints |> List.map FieldRules.describe |> String.concat ", "
        ConstrainedCodec<'T>(inner :?> Codec<'T>, check, wanted)

    /// Calls the member of that name at those types.
    static member At (name: string) (types: Type list) (arguments: objnull list) : obj =
        let flags = BindingFlags.Static ||| BindingFlags.Public ||| BindingFlags.NonPublic
        let maker = nonNull (typeof<CodecMakers>.GetMethod(name, flags))
        nonNull ((maker.MakeGenericMethod(Array.ofList types)).Invoke(null, Array.ofList arguments))

    static member CodecAt (name: string) (types: Type list) (arguments: objnull list) : Codec =
        CodecMakers.At name types arguments :?> Codec
