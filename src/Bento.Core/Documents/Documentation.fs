namespace Bento

open System
open System.Collections.Generic
open System.Reflection
open Microsoft.FSharp.Reflection

/// What people wrote above their types, fields and handlers, by the names of XML documentation files, as in "T:Shop.Order".
[<NoComparison; NoEquality>]
type Documentation = {
    Members: IReadOnlyDictionary<string, string>
    /// What is given as an example of a field: JSON, or plain text where the field is one.
    Examples: IReadOnlyDictionary<string, string>
}

[<RequireQualifiedAccess>]
module Documentation =

    /// Nothing is known.
    let none: Documentation = {
        Members = Dictionary<string, string>()
        Examples = Dictionary<string, string>()
    }

    let private find id (entries: IReadOnlyDictionary<string, string>) =
        match entries.TryGetValue id with
        | true, words when words <> "" -> Some words
        | _ -> None

    // -- types and their members ---------------------------------------------------------------------

    /// A type as XML documentation names it, without its "T:".
    let rec private nameOf (kind: Type) : string =
        match kind.GetElementType() with
        | null when kind.IsGenericType && not kind.IsGenericTypeDefinition ->
            let arguments = kind.GetGenericArguments() |> Array.map nameOf |> String.concat ","

            let definition = nameOf (kind.GetGenericTypeDefinition())
            $"{(definition.Split '`')[0]}{{{arguments}}}"
        | null -> (kind.FullName |> Option.ofObj |> Option.defaultValue kind.Name).Replace('+', '.')
        | element when kind.IsSZArray -> nameOf element + "[]"
        | element when kind.IsArray ->
            let dimensions = String.Join(',', Array.replicate (kind.GetArrayRank()) "0:")
            $"{nameOf element}[{dimensions}]"
        | element -> nameOf element

    let private definitionOf (kind: Type) =
        if kind.IsGenericType then
            kind.GetGenericTypeDefinition()
        else
            kind

    let private isOfFramework (kind: Type) =
        kind.Assembly = typeof<int list>.Assembly
        || kind.Namespace = "System"
        || (string kind.Namespace).StartsWith("System.", StringComparison.Ordinal)

    let private propertiesOf (kind: Type) =
        kind.GetProperties(BindingFlags.Public ||| BindingFlags.Instance)

    /// The types of one's own that a value of this type may hold.
    let typesWithin (root: Type) : Type list =
        let seen = HashSet<Type>()

        let rec visit (kind: Type) =
            match kind.GetElementType() with
            | null ->
                if seen.Add kind then
                    kind.GetGenericArguments() |> Array.iter visit

                    if not (isOfFramework kind) then
                        propertiesOf kind |> Array.iter (fun property -> visit property.PropertyType)

                        if FSharpType.IsUnion kind then
                            for case in FSharpType.GetUnionCases kind do
                                case.GetFields() |> Array.iter (fun field -> visit field.PropertyType)
            | element -> visit element

        visit root
        seen |> Seq.filter (fun kind -> not (isOfFramework kind)) |> List.ofSeq

    /// A method as XML documentation names it.
    let private idOf (method: MethodInfo) : string =
        let owner =
            match method.DeclaringType with
            | null -> ""
            | owner -> nameOf (definitionOf owner) + "."

        match method.GetParameters() with
        | [||] -> $"M:{owner}{method.Name}"
        | parameters ->
            let types =
                parameters
                |> Array.map (fun parameter -> nameOf parameter.ParameterType)
                |> String.concat ","

            $"M:{owner}{method.Name}({types})"

    /// What is written about a method's parameter, by the method's name and its own.
    let internal ofParameter (method: string) (parameter: string) = $"{method} {parameter}"

    /// What is written about a record, or about one of its fields, in the types of an endpoint.
    let internal describe (documentation: Documentation) (card: EndpointCard) : JsonSchema.Describe =
        fun record field ->
            match field, card.Method with
            | None, _ when record.Type = typeof<Arguments> -> None
            | Some field, Some given when record.Type = typeof<Arguments> ->
                find (ofParameter (idOf given.Method) field.Member) documentation.Members
            | None, _ -> find $"T:{nameOf (definitionOf record.Type)}" documentation.Members
            | Some field, _ -> find $"P:{nameOf (definitionOf record.Type)}.{field.Member}" documentation.Members

    /// What is given as an example of a field of a record.
    let internal exampleOf (documentation: Documentation) (record: RecordShape) (field: FieldShape) =
        find $"P:{nameOf (definitionOf record.Type)}.{field.Member}" documentation.Examples

    // -- handlers ------------------------------------------------------------------------------------

    let private plainly (name: string) =
        let letters = name.Replace("-", "").Replace("_", "").ToLowerInvariant()

        if letters.EndsWith("async", StringComparison.Ordinal) then
            letters.Substring(0, letters.Length - 5)
        else
            letters

    /// The name of the method in "M:Shop.Orders.place(Shop.Order)", and its parameters.
    let private (|Method|_|) (id: string) =
        if id.StartsWith("M:", StringComparison.Ordinal) then
            let bracket = id.IndexOf '('
            let path = if bracket < 0 then id else id.Substring(0, bracket)
            let name = path.Substring(path.LastIndexOf '.' + 1)
            Some((name.Split '`')[0], (if bracket < 0 then "" else id.Substring bracket))
        else
            None

    /// What is written about the function that an endpoint is named after and whose input it takes.
    let ofHandler (card: EndpointCard) (documentation: Documentation) : string option =
        let takes (parameters: string) =
            card.Input.Type = typeof<unit> || parameters.Contains(nameOf card.Input.Type)

        let written = [
            for KeyValue(id, words) in documentation.Members do
                match id with
                | Method(name, parameters) when plainly name = plainly card.Name && takes parameters -> words
                | _ -> ()
        ]

        match card.Method, List.distinct written with
        | Some given, _ -> find (idOf given.Method) documentation.Members
        | None, [ words ] when words <> "" -> Some words
        | None, _ -> None
