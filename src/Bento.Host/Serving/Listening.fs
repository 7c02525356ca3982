namespace Bento

open System
open System.Net
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Server.Kestrel.Core
open Microsoft.AspNetCore.Server.Kestrel.Https

/// From options to a server that listens as they say. What cannot be is refused before anything starts.
[<RequireQualifiedAccess>]
module internal Listening =

    /// Kestrel reads the head of a request into a buffer of this size.
    let private headBuffer = Bytes(1L <<< 20)

    let private longest = TimeSpan.FromDays 1.

    let port (port: int) =
        if port >= IPEndPoint.MinPort && port <= IPEndPoint.MaxPort then
            Ok port
        else
            Error $"a port from 1 to {IPEndPoint.MaxPort}, or 0 for a free one"

    let host (host: string) =
        if host = "localhost" || fst (IPAddress.TryParse host) then
            Ok host
        else
            Error "an IP address such as 127.0.0.1, 0.0.0.0 or ::1, or localhost"

    let prefix (prefix: string) =
        let isSegment (segment: string) =
            segment <> ""
            && segment <> "."
            && segment <> ".."
            && segment
               |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || "-_.~".Contains c)

        if
            prefix = ""
            || prefix.StartsWith '/' && prefix.Substring(1).Split '/' |> Array.forall isSegment
        then
            Ok prefix
        else
            Error "a path such as \"/v1\", without a slash at its end, or nothing"

    let spanFrom (least: TimeSpan) (span: TimeSpan) =
        if span >= least && span <= longest then
            Ok span
        else
            Error $"a span from {least.TotalSeconds} s to a day"

    /// Kestrel looks at its clock once a second.
    let timeout = spanFrom (TimeSpan.FromSeconds 1.)

    let rateGrace = spanFrom (TimeSpan.FromSeconds 2.)

    let pause = spanFrom TimeSpan.Zero

    let count (number: int) =
        if number > 0 then Ok number else Error "one or more"

    let headSize (size: Memory) =
        if size > Bytes 0L && size <= headBuffer then
            Ok size
        else
            Error $"bytes above zero, up to {headBuffer}"

    let rate (size: Memory) =
        if size > Bytes 0L then
            Ok size
        else
            Error "bytes a second, above zero"

    /// What is wrong with options, a sentence each.
    let private problems (options: ServeOptions) =
        let limits = options.Limits

        let wrong what (shown: string) (verdict: Result<'Value, string>) =
            match verdict with
            | Ok _ -> []
            | Error wanted -> [ $"{what} \"{shown}\": wanted {wanted}" ]

        let wrongSpan what verdict (span: TimeSpan) = wrong what (string span) (verdict span)
        let wrongSize what verdict (size: Memory) = wrong what (string size) (verdict size)

        let wrongCount what number =
            wrong what (string number) (count number)

        [
            yield! wrong "The host" options.Host (host options.Host)
            yield! wrong "The port" (string options.Port) (port options.Port)
            yield! wrong "The prefix" options.Prefix (prefix options.Prefix)
            yield! wrongSpan "The grace" pause options.Grace
            yield! wrongSpan "The drain delay" pause options.DrainDelay
            yield! wrongCount "The limit of connections" limits.Connections
            yield! wrongSize "The limit of the request line" headSize limits.RequestLine
            yield! wrongSize "The limit of the headers' size" headSize limits.HeadersSize
            yield! wrongCount "The limit of the headers' count" limits.HeaderCount
            yield! wrongSpan "The timeout of headers" timeout limits.HeadersTimeout
            yield! wrongSpan "The timeout of an idle connection" timeout limits.KeepAliveTimeout
            yield! wrongSize "The rate of a body" rate limits.BodyRate
            yield! wrongSpan "The grace of a body's rate" rateGrace limits.BodyRateGrace
            yield! wrongCount "The limit of streams" limits.Streams
        ]

    /// A sentence without the name of a parameter, which whoever typed a command never saw.
    let private refuse (sentences: string list) =
        raise (ArgumentException(String.Join(" ", sentences |> List.map (fun sentence -> sentence + "."))))

    let private limit (kestrel: KestrelServerOptions) (limits: ServerLimits) =
        let (Bytes requestLine) = limits.RequestLine
        let (Bytes headersSize) = limits.HeadersSize
        let (Bytes bodyRate) = limits.BodyRate
        let given = kestrel.Limits
        given.MaxConcurrentConnections <- int64 limits.Connections
        given.MaxRequestLineSize <- int requestLine
        given.MaxRequestHeadersTotalSize <- int headersSize
        given.MaxRequestHeaderCount <- limits.HeaderCount
        given.RequestHeadersTimeout <- limits.HeadersTimeout
        given.KeepAliveTimeout <- limits.KeepAliveTimeout
        given.MinRequestBodyDataRate <- MinDataRate(float bodyRate, limits.BodyRateGrace)
        given.Http2.MaxStreamsPerConnection <- limits.Streams

    let private secure (identity: Identity) (listen: ListenOptions) =
        listen.UseHttps(
            HttpsConnectionAdapterOptions(ServerCertificate = identity.Own, ServerCertificateChain = identity.Chain)
        )
        |> ignore

    /// How a server is told to listen. Raises `ArgumentException` with everything that is wrong with the options.
    let plan (options: ServeOptions) : KestrelServerOptions -> unit =
        match problems options with
        | [] -> ()
        | sentences -> refuse sentences

        let identity =
            options.Tls
            |> Option.map (fun tls ->
                match Certificates.read DateTime.Now tls with
                | Ok identity -> identity
                | Error sentence -> refuse [ $"TLS: {sentence}" ])

        fun kestrel ->
            let configure (listen: ListenOptions) =
                identity |> Option.iter (fun identity -> secure identity listen)

            kestrel.AddServerHeader <- false
            limit kestrel options.Limits

            match IPAddress.TryParse options.Host with
            | true, (NonNull address) -> kestrel.Listen(address, options.Port, configure)
            | _ when options.Port = 0 -> kestrel.Listen(IPAddress.Loopback, 0, configure)
            | _ -> kestrel.ListenLocalhost(options.Port, configure)
