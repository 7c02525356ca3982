namespace Bento

open System
open System.Collections.Generic
open System.Text

/// Forms of one line: names and values with percent signs.
[<RequireQualifiedAccess>]
module internal UrlEncoded =

    [<Literal>]
    let mostValues = 1024

    let private strictUtf8 = UTF8Encoding(false, true)

    let private isHex (digit: byte) = Char.IsAsciiHexDigit(char digit)

    let private hex (digit: byte) =
        if Char.IsAsciiDigit(char digit) then
            int digit - int '0'
        else
            (int digit ||| 0x20) - int 'a' + 10

    /// A name or value in its own letters. A percent sign with no code behind it stands for itself, as in browsers.
    let private decode (coded: ReadOnlySpan<byte>) =
        let plain = Array.zeroCreate<byte> coded.Length
        let mutable length = 0
        let mutable at = 0

        while at < coded.Length do
            if coded[at] = byte '+' then
                plain[length] <- byte ' '
                at <- at + 1
            elif
                coded[at] = byte '%'
                && at + 2 < coded.Length
                && isHex coded[at + 1]
                && isHex coded[at + 2]
            then
                plain[length] <- byte (hex coded[at + 1] * 16 + hex coded[at + 2])
                at <- at + 3
            else
                plain[length] <- coded[at]
                at <- at + 1

            length <- length + 1

        strictUtf8.GetString(plain, 0, length)

    /// The values of a form by name, in their order, or what is wrong with it.
    let read (body: ReadOnlyMemory<byte>) : Result<IReadOnlyList<struct (string * FormValue)>, string> =
        let values = List<struct (string * FormValue)>()
        let mutable rest = body
        let mutable fault = None

        try
            while fault.IsNone && not rest.IsEmpty do
                let ends = rest.Span.IndexOf(byte '&')
                let pair = if ends < 0 then rest else rest.Slice(0, ends)

                rest <-
                    if ends < 0 then
                        ReadOnlyMemory.Empty
                    else
                        rest.Slice(ends + 1)

                if values.Count = mostValues then
                    fault <- Some $"it has more than {mostValues} values"
                elif not pair.IsEmpty then
                    let equals = pair.Span.IndexOf(byte '=')
                    let name = if equals < 0 then pair else pair.Slice(0, equals)

                    let value =
                        if equals < 0 then
                            ReadOnlyMemory.Empty
                        else
                            pair.Slice(equals + 1)

                    values.Add(struct (decode name.Span, FormValue.Bare(decode value.Span)))
        with :? DecoderFallbackException ->
            fault <- Some "it is not UTF-8"

        match fault with
        | Some message -> Error message
        | None -> Ok values
