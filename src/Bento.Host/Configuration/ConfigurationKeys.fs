namespace Bento

open System
open System.IO
open System.Text

/// What a key is about, and how its text becomes part of it.
[<NoComparison; NoEquality>]
type internal KeyKind =
    | OfServer of read: (string -> Result<ServeOptions -> ServeOptions, string>) * show: (ServeOptions -> string option)
    | OfService of read: (string -> Result<Setting, string>) * show: (ServiceCard -> string option)
    | OfEndpoint of read: (string -> Result<Setting, string>) * show: (EndpointCard -> string option)
    /// Understood, and of no effect in this version.
    | Awaited

/// One key of the configuration, or one for each service and endpoint.
[<NoComparison; NoEquality>]
type internal Key = {
    /// The words from the root, with `<service>` and `<endpoint>` for names.
    Words: string list
    Kind: KeyKind
    /// A value that is a path is relative to the folder of the file that gives it.
    IsPath: bool
    /// Where nothing about the value is ever shown.
    IsSecret: bool
}

/// All keys that there are.
[<RequireQualifiedAccess>]
module internal ConfigurationKeys =

    let service = "<service>"
    let endpoint = "<endpoint>"

    let private key words kind = {
        Words = words
        Kind = kind
        IsPath = false
        IsSecret = false
    }

    // -- the server ----------------------------------------------------------------------------------

    let private server words read show set =
        key ("server" :: words) (OfServer((fun text -> read text |> Result.map set), show >> Some))

    let private limit word (read: string -> Result<'Value, string>) show set =
        server [ "limits"; word ] read (fun options -> show options.Limits) (fun value options -> {
            options with
                Limits = set value options.Limits
        })

    let private number judge text =
        ConfigurationText.number "a whole number" text |> Result.bind judge

    let private span judge text =
        ConfigurationText.span text |> Result.bind judge

    let private size judge text = Memory.parse text |> Result.bind judge

    let private logFormats = [ "text", LogFormat.Text; "json", LogFormat.Json ]

    let private switches = [ "true", true; "false", false ]

    let private ofServer = [
        server [ "host" ] Listening.host _.Host (fun host options -> { options with Host = host })
        server [ "port" ] (number Listening.port) (_.Port >> string) (fun port options -> { options with Port = port })
        server [ "prefix" ] Listening.prefix _.Prefix (fun prefix options -> { options with Prefix = prefix })
        server
            [ "page" ]
            (ConfigurationText.choice switches)
            (fun options -> if options.Page then "true" else "false")
            (fun page options -> { options with Page = page })
        server
            [ "log" ]
            (ConfigurationText.choice logFormats)
            (fun options -> logFormats |> List.find (fun (_, format) -> format = options.Log) |> fst)
            (fun format options -> { options with Log = format })
        server [ "grace" ] (span Listening.pause) (_.Grace >> ConfigurationText.showSpan) (fun span options -> {
            options with
                Grace = span
        })
        server [ "drainDelay" ] (span Listening.pause) (_.DrainDelay >> ConfigurationText.showSpan) (fun span options -> {
            options with
                DrainDelay = span
        })
        limit "connections" (number Listening.count) (_.Connections >> string) (fun count limits -> {
            limits with
                Connections = count
        })
        limit "requestLine" (size Listening.headSize) (_.RequestLine >> string) (fun size limits -> {
            limits with
                RequestLine = size
        })
        limit "headersSize" (size Listening.headSize) (_.HeadersSize >> string) (fun size limits -> {
            limits with
                HeadersSize = size
        })
        limit "headerCount" (number Listening.count) (_.HeaderCount >> string) (fun count limits -> {
            limits with
                HeaderCount = count
        })
        limit
            "headersTimeout"
            (span Listening.timeout)
            (_.HeadersTimeout >> ConfigurationText.showSpan)
            (fun span limits -> { limits with HeadersTimeout = span })
        limit
            "keepAliveTimeout"
            (span Listening.timeout)
            (_.KeepAliveTimeout >> ConfigurationText.showSpan)
            (fun span limits -> { limits with KeepAliveTimeout = span })
        limit "bodyRate" (size Listening.rate) (_.BodyRate >> string) (fun size limits -> {
            limits with
                BodyRate = size
        })
        limit
            "bodyRateGrace"
            (span Listening.rateGrace)
            (_.BodyRateGrace >> ConfigurationText.showSpan)
            (fun span limits -> { limits with BodyRateGrace = span })
        limit "streams" (number Listening.count) (_.Streams >> string) (fun count limits -> {
            limits with
                Streams = count
        })
    ]

    // -- TLS -----------------------------------------------------------------------------------------

    /// A key without its certificate is found when all is merged; until then the certificate is not there.
    let private withTls change (options: ServeOptions) =
        let tls =
            options.Tls
            |> Option.defaultValue {
                Certificate = ""
                Key = None
                KeyPassword = None
            }

        { options with Tls = Some(change tls) }

    let private file (text: string) =
        if text = "" || text.Contains '\000' then
            Error "the path of a file"
        else
            Ok text

    /// Longer than any password that a person or a program made.
    let private longestPassword = 4_096

    /// A password stands alone on the first line of its file.
    let private firstLine (path: string) =
        try
            use stream = File.OpenRead path
            let buffer = Array.zeroCreate longestPassword

            let count =
                stream.ReadAtLeast(buffer.AsSpan(), buffer.Length, throwOnEndOfStream = false)

            match Encoding.UTF8.GetString(buffer, 0, count).Split([| '\r'; '\n' |]) |> Array.head with
            | "" -> Error "a file whose first line is the password"
            | line -> Ok line
        with
        | :? IOException
        | :? ArgumentException
        | :? UnauthorizedAccessException -> Error "a file that is there and that this user may read"

    let private tls word read show change =
        key [ "server"; "tls"; word ] (OfServer(read >> Result.map (fun value -> withTls (change value)), show))

    let private password secret (tls: Tls) = {
        tls with
            KeyPassword = Some(Secret.Of secret)
    }

    let private ofTls = [
        {
            tls "certificate" file (fun options -> options.Tls |> Option.map _.Certificate) (fun path tls -> {
                tls with
                    Certificate = path
            }) with
                IsPath = true
        }
        {
            tls "key" file (fun options -> options.Tls |> Option.bind _.Key) (fun path tls -> {
                tls with
                    Key = Some path
            }) with
                IsPath = true
                IsSecret = true
        }
        {
            tls "keyPassword" Ok (fun _ -> None) password with
                IsSecret = true
        }
        {
            tls "keyPasswordFile" firstLine (fun _ -> None) password with
                IsPath = true
                IsSecret = true
        }
    ]

    // -- services ------------------------------------------------------------------------------------

    let private ofServiceAt words read show =
        key ("services" :: service :: words) (OfService(read, show))

    let private count setting wanted =
        ConfigurationText.number $"a whole number, {wanted}" >> Result.map setting

    /// Quantities are judged by the rules of the block, which know what is wanted.
    let private amount setting (text: string) = Ok(setting (Written text))

    let private time setting =
        ConfigurationText.span >> Result.map setting

    let private orDefault show fallback value =
        value |> Option.defaultValue fallback |> show |> Some

    let private fallbacks = [ "cpu", Fallback.Cpu ]

    let private ofServices = [
        ofServiceAt [ "workers" ] (count Setting.Workers "one or more") (_.Workers >> string >> Some)
        ofServiceAt [ "threads" ] (count Setting.Threads "one or more") (Threads.count >> string >> Some)
        ofServiceAt [ "resources"; "cpu" ] (amount Setting.Cpu) (_.Resources.Cpu >> Option.map string)
        ofServiceAt [ "resources"; "memory" ] (amount Setting.Memory) (_.Resources.Memory >> Option.map string)
        ofServiceAt [ "resources"; "gpu" ] (amount Setting.Gpu) (_.Resources.Gpu >> Option.map string)
        ofServiceAt
            [ "resources"; "fallback" ]
            (ConfigurationText.choice fallbacks >> Result.map Setting.Fallback)
            (_.Resources.Fallback
             >> Option.map (fun given -> fallbacks |> List.find (fun (_, known) -> known = given) |> fst))
        ofServiceAt
            [ "traffic"; "concurrency" ]
            (count Setting.Concurrency "one or more")
            (_.Traffic.Concurrency >> orDefault string Defaults.concurrency)
        ofServiceAt
            [ "traffic"; "queue" ]
            (count Setting.Queue "zero or more")
            (_.Traffic.Queue >> orDefault string Defaults.queue)
        ofServiceAt
            [ "traffic"; "timeout" ]
            (time Setting.Timeout)
            (_.Traffic.Timeout >> orDefault ConfigurationText.showSpan Defaults.timeout)
        ofServiceAt
            [ "traffic"; "idle" ]
            (time Setting.Idle)
            (_.Traffic.Idle >> orDefault ConfigurationText.showSpan Defaults.idle)
        ofServiceAt
            [ "traffic"; "heartbeat" ]
            (time Setting.Heartbeat)
            (_.Traffic.Heartbeat >> orDefault ConfigurationText.showSpan Defaults.heartbeat)
        ofServiceAt
            [ "traffic"; "bodyLimit" ]
            (amount Setting.BodyLimit)
            (_.Traffic.BodyLimit >> orDefault string Defaults.bodyLimit)
        key [ "services"; service; "url" ] Awaited
    ]

    let private ofEndpointAt word read show =
        key [ "services"; service; "endpoints"; endpoint; word ] (OfEndpoint(read, show))

    /// What is not batched has no such values to show.
    let private ofBatchAt word read show =
        ofEndpointAt word read (_.Batch >> Option.bind show)

    let private truths = [ "true", true; "false", false ]

    let private ofEndpoints = [
        ofEndpointAt "timeout" (time Setting.Timeout) (_.Timeout >> Option.map ConfigurationText.showSpan)
        ofEndpointAt "bodyLimit" (amount Setting.BodyLimit) (_.BodyLimit >> Option.map string)
        ofBatchAt "maxBatch" (count Setting.MaxBatch "one or more") (_.MaxBatch >> orDefault string Defaults.maxBatch)
        ofBatchAt
            "maxDelay"
            (time Setting.MaxDelay)
            (_.MaxDelay >> orDefault ConfigurationText.showSpan Defaults.maxDelay)
        ofBatchAt "inFlight" (count Setting.InFlight "one or more") (_.InFlight >> Option.map string)
        ofBatchAt "retry" (ConfigurationText.choice truths >> Result.map Setting.Retry) (fun batch ->
            let retry = defaultArg batch.Retry Defaults.retry
            truths |> List.find (fun (_, known) -> known = retry) |> fst |> Some)
    ]

    /// Every key, in the order in which the merged truth is printed.
    let all = ofServer @ ofTls @ ofServices @ ofEndpoints
