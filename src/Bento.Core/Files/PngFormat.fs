namespace Bento

/// What the reader and the writer of PNG files share.
module internal PngFormat =

    let signature = [| 0x89uy; 0x50uy; 0x4Euy; 0x47uy; 0x0Duy; 0x0Auy; 0x1Auy; 0x0Auy |]

    let private table =
        Array.init 256 (fun index ->
            let mutable value = uint32 index

            for _ in 1..8 do
                value <-
                    if value &&& 1u = 1u then
                        0xEDB88320u ^^^ (value >>> 1)
                    else
                        value >>> 1

            value)

    /// The checksum of a chunk: CRC-32 over its type and its data.
    let checksum (bytes: System.ReadOnlySpan<byte>) : uint32 =
        let mutable value = 0xFFFFFFFFu

        for index in 0 .. bytes.Length - 1 do
            value <- table[int ((value ^^^ uint32 bytes[index]) &&& 0xFFu)] ^^^ (value >>> 8)

        ~~~value

    /// What Paeth's filter takes for its neighbours left, above and above left: the nearest to their sum's guess.
    let paeth left above corner =
        let guess = left + above - corner
        let toLeft = abs (guess - left)
        let toAbove = abs (guess - above)
        let toCorner = abs (guess - corner)

        if toLeft <= toAbove && toLeft <= toCorner then left
        elif toAbove <= toCorner then above
        else corner
