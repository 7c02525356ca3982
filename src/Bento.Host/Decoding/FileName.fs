namespace Bento

open System
open System.Globalization
open System.Text
open Microsoft.Net.Http.Headers

/// Names of files, which come from strangers and go to strangers.
[<RequireQualifiedAccess>]
module internal FileName =

    /// What file systems take at most.
    [<Literal>]
    let longest = 255

    /// Letters that show something: no control characters, none that turn the direction of what follows.
    let private isShown (rune: Rune) =
        match Rune.GetUnicodeCategory rune with
        | UnicodeCategory.Control
        | UnicodeCategory.Format
        | UnicodeCategory.Surrogate
        | UnicodeCategory.PrivateUse
        | UnicodeCategory.OtherNotAssigned
        | UnicodeCategory.LineSeparator
        | UnicodeCategory.ParagraphSeparator -> false
        | _ -> rune <> Rune.ReplacementChar

    /// The last part of a path of any system.
    let private last (name: string) =
        name.Substring(name.LastIndexOfAny [| '/'; '\\'; ':' |] + 1)

    let private shorten (name: string) =
        let kept = StringBuilder()

        for rune in name.EnumerateRunes() do
            if isShown rune && kept.Length + rune.Utf16SequenceLength <= longest then
                kept.Append(rune.ToString()) |> ignore

        kept.ToString().Trim()

    /// A name without folders, control characters or more letters than a file system takes; where nothing is left, "".
    let sanitize (name: string) =
        match shorten (last name) with
        | "."
        | ".." -> ""
        | clean -> clean

    /// Browsers write a quote in a name as "%22", and would so write the ends of lines.
    let private unquote (name: string) =
        name
            .Replace("%22", "\"", StringComparison.Ordinal)
            .Replace("%0D", "", StringComparison.OrdinalIgnoreCase)
            .Replace("%0A", "", StringComparison.OrdinalIgnoreCase)

    /// The name that a part gives its file, if it says that it is one.
    let ofPart (disposition: ContentDispositionHeaderValue) =
        if disposition.FileNameStar.HasValue then
            Some(sanitize (disposition.FileNameStar.ToString()))
        elif disposition.FileName.HasValue then
            HeaderUtilities.RemoveQuotes(disposition.FileName).ToString()
            |> HeaderUtilities.UnescapeAsQuotedString
            |> _.ToString()
            |> unquote
            |> sanitize
            |> Some
        else
            None

    let private isPlain (c: char) =
        c >= ' ' && c <= '~' && c <> '"' && c <> '\\' && c <> '%'

    let private percent (name: string) =
        let bytes = Encoding.UTF8.GetBytes name
        let coded = StringBuilder()

        for one in bytes do
            let c = char one

            if Char.IsAsciiLetterOrDigit c || c = '-' || c = '_' || c = '.' || c = '~' then
                coded.Append c |> ignore
            else
                coded.Append('%').Append(one.ToString "X2") |> ignore

        coded.ToString()

    /// The header Content-Disposition of an answer: the name in ASCII for old readers, and in UTF-8 where that differs.
    let disposition (kind: string) (name: string) =
        match sanitize name with
        | "" -> kind
        | clean when Seq.forall isPlain clean -> $"{kind}; filename=\"{clean}\""
        | clean ->
            let ascii = clean |> String.map (fun c -> if isPlain c then c else '_')
            $"{kind}; filename=\"{ascii}\"; filename*=UTF-8''{percent clean}"
