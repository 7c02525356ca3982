namespace Bento

open System
open System.Buffers.Binary
open System.Globalization
open System.Text

/// How the elements of a tensor lie in bytes.
[<NoComparison>]
type internal TensorLayout = {
    Element: ElementType
    BigEndian: bool
    /// The first index varies fastest, not the last.
    ColumnMajor: bool
    Lengths: int[]
}

/// The elements of tensors as bytes have them.
[<RequireQualifiedAccess>]
module internal ElementBytes =

    let size element =
        match element with
        | ElementType.Boolean
        | ElementType.SByte
        | ElementType.Byte -> 1
        | ElementType.Int16
        | ElementType.UInt16
        | ElementType.Half -> 2
        | ElementType.Int32
        | ElementType.UInt32
        | ElementType.Single -> 4
        | ElementType.Int64
        | ElementType.UInt64
        | ElementType.Double -> 8

    /// More dimensions than these are some mistake.
    [<Literal>]
    let mostDimensions = 16

    /// What the lengths of an empty tensor may come to without its zeros: an answer has brackets for each of them.
    [<Literal>]
    let mostEmpty = 1_000_000

    /// The bytes that a layout takes; none where no memory has so many, or so many places without elements.
    let total (layout: TensorLayout) =
        let mutable places = 1L

        for length in layout.Lengths do
            // Twice the largest array: what is larger stays larger, and nothing overflows.
            places <- min (1L <<< 32) (places * int64 (max 1 length))

        let bytes = places * int64 (size layout.Element)

        if Array.contains 0 layout.Lengths then
            if places <= int64 mostEmpty then Some 0 else None
        elif bytes <= int64 Array.MaxLength then
            Some(int bytes)
        else
            None

