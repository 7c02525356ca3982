namespace Bento

open System
open System.Collections.Concurrent
open System.Text
open System.Text.RegularExpressions

/// What keeps a constraint: one judgement, for values that are read and for bodies that are explained.
[<RequireQualifiedAccess>]
module internal ConstraintCheck =

    let private expressions = ConcurrentDictionary<string, Regex>()

    /// The parts of a pattern among which dollars are told apart: what is escaped, a class, an option for several lines, and
    /// a dollar that is an anchor.
    let private parts =
        Regex(@"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?[a-z]*m|\$", RegexOptions.Singleline)

    /// To .NET a dollar is also before a line feed that ends the text; in a schema, as published, it is the end and no more.
    let private ending (pattern: string) =
        if parts.Matches pattern |> Seq.exists _.Value.StartsWith("(?") then
            pattern
        else
            parts.Replace(pattern, (fun part -> if part.Value = "$" then @"\z" else part.Value))

    /// Without backtracking, a hostile text costs no more than its length.
    let expression (pattern: string) =
        expressions.GetOrAdd(
            pattern,
            fun pattern -> Regex(ending pattern, RegexOptions.NonBacktracking ||| RegexOptions.CultureInvariant)
        )

    let matches pattern (text: string) = (expression pattern).IsMatch text

    /// Characters as a person and JSON Schema count them, not as UTF-16 does.
    let lengthOf (text: string) =
        let mutable length = 0

        for letter in text do
            if not (Char.IsLowSurrogate letter) then
                length <- length + 1

        length

    let isWithin minimum maximum number = number >= minimum && number <= maximum

    /// The ends of a range as a number of that format has them: 0.1 as a float32 lies within 0 to 0.1.
    let ends format (minimum: float) (maximum: float) =
        match format with
        | NumberFormat.Half -> float (Half.op_Explicit minimum: Half), float (Half.op_Explicit maximum: Half)
        | NumberFormat.Single -> float (float32 minimum), float (float32 maximum)
        | NumberFormat.Double
        | NumberFormat.Decimal -> minimum, maximum
