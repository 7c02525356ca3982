namespace Bento

open System

/// Python writes numbers that are not finite as bare words, which are not JSON. In tensors they are taken: put into quotes in
/// a way that no other value reads, they pass the reader of JSON.
[<RequireQualifiedAccess>]
module internal BareNumbers =

    /// Half of a surrogate pair, which no text has: a value of any other type refuses it.
    let private mark = "\\udfff"B

    let private nan = "NaN"B
    let private infinity = "Infinity"B
    let private minusInfinity = "-Infinity"B
    let private words = [| nan; minusInfinity; infinity |]

    /// The number that a marked word stands for.
    let tryRead (text: ReadOnlySpan<byte>) (number: byref<float>) =
        if not (text.StartsWith(ReadOnlySpan mark)) then
            false
        else
            let word = text.Slice mark.Length

            if word.SequenceEqual(ReadOnlySpan nan) then
                number <- Double.NaN
                true
            elif word.SequenceEqual(ReadOnlySpan infinity) then
                number <- Double.PositiveInfinity
                true
            elif word.SequenceEqual(ReadOnlySpan minusInfinity) then
                number <- Double.NegativeInfinity
                true
            else
                false

    /// Where the text that begins at this quote ends, or the end of the body.
    let private afterText (body: ReadOnlySpan<byte>) start =
        let mutable at = start + 1

        while at < body.Length && body[at] <> '"'B do
            at <- at + (if body[at] = '\\'B then 2 else 1)

        min body.Length (at + 1)

    let private isSpace (letter: byte) =
        letter = ' 'B || letter = '\t'B || letter = '\r'B || letter = '\n'B

    /// A word before a colon would be a name, which no number is.
    let private isName (body: ReadOnlySpan<byte>) (after: int) =
        let mutable at = after

        while at < body.Length && isSpace body[at] do
            at <- at + 1

        at < body.Length && body[at] = ':'B

    /// The word that begins here, or nothing.
    let private wordAt (body: ReadOnlySpan<byte>) at =
        let mutable found: byte[] = Array.empty

        for word in words do
            if
                body.Slice(at).StartsWith(ReadOnlySpan word)
                && not (isName body (at + word.Length))
            then
                found <- word

        found

    /// The body with its bare words marked, or nothing where it has none.
    let quote (body: ReadOnlyMemory<byte>) : ReadOnlyMemory<byte> option =
        let bytes = body.Span
        let result = ResizeArray<byte>()
        let mutable copied = 0
        let mutable at = 0

        while at < bytes.Length do
            match bytes[at] with
            | '"'B -> at <- afterText bytes at
            | 'N'B
            | 'I'B
            | '-'B ->
                let word = wordAt bytes at

                if word.Length = 0 then
                    at <- at + 1
                else
                    result.AddRange(body.Slice(copied, at - copied).ToArray())
                    result.Add '"'B
                    result.AddRange mark
                    result.AddRange word
                    result.Add '"'B
                    at <- at + word.Length
                    copied <- at
            | _ -> at <- at + 1

        if copied = 0 then
            None
        else
            result.AddRange(body.Slice(copied).ToArray())
            Some(ReadOnlyMemory(result.ToArray()))
