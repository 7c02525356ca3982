namespace Bento

open System
open System.Collections.Generic
open System.Numerics.Tensors
open System.Reflection
open System.Text.Json
open Microsoft.FSharp.Reflection

/// How the fields of a service's types are named on the wire. The other way is read too, where it names one field only.
type Naming =
    /// As in topK.
    | Camel
    /// As in top_k.
    | Snake

/// What kind of type a type is, as far as the wire goes.
[<RequireQualifiedAccess>]
module internal TypeKinds =

    // -- kinds of types ------------------------------------------------------------------------------

    let private (|Generic|_|) (kind: Type) =
        if kind.IsGenericType then
            Some(kind.GetGenericTypeDefinition(), List.ofArray (kind.GetGenericArguments()))
        else
            None

    let private optionals =
        dict [
            typedefof<int option>, "Option"
            typedefof<int voption>, "ValueOption"
            typedefof<Nullable<int>>, "Nullable"
        ]

    let (|OptionalOf|_|) kind =
        match kind with
        | Generic(definition, [ inner ]) when optionals.ContainsKey definition -> Some(optionals[definition], inner)
        | _ -> None

    let private sequences =
        HashSet [
            typedefof<IEnumerable<int>>
            typedefof<IReadOnlyCollection<int>>
            typedefof<IReadOnlyList<int>>
            typedefof<ICollection<int>>
            typedefof<IList<int>>
            typedefof<List<int>>
        ]

    let private sets =
        HashSet [ typedefof<HashSet<int>>; typedefof<ISet<int>>; typedefof<IReadOnlySet<int>> ]

    let private dictionaries =
        HashSet [
            typedefof<Dictionary<int, int>>
            typedefof<IDictionary<int, int>>
            typedefof<IReadOnlyDictionary<int, int>>
        ]

    /// The maker of a collection, its types, and what it holds.
    let (|CollectionOf|_|) (kind: Type) =
        match kind with
        | Generic(definition, [ item ]) when definition = typedefof<int list> -> Some("List", [ item ], item)
        | Generic(definition, [ item ]) when definition = typedefof<Set<int>> -> Some("Set", [ item ], item)
        | Generic(definition, [ item ]) when sequences.Contains definition -> Some("Sequence", [ kind; item ], item)
        | Generic(definition, [ item ]) when sets.Contains definition -> Some("HashSet", [ kind; item ], item)
        | _ ->
            match kind.GetElementType() with
            | NonNull item when kind.IsSZArray -> Some("Array", [ item ], item)
            | NonNull item when kind.IsArray && kind.GetArrayRank() = 2 -> Some("Grid2", [ item ], item)
            | NonNull item when kind.IsArray && kind.GetArrayRank() = 3 -> Some("Grid3", [ item ], item)
            | _ -> None

    let (|MapOf|_|) kind =
        match kind with
        | Generic(definition, [ key; value ]) when definition = typedefof<Map<int, int>> ->
            Some("Map", [ key; value ], key, value)
        | Generic(definition, [ key; value ]) when dictionaries.Contains definition ->
            Some("Dictionary", [ kind; key; value ], key, value)
        | _ -> None

    let (|TensorOf|_|) kind =
        match kind with
        | Generic(definition, [ element ]) when definition = typedefof<Tensor<int>> -> Some element
        | _ -> None

    let hidden = BindingFlags.Public ||| BindingFlags.NonPublic

    let isOfFramework (kind: Type) =
        match kind.Namespace with
        | null -> false
        | name ->
            name = "System"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.FSharp", StringComparison.Ordinal)

    let isClass (kind: Type) =
        not (
            kind.IsAbstract
            || kind.IsInterface
            || kind.IsPrimitive
            || kind.IsPointer
            || kind.IsByRefLike
        )
        && not (isOfFramework kind)
        && not (typeof<Delegate>.IsAssignableFrom kind)
        && not (typeof<System.Collections.IEnumerable>.IsAssignableFrom kind)

    /// Whether a type is an object with fields of its own, and not text, a number, a list or the like.
    let isObject (kind: Type) =
        match kind with
        | TensorOf _
        | OptionalOf _
        | MapOf _
        | CollectionOf _
        | ScalarCodecs.Scalar _ -> false
        | _ when kind.IsEnum || FSharpType.IsTuple kind -> false
        | _ -> FSharpType.IsRecord kind || FSharpType.IsUnion kind || isClass kind

    // -- null ----------------------------------------------------------------------------------------

    let argument index (info: NullabilityInfo | null) : NullabilityInfo | null =
        match info with
        | null -> null
        | info when index < info.GenericTypeArguments.Length -> info.GenericTypeArguments[index]
        | _ -> null

    /// What is known of the items of an array. What a method returns may hold each within something else, as the outcome
    /// of a batch's row holds its answer.
    let elementOf (item: Type) (info: NullabilityInfo | null) : NullabilityInfo | null =
        match info with
        | null -> null
        | info ->
            match info.ElementType with
            | NonNull holder when holder.Type <> item -> argument 0 holder
            | element -> element

    let isNullable (kind: Type) (info: NullabilityInfo | null) =
        match info, kind with
        | null, _
        | _, OptionalOf _ -> false
        | info, _ ->
            not kind.IsValueType
            && kind <> typeof<unit>
            && info.ReadState = NullabilityState.Nullable

    // -- names ---------------------------------------------------------------------------------------

    let private spellings naming (name: string) =
        let camel = JsonNamingPolicy.CamelCase.ConvertName name
        let snake = JsonNamingPolicy.SnakeCaseLower.ConvertName name

        match naming with
        | Camel -> camel, snake
        | Snake -> snake, camel

    /// Each member's name and, where it names no other member too, its other spelling.
    let named naming (names: string list) : (string * string option) list =
        let all = names |> List.map (spellings naming)

        all
        |> List.map (fun (name, other) ->
            let uses =
                all |> List.filter (fun (first, second) -> first = other || second = other)

            name,
            (if other <> name && uses.Length = 1 then
                 Some other
             else
                 None))
