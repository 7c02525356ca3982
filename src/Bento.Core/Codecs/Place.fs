namespace Bento

open System
open System.Reflection

/// Where in a type a codec is looked for, and what was said of the place.
[<NoComparison; NoEquality>]
type internal Place = {
    Path: string
    /// The types that this one is inside.
    Outer: Type list
    Nullability: NullabilityInfo | null
    Constraints: Constraint list
    Dimensions: int list option
    /// What was said of the place and cannot be.
    Mistakes: string list
}

[<RequireQualifiedAccess>]
module internal Place =

    /// The type that was asked for.
    let root path nullability : Place = {
        Path = path
        Outer = []
        Nullability = nullability
        Constraints = []
        Dimensions = None
        Mistakes = []
    }

    /// A part of what is at a place.
    let inside (place: Place) suffix nullability : Place = {
        place with
            Path = place.Path + suffix
            Nullability = nullability
            Constraints = []
            Dimensions = None
            Mistakes = []
    }

    /// The place with what attributes say of it, when a value of that type is there.
    let saying (said: FieldRules) (kind: Type) (place: Place) : Place =
        let isOptional =
            match kind with
            | TypeKinds.OptionalOf _ -> true
            | _ -> TypeKinds.isNullable kind place.Nullability

        {
            place with
                Dimensions = said.Dimensions
                Constraints = [
                    yield! said.Constraints

                    match said.Required with
                    | Some required when kind = typeof<string> && not required.AllowEmptyStrings ->
                        Constraint.Pattern @"\S"
                    | _ -> ()
                ]
                Mistakes = [
                    yield! said.Mistakes

                    if said.Required.IsSome && isOptional then
                        "has Required, and a type that says it may be null; take one of them away"
                ]
        }

    let fault (place: Place) reason : Result<'Any, Shapeless list> =
        Error [ { Path = place.Path; Reason = reason } ]

    /// Fields that have one name on the wire.
    let clashes (place: Place) (names: (string * string option) list) = [
        for name, count in names |> List.countBy fst do
            if count > 1 then
                {
                    Path = $"{place.Path}.{name}"
                    Reason = "is the name of two fields; give them names that differ in more than case"
                }
    ]

    /// All parts, or all that is wrong with them.
    let combine (results: Result<'Part, Shapeless list> list) : Result<'Part list, Shapeless list> =
        let faults = [
            for result in results do
                match result with
                | Ok _ -> ()
                | Error faults -> yield! faults
        ]

        if faults.IsEmpty then
            Ok(results |> List.choose Result.toOption)
        else
            Error faults
