namespace Bento

open System

/// How the lines of the log are written to standard error.
[<RequireQualifiedAccess>]
type LogFormat =
    /// A line for a person.
    | Text
    /// An object for a program, one a line.
    | Json

/// Text that nothing shows: not a log, not a message, not a debugger's `%A`.
[<Sealed; StructuredFormatDisplay("(secret)")>]
type Secret private (text: string) =

    member internal _.Text = text

    /// Hides text.
    static member Of(text: string) = Secret text

    /// Never the text itself.
    override _.ToString() = "(secret)"

/// The certificate of a server that speaks HTTPS, from files.
[<NoComparison; ReferenceEquality>]
type Tls = {
    /// A PEM file with the certificate and those that vouch for it, or a PFX file with the key in it too.
    Certificate: string
    /// The PEM file with the certificate's key; without it, the key stands in the certificate's file.
    Key: string option
    /// What opens an encrypted key.
    KeyPassword: Secret option
}

/// What the server takes of a connection before a service sees anything of it.
type ServerLimits = {
    /// Connections open at once; one more is closed as it comes.
    Connections: int
    /// The first line of a request; a longer one is a 414.
    RequestLine: Memory
    /// All headers of a request together; more is a 431.
    HeadersSize: Memory
    /// How many headers a request may have; more is a 431.
    HeaderCount: int
    /// How long the head of a request may take to come; longer is a 408.
    HeadersTimeout: TimeSpan
    /// How long a connection may stay open without a request.
    KeepAliveTimeout: TimeSpan
    /// How much of a body must come in a second, after the grace; less is a 408.
    BodyRate: Memory
    /// How long a body may come as slowly as it likes.
    BodyRateGrace: TimeSpan
    /// Requests at once on one connection of HTTP/2.
    Streams: int
}

/// Where a service listens, and how it behaves as a server.
[<NoComparison>]
type ServeOptions = {
    /// An IP address, or "localhost". Other machines can only reach one that is theirs to reach.
    Host: string
    /// 0 takes a free port.
    Port: int
    /// A path before every route, the server's own included, as in "/v1"; "" is none.
    Prefix: string
    /// Whether `/` is a page to try the service on.
    Page: bool
    /// How the log is written.
    Log: LogFormat
    /// How long a stop waits for the requests under way.
    Grace: TimeSpan
    /// How long a stop still takes new requests while it says that it is not ready.
    DrainDelay: TimeSpan
    /// HTTPS, with HTTP/1.1 and HTTP/2; plain HTTP without.
    Tls: Tls option
    /// What connections may do.
    Limits: ServerLimits
}
