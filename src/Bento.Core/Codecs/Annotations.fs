namespace Bento

open System
open System.ComponentModel.DataAnnotations
open System.Globalization
open System.Reflection

/// What the attributes of System.ComponentModel.DataAnnotations ask of a field, in our own words for it.
[<RequireQualifiedAccess>]
module internal Annotations =

    let private number (value: objnull) =
        match value with
        | :? int as whole -> Some(float whole)
        | :? float as value -> Some value
        | _ -> None

    /// Whether it ends with an anchor, and not with a dollar that a backslash makes a letter.
    let private endsAnchored (pattern: string) =
        let before = pattern.TrimEnd '$'
        let backslashes = before.Length - before.TrimEnd('\\').Length
        pattern.Length - before.Length = 1 && backslashes % 2 = 0

    /// These want the whole text to match, where ours want a match somewhere in it.
    let private whole (pattern: string) =
        if pattern.StartsWith '^' && endsAnchored pattern && not (pattern.Contains '|') then
            pattern
        else
            $"^(?:{pattern})$"

    let private range (given: System.ComponentModel.DataAnnotations.RangeAttribute) =
        match number given.Minimum, number given.Maximum with
        | _ when given.MinimumIsExclusive || given.MaximumIsExclusive ->
            Error "has a Range without one of its ends; both ends of a range are in it"
        | Some minimum, Some maximum -> Ok [ Constraint.Range(minimum, maximum) ]
        | _ -> Error $"has a Range of {given.OperandType.Name}, which is for numbers; give it two numbers"

    let private judge (attribute: ValidationAttribute) : Result<Constraint list, string> =
        match attribute with
        | :? System.ComponentModel.DataAnnotations.RangeAttribute as given -> range given
        | :? StringLengthAttribute as given -> Ok [ Constraint.Length(given.MinimumLength, given.MaximumLength) ]
        | :? System.ComponentModel.DataAnnotations.LengthAttribute as given ->
            Ok [ Constraint.Length(given.MinimumLength, given.MaximumLength) ]
        | :? MinLengthAttribute as given -> Ok [ Constraint.Length(given.Length, Int32.MaxValue) ]
        | :? MaxLengthAttribute as given when given.Length < 0 -> Ok []
        | :? MaxLengthAttribute as given -> Ok [ Constraint.Length(0, given.Length) ]
        | :? RegularExpressionAttribute as given -> Ok [ Constraint.Pattern(whole given.Pattern) ]
        | :? RequiredAttribute -> Ok []
        | other when other.GetType() = typeof<DataTypeAttribute> -> Ok []
        | other ->
            let name = other.GetType().Name

            let word =
                if name.EndsWith("Attribute", StringComparison.Ordinal) then
                    name.Substring(0, name.Length - 9)
                else
                    name

            Error $"has {word}, which nothing checks here; use Range, Length, StringLength or RegularExpression"

    let private given (sources: ICustomAttributeProvider list) = [
        for source in sources do
            for attribute in source.GetCustomAttributes(typeof<ValidationAttribute>, true) do
                attribute :?> ValidationAttribute
    ]

    /// The two ends of a length may be in two attributes.
    let private together constraints =
        let lengths, others =
            constraints
            |> List.partition (fun one ->
                match one with
                | Constraint.Length _ -> true
                | _ -> false)

        let joined =
            lengths
            |> List.fold
                (fun (low, high) one ->
                    match one with
                    | Constraint.Length(minimum, maximum) -> max low minimum, min high maximum
                    | _ -> low, high)
                (0, Int32.MaxValue)

        if lengths.IsEmpty then
            others
        else
            Constraint.Length joined :: others

    /// What is asked for, and what cannot be.
    let ofSources (sources: ICustomAttributeProvider list) : Constraint list * string list =
        let verdicts = given sources |> List.map judge

        let constraints =
            verdicts |> List.collect (fun verdict -> Result.defaultValue [] verdict)

        let mistakes =
            verdicts
            |> List.choose (fun verdict ->
                match verdict with
                | Ok _ -> None
                | Error mistake -> Some mistake)

        together constraints, mistakes

    /// Whether a value must be there, and a text must have more in it than blanks unless it may be empty.
    let required (sources: ICustomAttributeProvider list) : RequiredAttribute option =
        given sources
        |> List.tryPick (fun attribute ->
            match attribute with
            | :? RequiredAttribute as required -> Some required
            | _ -> None)
