namespace Bento.Cli

open System
open System.IO
open System.Net.Http
open System.Net.Mime
open System.Text.Encodings.Web
open System.Text.Json
open System.Threading
open System.Threading.Tasks

/// What is shown of an answer: JSON for a person on a terminal, and the very bytes to a file or a pipe.
[<RequireQualifiedAccess>]
module internal CallAnswer =

    /// Where the body of an answer goes.
    type Destination =
        /// Standard output, and whether a person reads it.
        | Terminal of isPerson: bool
        | File of path: string

    let private indented =
        JsonSerializerOptions(Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, WriteIndented = true)

    let private mediaType (answer: HttpResponseMessage) =
        match answer.Content.Headers.ContentType with
        | null -> ""
        | given -> given.MediaType |> Option.ofObj |> Option.defaultValue ""

    let private isText (mediaType: string) =
        mediaType = ""
        || mediaType.StartsWith("text/", StringComparison.Ordinal)
        || mediaType.EndsWith("json", StringComparison.Ordinal)

    let private pretty (body: string) =
        try
            use document = JsonDocument.Parse body
            JsonSerializer.Serialize(document.RootElement, indented)
        with :? JsonException ->
            body

    let private copyTo (target: Stream) (answer: HttpResponseMessage) (cancellation: CancellationToken) : Task<unit> =
        task {
            use! body = answer.Content.ReadAsStreamAsync cancellation
            let buffer = Array.zeroCreate 16384
            let mutable count = 1

            // Each piece is passed on as it comes, so that a stream is seen while it runs.
            while count > 0 do
                let! read = body.ReadAsync(Memory buffer, cancellation)
                count <- read
                do! target.WriteAsync(ReadOnlyMemory(buffer, 0, read), cancellation)
                do! target.FlushAsync cancellation
        }

    let private toFile (path: string) answer cancellation : Task<unit> = task {
        try
            use file = File.Create path
            do! copyTo file answer cancellation
            eprintfn "Wrote %s, %d bytes." path file.Length
        with
        | :? UnauthorizedAccessException
        | :? DirectoryNotFoundException as problem ->
            raise (CliException $"{path} cannot be written: {problem.Message}")
    }

    let private toPerson (answer: HttpResponseMessage) (cancellation: CancellationToken) : Task<unit> = task {
        match mediaType answer with
        | MediaTypeNames.Application.Json ->
            let! body = answer.Content.ReadAsStringAsync cancellation
            printfn "%s" (pretty body)
        | given when isText given ->
            use output = Console.OpenStandardOutput()
            do! copyTo output answer cancellation
            printfn ""
        | given -> raise (CliException $"The answer is {given}; write it to a file with --output FILE.")
    }

    /// Shows the body of a success.
    let show destination (answer: HttpResponseMessage) (cancellation: CancellationToken) : Task<unit> =
        match destination with
        | File path -> toFile path answer cancellation
        | Terminal true -> toPerson answer cancellation
        | Terminal false -> task {
            use output = Console.OpenStandardOutput()
            do! copyTo output answer cancellation
          }

    // -- failures ------------------------------------------------------------------------------------

    let private property (name: string) (element: JsonElement) =
        match element.ValueKind with
        | JsonValueKind.Object ->
            match element.TryGetProperty name with
            | true, value -> Some value
            | _ -> None
        | _ -> None

    let private word name element =
        match property name element with
        | Some value when value.ValueKind = JsonValueKind.String -> Some(string (value.GetString()))
        | _ -> None

    let private items name element =
        match property name element with
        | Some value when value.ValueKind = JsonValueKind.Array -> List.ofSeq (value.EnumerateArray())
        | _ -> []

    /// `["rows", 0, "x"]` as people write it: "rows[0].x".
    let private path (fault: JsonElement) =
        items "loc" fault
        |> List.map (fun step ->
            if step.ValueKind = JsonValueKind.Number then
                $"[{step}]"
            else
                $".{step}")
        |> String.Concat
        |> _.TrimStart('.')

    let private fault (element: JsonElement) =
        let message = word "msg" element |> Option.defaultValue ""

        match path element with
        | "" -> "  " + message
        | path when message.Contains path -> "  " + message
        | path -> $"  {path}: {message}"

    /// What a problem of RFC 9457 says, in lines for a person; the body itself where it is none.
    let describe (status: int) (body: string) =
        try
            use document = JsonDocument.Parse body
            let root = document.RootElement

            let detail =
                word "detail" root
                |> Option.orElse (word "error" root)
                |> Option.defaultValue (body.Trim())

            let faults = items "errors" root |> List.map fault

            let id =
                word "requestId" root
                |> Option.map (fun id -> $"  request id: {id}")
                |> Option.toList

            String.Join('\n', $"{status}: {detail}" :: (faults @ id))
        with :? JsonException ->
            $"{status}: {body.Trim()}"
