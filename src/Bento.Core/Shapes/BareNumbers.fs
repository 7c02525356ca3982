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

    /// Where the next bare word is that stands outside of texts, and which; the end of the body and nothing where none is.
    let private next (body: ReadOnlySpan<byte>) (start: int) : struct (int * byte[]) =
        let mutable at = start
        let mutable word: byte[] = Array.empty

        while word.Length = 0 && at < body.Length do
            match body[at] with
            | '"'B -> at <- afterText body at
            | 'N'B
            | 'I'B
            | '-'B ->
                word <- wordAt body at

                if word.Length = 0 then
                    at <- at + 1
            | _ -> at <- at + 1

        struct (at, word)

    let private count (body: ReadOnlySpan<byte>) =
        let mutable found = 0
        let mutable at = 0

        while at < body.Length do
            let struct (place, word) = next body at
            at <- place + word.Length

            if word.Length > 0 then
                found <- found + 1

        found

    /// The body with its bare words marked, or nothing where it has none.
    let quote (body: ReadOnlyMemory<byte>) : ReadOnlyMemory<byte> option =
        let bytes = body.Span
        let words = count bytes

        let length = int64 bytes.Length + int64 words * int64 (mark.Length + 2)

        if words = 0 || length > int64 Array.MaxLength then
            None
        else
            let result: byte[] = Array.zeroCreate (int length)
            let mutable filled = 0
            let mutable at = 0

            while at < bytes.Length do
                let struct (place, word) = next bytes at
                bytes.Slice(at, place - at).CopyTo(Span(result, filled, place - at))
                filled <- filled + place - at
                at <- place + word.Length

                if word.Length > 0 then
                    result[filled] <- '"'B
                    mark.CopyTo(result, filled + 1)
                    word.CopyTo(result, filled + 1 + mark.Length)
                    filled <- filled + mark.Length + word.Length + 2
                    result[filled - 1] <- '"'B

            Some(ReadOnlyMemory result)
