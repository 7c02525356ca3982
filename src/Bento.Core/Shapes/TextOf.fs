namespace Bento

open System
open System.Globalization
open System.Xml

/// What is written as text on the wire and System.Text.Json has no strict reader for.
[<RequireQualifiedAccess>]
module internal TextOf =

    let private found (success: bool, value: 'T) =
        if success then ValueSome value else ValueNone

    /// As in "2026-01-31".
    let date (text: string) =
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None)
        |> found

    let private timeFormats = [| "HH:mm:ss.FFFFFFF"; "HH:mm" |]

    /// As in "12:30", "12:30:15" or "12:30:15.25".
    let time (text: string) =
        TimeOnly.TryParseExact(text, timeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None)
        |> found

    let ofTime (time: TimeOnly) =
        time.ToString(timeFormats[0], CultureInfo.InvariantCulture)

    /// Whether a date and time of ISO 8601 ends with its offset, as in "Z" or "+01:00"; it would be taken for local else.
    let hasOffset (text: string) =
        text.EndsWith 'Z'
        || text.Length > "2026-01-31".Length
           && (text[text.Length - 6] = '+' || text[text.Length - 6] = '-')

    /// Years and months have no length of their own, so that a duration with them is none.
    let private hasFixedLength (text: string) =
        let days = (text.Split 'T')[0]
        not (days.Contains 'Y' || days.Contains 'M' || text |> Seq.exists Char.IsWhiteSpace)

    /// As in "PT1M30S" or "P2DT3H".
    let duration (text: string) =
        if hasFixedLength text then
            try
                ValueSome(XmlConvert.ToTimeSpan text)
            with
            | :? FormatException
            | :? OverflowException -> ValueNone
        else
            ValueNone

    let ofDuration (span: TimeSpan) = XmlConvert.ToString span

    /// A path is taken for the URI of a file where paths look like that, so that the scheme is looked for.
    let isAbsolute (uri: Uri) =
        uri.IsAbsoluteUri
        && uri.OriginalString.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)

    /// As in "https://example.org/a".
    let uri (text: string) : Uri voption =
        match Uri.TryCreate(text, UriKind.Absolute) with
        | true, NonNull uri when isAbsolute uri -> ValueSome uri
        | _ -> ValueNone

    /// The number in a key of a map, written in the one way that numbers are.
    let wholeNumber (minimum: decimal) (maximum: decimal) (text: string) =
        match Decimal.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture) with
        | true, number when
            number >= minimum
            && number <= maximum
            && number.ToString CultureInfo.InvariantCulture = text
            ->
            ValueSome number
        | _ -> ValueNone

    /// As in "3f2504e0-4f89-41d3-9a0c-0305e82c3301", and no other way.
    let guid (text: string) = Guid.TryParseExact(text, "D") |> found
