namespace Bento

open System
open System.Collections.Generic
open System.IO
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Net.Http.Headers

/// From a form or a lone file to a value: what JSON has no place for stands beside it as attachments.
[<RequireQualifiedAccess>]
module internal FormBody =

    let private isIn (faults: Fault list) (fault: Fault) =
        faults
        |> List.exists (fun known -> List.tryHead known.Location = List.tryHead fault.Location)

    /// The faults of the form itself, and those that its JSON has elsewhere.
    let private refuse (reading: JsonReading<'In>) json (faults: Fault list) : Result<'In, Refusal> =
        let others =
            match reading.Codec.Decode json with
            | Ok _ -> []
            | Error others -> others |> List.filter (fun fault -> not (isIn faults fault))

        Error(Refusal.ofFaults (faults @ others))

    /// The files of a request, whose streams end with it.
    let private attachmentsOf (http: HttpContext) =
        let attachments = new Attachments()
        http.Response.RegisterForDispose attachments
        attachments

    let private decode plan (reading: JsonReading<'In>) http (values: IReadOnlyList<struct (string * FormValue)>) =
        let attachments = attachmentsOf http
        let json, faults = Form.toJson plan attachments values

        attachments.Within(fun () ->
            if faults.IsEmpty then
                JsonBody.decode reading json
            else
                refuse reading json faults)

    let private malformed kind message =
        Refusal.plain StatusCodes.Status400BadRequest $"The body is not {kind}: {message}."
        |> Error

    /// The value of a form in one line.
    let ofUrlEncoded plan (reading: JsonReading<'In>) http body : Result<'In, Refusal> =
        match UrlEncoded.read body with
        | Ok values -> decode plan reading http values
        | Error message -> malformed MediaType.form message

    /// The value of a form in parts.
    let ofMultipart
        plan
        (reading: JsonReading<'In>)
        http
        (directory: unit -> string)
        (mediaType: MediaTypeHeaderValue)
        (body: LimitedStream)
        (cancellation: CancellationToken)
        : Task<Result<'In, Refusal>> = task {
        match! Multipart.read (Form.kindOf plan) directory mediaType body cancellation with
        | Ok values -> return decode plan reading http values
        | Error message -> return malformed MediaType.multipart message
    }

    // -- files that are the whole input --------------------------------------------------------------

    let private contentFault message =
        Refusal.ofFaults [
            {
                Location = []
                Kind = "content_type"
                Message = $"body: {message}"
            }
        ]
        |> Error

    /// One file or a list of them, as JSON in which each is its number.
    let private decodeFiles (reading: JsonReading<'In>) http isList (files: Bento.File list) =
        let attachments = attachmentsOf http
        let numbers = files |> List.map (attachments.Add >> string) |> String.concat ","
        let json = if isList then $"[{numbers}]" else numbers
        attachments.Within(fun () -> JsonBody.decode reading (ReadOnlyMemory(Text.Encoding.ASCII.GetBytes json)))

    /// A file's sender may only have guessed its type from its name; a picture must be one.
    let private check content (file: Bento.File) =
        match content with
        | Content.Image -> Form.typeFault None Content.Image file
        | Content.File
        | Content.Stream -> None

    /// The value of a body that is one file, whatever its type is called. Nothing is no file where there may be none.
    let ofFile
        content
        (reading: JsonReading<'In>)
        http
        (directory: unit -> string)
        (declared: string)
        (body: Stream)
        (cancellation: CancellationToken)
        : Task<Result<'In, Refusal>> = task {
        let! file = Spool.take directory "" declared body cancellation

        if file.Length = 0L && reading.Codec.Shape.IsOptional then
            return JsonBody.decode reading ReadOnlyMemory.Empty
        else
            match check content file with
            | Some message -> return contentFault message
            | None -> return decodeFiles reading http false [ file ]
    }

    /// The value of a body whose parts are files, whatever their names are: a list of them, or the only one.
    let ofFiles
        isList
        content
        (reading: JsonReading<'In>)
        http
        (directory: unit -> string)
        (mediaType: MediaTypeHeaderValue)
        (body: LimitedStream)
        (cancellation: CancellationToken)
        : Task<Result<'In, Refusal>> = task {
        match! Multipart.read (fun _ -> ValueSome PartKind.File) directory mediaType body cancellation with
        | Error message -> return malformed MediaType.multipart message
        | Ok parts ->
            let files = [
                for struct (_, value) in parts do
                    match value with
                    | FormValue.Attached file -> file
                    | _ -> ()
            ]

            match files |> List.tryPick (Form.typeFault None content) with
            | Some message -> return contentFault message
            | None when isList || files.Length = 1 -> return decodeFiles reading http isList files
            | None -> return malformed "one file" $"it has {files.Length} parts with a file name"
    }