/// numpy's own files: a few words about the array, then its bytes.
[<RequireQualifiedAccess>]
module internal Npy =

    let private magic = [| 0x93uy; 0x4Euy; 0x55uy; 0x4Duy; 0x50uy; 0x59uy |]

    /// numpy itself refuses longer ones.
    [<Literal>]
    let longestHeader = 10_000

    let private elements = [
        "b1", ElementType.Boolean
        "i1", ElementType.SByte
        "u1", ElementType.Byte
        "i2", ElementType.Int16
        "u2", ElementType.UInt16
        "i4", ElementType.Int32
        "u4", ElementType.UInt32
        "i8", ElementType.Int64
        "u8", ElementType.UInt64
        "f2", ElementType.Half
        "f4", ElementType.Single
        "f8", ElementType.Double
    ]

    /// Raised for a header that breaks the format, and caught by `read`.
    exception private Malformed of string

    let private malformed message : 'Nothing = raise (Malformed message)

    [<RequireQualifiedAccess>]
    type private Literal =
        | Text of string
        | Truth of bool
        | Lengths of int list

    /// Python's literals, as far as headers have them. Nothing is ever evaluated.
    type private Literals(text: string) =
        let mutable at = 0

        let skip () =
            while at < text.Length && Char.IsWhiteSpace text[at] do
                at <- at + 1

        let take (wanted: char) =
            skip ()

            if at < text.Length && text[at] = wanted then
                at <- at + 1
                true
            else
                false

        let require wanted =
            if not (take wanted) then
                malformed $"its header has no '{wanted}' at character {at}"

        let word (word: string) =
            skip ()
            let found = String.CompareOrdinal(text, at, word, 0, word.Length) = 0

            if found then
                at <- at + word.Length

            found

        let quoted quote =
            let ends = text.IndexOf((quote: char), at)

            if ends < 0 then
                malformed "its header has text without an end"

            let inside = text.Substring(at, ends - at)
            at <- ends + 1
            inside

        let number () =
            skip ()
            let start = at

            while at < text.Length && Char.IsAsciiDigit text[at] do
                at <- at + 1

            match Int32.TryParse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture) with
            | true, length -> length
            | _ -> malformed $"its shape has no whole number of 32 bits at character {start}"

        let rec lengths found =
            if take ')' then
                List.rev found
            else
                let found = number () :: found

                if take ',' then
                    lengths found
                else
                    require ')'
                    List.rev found

        let value () =
            if take '\'' then
                Literal.Text(quoted '\'')
            elif take '"' then
                Literal.Text(quoted '"')
            elif word "True" then
                Literal.Truth true
            elif word "False" then
                Literal.Truth false
            elif take '(' then
                Literal.Lengths(lengths [])
            else
                malformed $"its header has no text, truth or shape at character {at}"

        let key () =
            match value () with
            | Literal.Text key -> key
            | _ -> malformed "its header has a key that is no text"

        let rec entries found =
            if take '}' then
                found
            else
                let key = key ()
                require ':'
                let found = (key, value ()) :: found

                if take ',' then
                    entries found
                else
                    require '}'
                    found

        /// The whole text as one dictionary.
        member _.Dictionary() =
            require '{'
            let found = entries []
            skip ()

            if at < text.Length then
                malformed "its header goes on after its end"

            found

    let private elementOf (descriptor: string) =
        let order, name =
            if descriptor <> "" && "<>|=".Contains descriptor[0] then
                descriptor[0], descriptor.Substring 1
            else
                '=', descriptor

        match elements |> List.tryFind (fun (known, _) -> known = name) with
        | Some(_, element) -> element, order = '>'
        | None -> malformed $"its elements are {descriptor}, and only numbers and truths of numpy are taken"

    let private layout (text: string) : TensorLayout =
        let entries = Literals(text).Dictionary()

        match entries |> List.sortBy fst with
        | [ "descr", Literal.Text descriptor; "fortran_order", Literal.Truth order; "shape", Literal.Lengths lengths ] ->
            if lengths.Length > ElementBytes.mostDimensions then
                malformed $"it has {lengths.Length} dimensions, and {ElementBytes.mostDimensions} are the most"

            let element, bigEndian = elementOf descriptor

            {
                Element = element
                BigEndian = bigEndian
                ColumnMajor = order
                Lengths = Array.ofList lengths
            }
        | _ -> malformed "its header does not say descr, fortran_order and shape, each once"

    /// Whether bytes begin as numpy's files do.
    let isBegun (file: ReadOnlySpan<byte>) = file.StartsWith(ReadOnlySpan magic)

    let private header (file: ReadOnlySpan<byte>) : struct (TensorLayout * int) =
        if not (isBegun file) || file.Length < 12 then
            malformed "it does not begin as numpy's files do"

        let version = file[6]

        if version < 1uy || version > 3uy then
            malformed $"its version is {version}, and 1 to 3 are taken"

        let start = if version = 1uy then 10 else 12

        let length =
            if version = 1uy then
                uint32 (BinaryPrimitives.ReadUInt16LittleEndian(file.Slice 8))
            else
                BinaryPrimitives.ReadUInt32LittleEndian(file.Slice 8)

        if length > uint32 longestHeader then
            malformed $"its header has {length} bytes, and {longestHeader} are the most"

        let ends = start + int length

        if ends > file.Length then
            malformed "it ends within its header"

        struct (layout (Encoding.UTF8.GetString(file.Slice(start, int length))), ends)

    /// What a file says of its array, and where the bytes of that begin; or what is wrong with it.
    let read (file: ReadOnlySpan<byte>) : Result<struct (TensorLayout * int), string> =
        try
            Ok(header file)
        with Malformed message ->
            Error message

    /// The head of a file, whose bytes are to follow.
    let head (element: ElementType) (lengths: int[]) : byte[] =
        let name = elements |> List.find (fun (_, known) -> known = element) |> fst
        let order = if ElementBytes.size element = 1 then "|" else "<"

        let shape =
            match lengths with
            | [| one |] -> $"({one},)"
            | lengths -> "(" + String.Join(", ", lengths) + ")"

        let text =
            $"{{'descr': '{order}{name}', 'fortran_order': False, 'shape': {shape}, }}"

        // The array begins at a multiple of 64 bytes, and the header ends with a line.
        let length = (10 + text.Length + 1 + 63) / 64 * 64 - 10
        let bytes = Encoding.ASCII.GetBytes(text.PadRight(length - 1) + "\n")
        [| yield! magic; 1uy; 0uy; byte length; byte (length >>> 8); yield! bytes |]
