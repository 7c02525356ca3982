namespace Bento

open System
open System.Collections.Generic
open Microsoft.FSharp.Reflection

/// The names of types as F# writes them, for messages.
[<RequireQualifiedAccess>]
module internal TypeName =

    let private words: IDictionary<Type, string> =
        dict [
            typeof<obj>, "obj"
            typeof<unit>, "unit"
            typeof<bool>, "bool"
            typeof<string>, "string"
            typeof<char>, "char"
            typeof<sbyte>, "sbyte"
            typeof<byte>, "byte"
            typeof<int16>, "int16"
            typeof<uint16>, "uint16"
            typeof<int>, "int"
            typeof<uint32>, "uint32"
            typeof<int64>, "int64"
            typeof<uint64>, "uint64"
            typeof<float32>, "float32"
            typeof<float>, "float"
            typeof<decimal>, "decimal"
            typedefof<int list>, "list"
            typedefof<int option>, "option"
            typedefof<int voption>, "voption"
            typedefof<Map<int, int>>, "Map"
            typedefof<Set<int>>, "Set"
        ]

    let private word (kind: Type) =
        match words.TryGetValue kind with
        | true, word -> word
        | _ -> (kind.Name.Split '`')[0]

    let rec ofType (kind: Type) : string =
        match kind.GetElementType() with
        | null when FSharpType.IsFunction kind ->
            let input, output = FSharpType.GetFunctionElements kind
            $"{closed input} -> {ofType output}"
        | null when FSharpType.IsTuple kind ->
            FSharpType.GetTupleElements kind |> Array.map closed |> String.concat " * "
        // C# names its anonymous classes so too.
        | null when
            kind.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal)
            && FSharpType.IsRecord kind
            ->
            let fields =
                FSharpType.GetRecordFields kind
                |> Array.map (fun field -> $"{field.Name}: {ofType field.PropertyType}")
                |> String.concat "; "

            $"{{| {fields} |}}"
        | null when kind.IsGenericType -> generic (word (kind.GetGenericTypeDefinition())) (kind.GetGenericArguments())
        | null -> word kind
        | element when kind.IsArray -> closed element + "[" + String(',', kind.GetArrayRank() - 1) + "]"
        | _ -> word kind

    and private generic name arguments =
        match name, arguments with
        | ("list" | "option" | "voption"), [| argument |] -> $"{closed argument} {name}"
        | _ ->
            let arguments = arguments |> Array.map ofType |> String.concat ", "
            $"{name}<{arguments}>"

    /// In brackets where it would run into what follows.
    and private closed kind =
        if FSharpType.IsFunction kind || FSharpType.IsTuple kind then
            $"({ofType kind})"
        else
            ofType kind
