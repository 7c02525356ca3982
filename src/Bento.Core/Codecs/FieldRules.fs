namespace Bento

open System
open System.Collections
open System.Globalization
open System.Reflection
open System.Text.Json

/// What attributes say of one field.
[<NoComparison; NoEquality>]
type internal FieldRules = {
    Constraints: Constraint list
    Dimensions: int list option
    Required: System.ComponentModel.DataAnnotations.RequiredAttribute option
    /// What is asked for and cannot be.
    Mistakes: string list
    /// The JSON of a default, or why there can be none.
    Default: Result<string, string> option
}

[<RequireQualifiedAccess>]
module internal FieldRules =

    let private all<'Attribute when 'Attribute :> Attribute> (sources: ICustomAttributeProvider list) =
        sources
        |> List.collect (fun source ->
            source.GetCustomAttributes(typeof<'Attribute>, true)
            |> Array.map (fun attribute -> attribute :?> 'Attribute)
            |> List.ofArray)
        |> List.truncate 1

    let private jsonOf (value: objnull) =
        try
            match value with
            | null -> Ok "null"
            | :? Enum as value -> Ok(JsonSerializer.Serialize(string value))
            | value -> Ok(JsonSerializer.Serialize(value, value.GetType()))
        with
        | :? ArgumentException
        | :? NotSupportedException -> Error $"has the default {value}, which is not JSON"

    let private ours sources = [
        for range in all<RangeAttribute> sources do
            Constraint.Range(range.Minimum, range.Maximum)

        for length in all<LengthAttribute> sources do
            Constraint.Length(length.Minimum, length.Maximum)

        for pattern in all<PatternAttribute> sources do
            Constraint.Pattern pattern.Pattern

        for contentType in all<ContentTypeAttribute> sources do
            Constraint.ContentType contentType.MediaType
    ]

    /// What the attributes on a field, or on the parameter that it is made from, say.
    let ofSources (sources: ICustomAttributeProvider list) : FieldRules =
        let annotated, mistakes = Annotations.ofSources sources

        {
            Constraints = ours sources @ annotated
            Dimensions =
                all<ShapeAttribute> sources
                |> List.tryHead
                |> Option.map (fun shape -> List.ofArray shape.Lengths)
            Required = Annotations.required sources
            Mistakes = mistakes
            Default =
                all<DefaultAttribute> sources
                |> List.tryHead
                |> Option.map (fun given -> jsonOf given.Value)
        }

    let private isMediaType (text: string) =
        match text.Split '/' with
        | [| kind; sub |] ->
            let isToken (part: string) =
                part <> ""
                && part
                   |> Seq.forall (fun letter -> Char.IsAsciiLetterOrDigit letter || "!#$&-^_.+*".Contains letter)

            isToken kind && isToken sub
        | _ -> false

    let private number (value: float) =
        value.ToString CultureInfo.InvariantCulture

    /// What is wrong with a constraint by itself.
    let private misstated one =
        match one with
        | Constraint.Range(minimum, maximum) when minimum <= maximum -> None
        | Constraint.Range(minimum, maximum) ->
            Some $"has Range({number minimum}, {number maximum}), in which no number lies; give the smaller one first"
        | Constraint.Length(minimum, maximum) when 0 <= minimum && minimum <= maximum -> None
        | Constraint.Length(minimum, maximum) ->
            Some
                $"has Length({minimum}, {maximum}), which no length keeps; give two from zero on, the smaller one first"
        | Constraint.Pattern pattern ->
            try
                ConstraintCheck.expression pattern |> ignore
                None
            with
            | :? ArgumentException
            | :? NotSupportedException as problem ->
                Some $"has the pattern \"{pattern}\", which cannot be used: {problem.Message}"
        | Constraint.ContentType mediaType when isMediaType mediaType -> None
        | Constraint.ContentType mediaType ->
            Some $"has the content type \"{mediaType}\"; wanted one such as \"image/png\" or \"image/*\""

    let private suits shape one =
        match one, shape with
        | Constraint.Range _, (Shape.Integer _ | Shape.Number _)
        | Constraint.Length _,
          (Shape.Text(TextFormat.Plain | TextFormat.Base64) | Shape.Sequence _ | Shape.Set _ | Shape.Map _)
        | Constraint.Pattern _, Shape.Text TextFormat.Plain
        | Constraint.ContentType _, (Shape.Content _ | Shape.Text TextFormat.Base64) -> true
        | _ -> false

    let private misplaced shape one =
        if suits shape one then
            None
        else
            let what =
                match one with
                | Constraint.Range _ -> "Range, which is for a number"
                | Constraint.Length _ -> "Length, which is for a text, bytes, a list, a set or a map"
                | Constraint.Pattern _ -> "Pattern, which is for a text"
                | Constraint.ContentType _ -> "ContentType, which is for a file, an image, a stream or bytes"

            Some $"has {what}, and not for {Shape.describe shape}"

    /// What is wrong with the constraints of a value of that shape.
    let faults shape (constraints: Constraint list) : string list =
        constraints
        |> List.choose (fun one -> misstated one |> Option.orElse (misplaced shape one))

    // -- values --------------------------------------------------------------------------------------

    let private toFloat (value: objnull) =
        match value with
        | :? Half as half -> float half
        | value -> Convert.ToDouble(value, CultureInfo.InvariantCulture)

    let private lengthOf (value: objnull) =
        match value with
        | :? string as text -> ConstraintCheck.lengthOf text
        | :? ICollection as items -> items.Count
        | value -> Seq.length (Seq.cast<objnull>(nonNull value :?> IEnumerable))

    /// Whether a value, which is not null, keeps a constraint that suits its shape.
    let keeps shape one (value: objnull) =
        match one with
        | Constraint.Range(minimum, maximum) ->
            let format =
                match shape with
                | Shape.Number format -> format
                | _ -> NumberFormat.Double

            let low, high = ConstraintCheck.ends format minimum maximum
            ConstraintCheck.isWithin low high (toFloat value)
        | Constraint.Length(minimum, maximum) -> ConstraintCheck.isWithin minimum maximum (lengthOf value)
        | Constraint.Pattern pattern -> ConstraintCheck.matches pattern (nonNull value :?> string)
        | Constraint.ContentType _ -> true

    let describe one =
        match one with
        | Constraint.Range(minimum, maximum) -> $"a number from {number minimum} to {number maximum}"
        | Constraint.Length(minimum, Int32.MaxValue) -> $"a length of {minimum} or more"
        | Constraint.Length(minimum, maximum) -> $"a length from {minimum} to {maximum}"
        | Constraint.Pattern pattern -> $"a match of {pattern}"
        | Constraint.ContentType mediaType -> mediaType
