namespace Bento

open System

/// A picture that a request brought or an answer takes. Its bytes are those of a file; its pixels are decoded when asked for.
[<Sealed>]
type Image(file: File) =

    let decode () : Result<Pixels, string> =
        let bytes = file.ReadAllBytes()

        if PngReader.isPng (ReadOnlySpan bytes) then
            PngReader.read (ReadOnlyMemory bytes)
        else
            let found =
                FileSignature.find (ReadOnlySpan bytes)
                |> Option.defaultValue "of no known type"

            Error $"it is {found}, and only image/png is decoded here; its bytes are in `File`"

    let decoded =
        lazy
            (decode ()
             |> Result.mapError (fun reason -> $"The image \"{file.Name}\" cannot be decoded: {reason}."))

    /// The file itself, for who decodes it in another way.
    member _.File = file

    /// The media type, such as "image/png".
    member _.ContentType = file.ContentType

    /// Why there are no pixels to be had, as a sentence; null where there are.
    member _.Unreadable: string | null =
        match decoded.Value with
        | Ok _ -> null
        | Error reason -> reason

    /// The pixels of a PNG. What cannot be decoded is a `BentoException` of status 400, as the caller sent it.
    member _.Pixels: Pixels =
        match decoded.Value with
        | Ok pixels -> pixels
        | Error reason -> raise (BentoException(400, reason))

    /// A picture whose bytes are in memory; its type is read from them.
    static member OfBytes(name: string, bytes: byte[]) : Image =
        let contentType =
            FileSignature.find (ReadOnlySpan bytes)
            |> Option.defaultValue "application/octet-stream"

        Image(File.OfBytes(name, contentType, bytes))

    /// A PNG of the pixels, to answer with.
    static member OfPixels(name: string, pixels: Pixels) : Image =
        Image(File.OfBytes(name, "image/png", PngWriter.write pixels))
