namespace Bento

open System
open System.Text

/// What the first bytes of a file say of its type, whatever its name and its sender say.
[<RequireQualifiedAccess>]
module FileSignature =

    /// So many bytes of a file are enough for `find`.
    [<Literal>]
    let length = 512

    let private startsWith (bytes: ReadOnlySpan<byte>) (signature: byte[]) =
        bytes.StartsWith(ReadOnlySpan signature)

    let private has (bytes: ReadOnlySpan<byte>) at (signature: byte[]) =
        bytes.Length >= at && bytes.Slice(at).StartsWith(ReadOnlySpan signature)

    let private signatures: (byte[] * string) list = [
        [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |], "image/png"
        [| 0xFFuy; 0xD8uy; 0xFFuy |], "image/jpeg"
        "GIF87a"B, "image/gif"
        "GIF89a"B, "image/gif"
        [| 0x49uy; 0x49uy; 0x2Auy; 0uy |], "image/tiff"
        [| 0x4Duy; 0x4Duy; 0uy; 0x2Auy |], "image/tiff"
        "%PDF-"B, "application/pdf"
        "OggS"B, "audio/ogg"
        "fLaC"B, "audio/flac"
        "ID3"B, "audio/mpeg"
        [| 0x1Auy; 0x45uy; 0xDFuy; 0xA3uy |], "video/webm"
        [| 0x50uy; 0x4Buy; 3uy; 4uy |], "application/zip"
        [| 0x50uy; 0x4Buy; 5uy; 6uy |], "application/zip"
        [| 0x1Fuy; 0x8Buy; 8uy |], "application/gzip"
        [| 0x93uy; 0x4Euy; 0x55uy; 0x4Duy; 0x50uy; 0x59uy |], "application/x-npy"
    ]

    /// Kinds of a container whose own signature is not its first bytes.
    let private contained (bytes: ReadOnlySpan<byte>) =
        if startsWith bytes "RIFF"B && has bytes 8 "WEBP"B then
            Some "image/webp"
        elif startsWith bytes "RIFF"B && has bytes 8 "WAVE"B then
            Some "audio/wav"
        elif has bytes 4 "ftypavif"B then
            Some "image/avif"
        elif has bytes 4 "ftypheic"B then
            Some "image/heic"
        elif has bytes 4 "ftypM4A "B then
            Some "audio/mp4"
        elif has bytes 4 "ftypqt  "B then
            Some "video/quicktime"
        elif has bytes 4 "ftyp"B then
            Some "video/mp4"
        else
            None

    /// "BM" alone begins many a text, so the size of the next header is asked too.
    let private isBitmap (bytes: ReadOnlySpan<byte>) =
        startsWith bytes "BM"B
        && bytes.Length >= 18
        && bytes[15] = 0uy
        && bytes[16] = 0uy
        && bytes[17] = 0uy
        && bytes[14] >= 12uy

    /// The head of a frame of MPEG audio, layer III: eleven bits set, and no value that is reserved.
    let private isFrame (bytes: ReadOnlySpan<byte>) =
        bytes.Length >= 4
        && bytes[0] = 0xFFuy
        && bytes[1] &&& 0xE6uy = 0xE2uy
        && bytes[1] &&& 0x18uy <> 0x08uy
        && bytes[2] &&& 0xF0uy <> 0xF0uy
        && bytes[2] &&& 0x0Cuy <> 0x0Cuy

    let private isControl (letter: byte) =
        letter < 32uy
        && letter <> byte '\t'
        && letter <> byte '\n'
        && letter <> byte '\r'
        && letter <> 12uy

    let private hasControl (bytes: ReadOnlySpan<byte>) =
        let mutable found = false

        for letter in bytes do
            found <- found || isControl letter

        found

    /// Whole but for a last character that the end may have cut.
    let private isUtf8 (bytes: ReadOnlySpan<byte>) =
        let mutable rest = bytes
        let mutable valid = true

        while valid && not rest.IsEmpty do
            let mutable rune = Rune()
            let mutable consumed = 0

            match Rune.DecodeFromUtf8(rest, &rune, &consumed) with
            | Buffers.OperationStatus.Done -> rest <- rest.Slice consumed
            | Buffers.OperationStatus.NeedMoreData -> rest <- ReadOnlySpan.Empty
            | _ -> valid <- false

        valid

    let private text (bytes: ReadOnlySpan<byte>) =
        if bytes.IsEmpty || hasControl bytes || not (isUtf8 bytes) then
            None
        else
            let trimmed = bytes.TrimStart " \t\r\n"B

            if startsWith trimmed "{"B || startsWith trimmed "["B then
                Some "application/json"
            elif startsWith trimmed "<svg"B then
                Some "image/svg+xml"
            else
                Some "text/plain"

    let private bySignature (bytes: ReadOnlySpan<byte>) =
        let mutable found = None

        for signature, mediaType in signatures do
            if found.IsNone && startsWith bytes signature then
                found <- Some mediaType

        found

    let private binary (bytes: ReadOnlySpan<byte>) =
        match bySignature bytes with
        | Some mediaType -> Some mediaType
        | None ->
            match contained bytes with
            | Some mediaType -> Some mediaType
            | None when isBitmap bytes -> Some "image/bmp"
            | None when isFrame bytes -> Some "audio/mpeg"
            | None -> None

    /// The media type that the beginning of a file shows, where it shows one.
    let find (beginning: ReadOnlySpan<byte>) : string option =
        let bytes = beginning.Slice(0, min length beginning.Length)

        match binary bytes with
        | Some mediaType -> Some mediaType
        | None -> text bytes

    /// Other names that people give to the types above.
    let private canonical (mediaType: string) =
        match mediaType.ToLowerInvariant() with
        | "image/jpg"
        | "image/pjpeg" -> "image/jpeg"
        | "image/x-png" -> "image/png"
        | "image/x-ms-bmp"
        | "image/x-bmp" -> "image/bmp"
        | "image/tif" -> "image/tiff"
        | "audio/mp3"
        | "audio/x-mp3" -> "audio/mpeg"
        | "audio/wave"
        | "audio/x-wav"
        | "audio/vnd.wave" -> "audio/wav"
        | "audio/x-flac" -> "audio/flac"
        | "application/x-pdf" -> "application/pdf"
        | "application/x-zip-compressed" -> "application/zip"
        | "application/x-gzip" -> "application/gzip"
        | other -> other

    /// Types whose files all begin as `find` knows; what calls itself so and begins otherwise is not what it says.
    let private certain =
        Set [
            "image/png"
            "image/jpeg"
            "image/gif"
            "image/webp"
            "image/bmp"
            "image/tiff"
            "application/pdf"
            "audio/wav"
            "audio/flac"
            "application/gzip"
            "application/x-npy"
        ]

    /// Whether a file that calls itself `declared` may begin like this; types that no signature tells may.
    let agrees (declared: string) (beginning: ReadOnlySpan<byte>) : bool =
        let declared = canonical declared

        if certain.Contains declared then
            find beginning = Some declared
        else
            true
