namespace Bento

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.WebUtilities
open Microsoft.Net.Http.Headers

/// Bodies in parts, read one part after the other as they come in.
[<RequireQualifiedAccess>]
module internal Multipart =

    /// More parts than these are no form that a person or a program fills in.
    [<Literal>]
    let mostParts = 1024

    [<Literal>]
    let private mostHeaders = 16

    /// Of one part's headers, in bytes.
    [<Literal>]
    let private longestHeaders = 8_192

    /// RFC 2046 has 70.
    [<Literal>]
    let private longestBoundary = 70

    /// Raised for a body that breaks the format, and caught by `read`.
    exception private Malformed of string

    let private malformed message : 'Nothing = raise (Malformed message)

    let private boundaryOf (mediaType: MediaTypeHeaderValue) =
        let boundary = (HeaderUtilities.RemoveQuotes mediaType.Boundary).ToString()

        if boundary = "" then
            malformed "Content-Type gives no boundary"
        elif boundary.Length > longestBoundary then
            malformed $"the boundary is longer than {longestBoundary} characters"

        boundary

    let private (|FormData|_|) (header: string | null) =
        match header with
        | null -> None
        | header ->
            match ContentDispositionHeaderValue.TryParse header with
            | true, NonNull disposition when
                disposition.DispositionType.Equals("form-data", StringComparison.OrdinalIgnoreCase)
                ->
                Some disposition
            | _ -> None

    let private dispositionOf (section: MultipartSection) =
        match section.ContentDisposition with
        | FormData disposition -> disposition
        | _ -> malformed "a part has no Content-Disposition of form-data with a name"

    let private nameOf (disposition: ContentDispositionHeaderValue) =
        match (HeaderUtilities.RemoveQuotes disposition.Name).ToString() with
        | "" -> malformed "a part has no name"
        | name -> name

    /// The name of a part, and that of its file. They are decoded when they are asked for, which fails where they are said
    /// to be in an encoding that the runtime has given up, as UTF-7.
    let private namesOf (section: MultipartSection) : struct (string * string option) =
        try
            let disposition = dispositionOf section
            struct (nameOf disposition, FileName.ofPart disposition)
        with
        | :? NotSupportedException
        | :? ArgumentException -> malformed "the name of a part is in an encoding that is not taken; UTF-8 is"

    let private isJson (section: MultipartSection) =
        match section.ContentType with
        | null -> false
        | given -> MediaType.tryParse given |> Option.exists MediaType.isJson

    let private readAll (source: Stream) (cancellation: CancellationToken) : Task<byte[]> = task {
        use copy = new MemoryStream()
        do! source.CopyToAsync(copy, cancellation)
        return copy.ToArray()
    }

    let private strictUtf8 = UTF8Encoding(false, true)

    let private textOf name (bytes: byte[]) =
        try
            strictUtf8.GetString bytes
        with :? DecoderFallbackException ->
            malformed $"the part \"{name}\" is not UTF-8"

    let private declared (section: MultipartSection) =
        section.ContentType |> Option.ofObj |> Option.defaultValue ""

    let private header (name: string) (section: MultipartSection) =
        match section.Headers with
        | null -> ""
        | headers ->
            match headers.TryGetValue name with
            | true, given -> string given
            | _ -> ""

    /// Whether a part without a file's name is a file all the same.
    let private isFile kind (section: MultipartSection) =
        kind = PartKind.File && not (isNull section.ContentType) && not (isJson section)

    /// One part at its field: a file where the field is one or a file was attached, a tensor where it is one as bytes,
    /// else JSON or text.
    let private value kind directory name (fileName: string option) (section: MultipartSection) cancellation = task {
        let take () =
            Spool.take directory (Option.defaultValue "" fileName) (declared section) section.Body cancellation

        match fileName with
        | _ when kind = PartKind.Tensor && TensorBody.isBytes (declared section) ->
            let! file = take ()
            let element = header TensorBody.elementHeader section
            return FormValue.Tensor(file, element, header TensorBody.shapeHeader section)
        | Some _ ->
            let! file = take ()
            return FormValue.Attached file
        | None when isFile kind section ->
            let! file = take ()
            return FormValue.Attached file
        | None ->
            let! bytes = readAll section.Body cancellation

            if isJson section then
                return FormValue.Json bytes
            else
                return FormValue.Bare(textOf name bytes)
    }

    let private collect wanted directory mediaType (body: LimitedStream) (cancellation: CancellationToken) = task {
        let reader =
            MultipartReader(
                boundaryOf mediaType,
                body,
                HeadersCountLimit = mostHeaders,
                HeadersLengthLimit = longestHeaders
            )

        let values = List<struct (string * FormValue)>()
        let mutable count = 0
        let! first = reader.ReadNextSectionAsync cancellation
        let mutable section = first

        while not (isNull section) do
            let part = nonNull section
            let struct (name, fileName) = namesOf part
            count <- count + 1

            if count > mostParts then
                malformed $"it has more than {mostParts} parts"

            match wanted name with
            | ValueSome kind ->
                let! value = value kind directory name fileName part cancellation
                values.Add(struct (name, value))
            | ValueNone ->
                do! part.Body.CopyToAsync(Stream.Null, cancellation)
                values.Add(struct (name, FormValue.Bare ""))

            let! next = reader.ReadNextSectionAsync cancellation
            section <- next

        return values :> IReadOnlyList<_>
    }

    /// The parts of a body by name, in their order, or what is wrong with its format. `wanted` says of a name what its parts
    /// are taken for, or that nothing is read of them.
    let read
        (wanted: string -> PartKind voption)
        (directory: unit -> string)
        (mediaType: MediaTypeHeaderValue)
        (body: LimitedStream)
        (cancellation: CancellationToken)
        : Task<Result<IReadOnlyList<struct (string * FormValue)>, string>> = task {
        try
            let! values = collect wanted directory mediaType body cancellation
            return Ok values
        with
        | Malformed message -> return Error message
        // Whatever the reader says once the last byte is there is about the bytes.
        | :? InvalidDataException as problem -> return Error(problem.Message.TrimEnd '.')
        | :? IOException when body.Ended -> return Error "it ends in the middle"
    }
