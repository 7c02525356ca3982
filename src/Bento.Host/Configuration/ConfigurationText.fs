namespace Bento

open System
open System.Globalization

/// From the text of a value to the value, and back to text that reads as the same value. An error says what is wanted.
[<RequireQualifiedAccess>]
module internal ConfigurationText =

    let number (wanted: string) (text: string) =
        match Int32.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
        | true, number -> Ok number
        | _ -> Error wanted

    /// The longest suffix wins; seconds need none.
    let private units = [
        "ms", TimeSpan.TicksPerMillisecond
        "s", TimeSpan.TicksPerSecond
        "m", TimeSpan.TicksPerMinute
        "h", TimeSpan.TicksPerHour
        "", TimeSpan.TicksPerSecond
    ]

    let private wantedSpan =
        "a span such as 500ms, 10s, 1m or 1h; a number without a unit is seconds"

    let span (text: string) =
        let suffix, ticks =
            units
            |> List.find (fun (suffix, _) -> text.EndsWith(suffix, StringComparison.Ordinal))

        let digits = text.Substring(0, text.Length - suffix.Length).TrimEnd()

        match Decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
        | true, amount when amount <= decimal TimeSpan.MaxValue.Ticks / decimal ticks ->
            Ok(TimeSpan.FromTicks(int64 (amount * decimal ticks)))
        | _ -> Error wantedSpan

    let showSpan (span: TimeSpan) =
        match span.Ticks % TimeSpan.TicksPerSecond with
        | 0L -> $"{span.Ticks / TimeSpan.TicksPerSecond}s"
        | _ ->
            let milliseconds = decimal span.Ticks / decimal TimeSpan.TicksPerMillisecond
            milliseconds.ToString CultureInfo.InvariantCulture + "ms"

    /// One of a few words, in any case.
    let choice (choices: (string * 'Value) list) (text: string) =
        match
            choices
            |> List.tryFind (fun (word, _) -> word.Equals(text, StringComparison.OrdinalIgnoreCase))
        with
        | Some(_, value) -> Ok value
        | None -> choices |> List.map fst |> String.concat " or " |> Error

    /// A value as a message shows it.
    let shorten (text: string) =
        let line = text.ReplaceLineEndings " "

        if line.Length <= 80 then
            line
        else
            line.Substring(0, 80) + "…"
