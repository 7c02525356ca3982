namespace Bento

open System
open System.Collections
open System.Collections.Generic
open System.Collections.Concurrent
open System.Reflection
open System.Runtime.CompilerServices
open Microsoft.FSharp.Reflection

/// The hash of values of a type that is known only when it runs.
[<AbstractClass>]
type internal SeededHash() =
    abstract OfObject: value: obj -> int

/// Equal as ever, with a hash that no caller can foresee: .NET's own of a number or a GUID is the same in every process, so
/// that keys chosen to collide would make a small body take minutes.
[<Sealed>]
type internal SeededComparer<'T>(hash: 'T -> int) =
    inherit SeededHash()

    override _.OfObject value = hash (unbox<'T> value)

    interface IEqualityComparer<'T> with
        member _.Equals(left, right) =
            EqualityComparer<'T>.Default.Equals(left, right)

        member _.GetHashCode value = hash value

[<RequireQualifiedAccess>]
module internal SeededComparer =

    // HashCode has a seed of its own in each process.
    let private ofLong (value: int64) =
        HashCode.Combine(int value, int (value >>> 32))

    let private ofFloat (value: float) =
        ofLong (
            if value = 0. then
                0L
            else
                BitConverter.DoubleToInt64Bits value
        )

    /// Equal decimals may differ in how many zeros they end with; a division by one leaves none.
    let private ofDecimal (value: decimal) =
        if value = 0m then
            0
        else
            let parts = Decimal.GetBits(value / 1.0000000000000000000000000000m)
            HashCode.Combine(parts[0], parts[1], parts[2], parts[3])

    let private ofGuid (value: Guid) =
        let mutable value = value
        let bytes = ReadOnlySpan(&value)
        let mutable code = HashCode()
        code.AddBytes(Runtime.InteropServices.MemoryMarshal.AsBytes bytes)
        code.ToHashCode()

    let private entry (hash: 'T -> int) : KeyValuePair<Type, SeededHash> =
        KeyValuePair(typeof<'T>, SeededComparer<'T> hash)

    let private byType =
        Dictionary<Type, SeededHash>(
            [
                entry (fun (value: sbyte) -> ofLong (int64 value))
                entry (fun (value: byte) -> ofLong (int64 value))
                entry (fun (value: int16) -> ofLong (int64 value))
                entry (fun (value: uint16) -> ofLong (int64 value))
                entry (fun (value: int) -> ofLong (int64 value))
                entry (fun (value: uint32) -> ofLong (int64 value))
                entry (fun (value: int64) -> ofLong value)
                entry (fun (value: uint64) -> ofLong (int64 value))
                entry (fun (value: float32) -> ofFloat (float value))
                entry ofFloat
                entry ofDecimal
                entry ofGuid
                entry (fun (value: DateTime) -> ofLong value.Ticks)
                entry (fun (value: DateTimeOffset) -> ofLong value.UtcTicks)
                entry (fun (value: DateOnly) -> ofLong (int64 value.DayNumber))
                entry (fun (value: TimeOnly) -> ofLong value.Ticks)
                entry (fun (value: TimeSpan) -> ofLong value.Ticks)
            ]
        )

    // -- what is made of others ----------------------------------------------------------------------

    /// Whether the compiler made its equality, by which all parts count.
    let private isStructural (kind: Type) =
        [
            typeof<CustomEqualityAttribute>
            typeof<ReferenceEqualityAttribute>
            typeof<NoEqualityAttribute>
        ]
        |> List.forall (fun mark -> not (kind.IsDefined(mark, true)))

    let private definitionOf (kind: Type) =
        if kind.IsGenericType then
            kind.GetGenericTypeDefinition()
        else
            kind

    /// A list, a set, a map or an array, which are compared item by item within F#'s own types.
    let private isItems (kind: Type) =
        let definition = definitionOf kind

        kind.IsArray
        || definition = typedefof<list<int>>
        || definition = typedefof<Set<int>>
        || definition = typedefof<Map<int, int>>
        || definition = typedefof<KeyValuePair<int, int>>

    /// A struct without an equality of its own, or a record of C#'s with the one that its compiler makes.
    let private isPlain (kind: Type) =
        let equals =
            kind.GetMethods() |> Array.filter (fun method -> method.Name = "Equals")

        let madeByCompiler (method: MethodInfo) =
            let parameters = method.GetParameters()

            parameters[0].ParameterType = kind
            && method.IsDefined(typeof<CompilerGeneratedAttribute>, false)

        equals |> Array.exists madeByCompiler
        || kind.IsValueType
           && not (kind.IsPrimitive || kind.IsEnum)
           && equals |> Array.forall (fun method -> method.DeclaringType = typeof<ValueType>)

    let rec private fieldsOf (kind: Type) : FieldInfo[] =
        let own =
            kind.GetFields(
                BindingFlags.Instance
                ||| BindingFlags.Public
                ||| BindingFlags.NonPublic
                ||| BindingFlags.DeclaredOnly
            )

        match kind.BaseType with
        | null -> own
        | above -> Array.append (fieldsOf above) own

    let private partsOf (kind: Type) : (obj -> objnull[]) option =
        if FSharpType.IsTuple kind then
            Some(FSharpValue.PreComputeTupleReader kind)
        elif definitionOf kind = typedefof<KeyValuePair<int, int>> then
            let properties = [| kind.GetProperty "Key"; kind.GetProperty "Value" |]
            Some(fun pair -> properties |> Array.map (fun property -> (nonNull property).GetValue pair))
        elif isItems kind then
            Some(fun items -> [| for item in (items :?> IEnumerable) -> item |])
        elif FSharpType.IsRecord kind && isStructural kind then
            Some(FSharpValue.PreComputeRecordReader kind)
        elif FSharpType.IsUnion kind && isStructural kind then
            Some(fun union ->
                let case, fields = FSharpValue.GetUnionFields(union, kind)
                Array.append [| box case.Tag |] fields)
        elif not (FSharpType.IsRecord kind || FSharpType.IsUnion kind) && isPlain kind then
            let fields = fieldsOf kind
            Some(fun value -> fields |> Array.map _.GetValue(value))
        else
            None

    let private readers = ConcurrentDictionary<Type, (obj -> objnull[]) option>()

    let rec private hash (value: objnull) : int =
        match value with
        | null -> 0
        | value ->
            let kind = value.GetType()

            match byType.TryGetValue kind with
            | true, seeded -> seeded.OfObject value
            | _ ->
                match readers.GetOrAdd(kind, partsOf) with
                | Some parts ->
                    let mutable code = HashCode()

                    for part in parts value do
                        code.Add(hash part)

                    code.ToHashCode()
                | None ->
                    match value with
                    | :? IStructuralEquatable as structural -> structural.GetHashCode(ofParts ())
                    | _ -> value.GetHashCode()

    /// For what hashes its own parts.
    and private ofParts () : IEqualityComparer = {
        new IEqualityComparer with
            member _.Equals(left, right) = Object.Equals(left, right)
            member _.GetHashCode value = hash value
    }

    /// Arrays in a set are equal where they are one, and so are not of those that have parts here.
    let private isComposite (kind: Type) =
        not kind.IsArray && (partsOf kind).IsSome

    /// For keys of any type, which are equal where F#'s `=` says so: arrays too, by their items. A key with NaN in it is
    /// equal to none but itself, by which it is found again.
    let structural<'T when 'T: equality> () : IEqualityComparer<'T> =
        let equal = HashIdentity.Structural<'T>

        {
            new IEqualityComparer<'T> with
                member _.Equals(left, right) =
                    obj.ReferenceEquals(left, right) || equal.Equals(left, right)

                member _.GetHashCode value = hash (box value)
        }

    /// For the keys of a map and what is in a set; a text's own hash has a seed already.
    let forType<'T> () : IEqualityComparer<'T> =
        match byType.TryGetValue typeof<'T> with
        | true, comparer -> unbox<IEqualityComparer<'T>>(box comparer)
        | _ when isComposite typeof<'T> -> SeededComparer<'T>(fun value -> hash (box value))
        | _ -> EqualityComparer<'T>.Default
