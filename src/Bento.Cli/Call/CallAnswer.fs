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

    /// An answer that has begun, as somebody waits for it.
    [<NoComparison; NoEquality>]
    type Coming = {
        Answer: HttpResponseMessage
        /// How long each piece may take to come. Whoever reads what has come takes the time that they take.
        Patience: Patience
    } with

        member this.Cancellation = this.Patience.Token

    let private whereToLook (answer: HttpResponseMessage) =
        match answer.Headers.TryGetValues "X-Request-ID" with
        | true, (NonNull ids) -> $" The service's log has the reason under request id {Seq.head ids}."
        | _ -> ""

    /// What was first to go wrong, in its words.
    let rec innermost (problem: exn) : string =
        match problem.InnerException with
        | null -> problem.Message
        | inner -> innermost inner

    let private brokenOff answer after (problem: exn) =
        CliException $"The answer broke off{after}: {innermost problem}{whereToLook answer}"

    let private readPiece (coming: Coming) (body: Stream) (buffer: byte[]) (received: int64) : Task<int> = task {
        try
            return! body.ReadAsync(Memory buffer, coming.Cancellation)
        with problem when (problem :? IOException || problem :? InvalidDataException) ->
            return raise (brokenOff coming.Answer $" after {received} bytes" problem)
    }

    /// The most that is kept in memory of an answer.
    [<Literal>]
    let private Largest = 16777216L

    /// The whole body of an answer, as text; nothing where it is larger than what is kept.
    let tryTextOf (answer: HttpResponseMessage) (cancellation: CancellationToken) : Task<string option> = task {
        try
            do! answer.Content.LoadIntoBufferAsync(Largest, cancellation)
            let! text = answer.Content.ReadAsStringAsync cancellation
            return Some text
        with
        | :? HttpRequestException as problem when problem.HttpRequestError = HttpRequestError.ConfigurationLimitExceeded ->
            return None
        | problem when (problem :? HttpRequestException || problem :? InvalidDataException) ->
            return raise (brokenOff answer "" problem)
    }

    /// The same, of an answer that is to be shown.
    let textOf (answer: HttpResponseMessage) (cancellation: CancellationToken) : Task<string> = task {
        match! tryTextOf answer cancellation with
        | Some text -> return text
        | None ->
            return
                raise (
                    CliException
                        $"The answer is larger than {Largest} bytes, too large to be shown; write it to a file with --output FILE."
                )
    }

    /// Where an answer sends whoever asked.
    let placeElsewhere (answer: HttpResponseMessage) : string option =
        match answer.Headers.Location with
        | NonNull place when int answer.StatusCode / 100 = 3 -> Some(string place)
        | _ -> None

    /// Passes each piece on as it comes, so that a stream is seen while it runs. Gives the last byte, a line end for none.
    let private copyTo (target: Stream) (coming: Coming) : Task<byte> = task {
        use! body = coming.Answer.Content.ReadAsStreamAsync coming.Cancellation
        let buffer = Array.zeroCreate 16384
        let mutable received = 0L
        let mutable last = '\n'B
        let mutable isWhole = false

        while not isWhole do
            let! count = readPiece coming body buffer received

            if count = 0 then
                isWhole <- true
            else
                coming.Patience.Rest()
                received <- received + int64 count
                last <- buffer[count - 1]
                do! target.WriteAsync(ReadOnlyMemory(buffer, 0, count), coming.Cancellation)
                do! target.FlushAsync coming.Cancellation
                coming.Patience.Renew()

        return last
    }

    let private toFile (path: string) coming : Task<unit> = task {
        try
            use file = File.Create path
            let! _ = copyTo file coming
            eprintfn "Wrote %s, %d bytes." path file.Length
        with
        | :? UnauthorizedAccessException
        | :? DirectoryNotFoundException as problem ->
            raise (CliException $"{path} cannot be written: {problem.Message}")
    }

    let private toPerson (coming: Coming) : Task<unit> = task {
        match mediaType coming.Answer with
        | MediaTypeNames.Application.Json ->
            let! body = textOf coming.Answer coming.Cancellation
            printfn "%s" (pretty body)
        | given when isText given ->
            use output = Console.OpenStandardOutput()
            let! last = copyTo output coming

            if last <> '\n'B then
                printfn ""
        | given -> raise (CliException $"The answer is {given}; write it to a file with --output FILE.")
    }

    /// Shows the body of a success.
    let show destination (coming: Coming) : Task<unit> =
        match destination with
        | File path -> toFile path coming
        | Terminal true -> toPerson coming
        | Terminal false -> task {
            use output = Console.OpenStandardOutput()
            let! _ = copyTo output coming
            ()
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
