namespace Bento

open System.IO
open System.IO.Compression

/// What is sent in an encoding. The runtime's own streams take an end in the middle for the end, so that it is seen here.
[<Sealed>]
type internal EncodedStream(inner: Stream, asksPastItsEnd: bool) =
    inherit SeenStream(inner)

    let mutable last = 0u

    /// The last four bytes so far, the first of them lowest.
    member _.Last = last

    override _.Saw bytes =
        if bytes.IsEmpty && not asksPastItsEnd then
            raise (InvalidDataException "It ends in the middle.")

        for one in bytes.Slice(max 0 (bytes.Length - 4)) do
            last <- (last >>> 8) ||| (uint32 one <<< 24)

/// The plain bytes of gzip, whose own last four bytes say how many there must have been.
[<Sealed>]
type internal GunzippedStream(encoded: EncodedStream) =
    inherit SeenStream(new GZipStream(encoded, CompressionMode.Decompress))

    let mutable length = 0u

    override _.Saw bytes =
        length <- length + uint32 bytes.Length

        if bytes.IsEmpty && length <> encoded.Last then
            raise (InvalidDataException "It ends in the middle.")
