namespace Bento

open System
open System.Net.WebSockets
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Features
open Microsoft.AspNetCore.Server.Kestrel.Core.Features
open Microsoft.AspNetCore.WebSockets
open Microsoft.Extensions.Logging.Abstractions
open Microsoft.Extensions.Options

/// From a request to a socket, or to the reasons why not.
[<RequireQualifiedAccess>]
module internal SocketUpgrade =

    /// The methods that an upgrade comes with: GET, and CONNECT over HTTP/2.
    let methods = [ HttpMethods.Get; HttpMethods.Connect ]

    /// Pings keep proxies from closing a connection that is silent, and find callers that vanished without a word.
    let private accepting =
        WebSocketAcceptContext(KeepAliveInterval = seconds 15, KeepAliveTimeout = seconds 60)

    /// What ASP.NET has as a step for all requests: here it teaches one request what a socket is, whatever the application is made of.
    let private teach =
        WebSocketMiddleware(
            RequestDelegate(fun _ -> Task.CompletedTask),
            Options.Create(WebSocketOptions()),
            NullLoggerFactory.Instance
        )

    /// Whether a page of that origin is one of this host's own.
    let isSameOrigin (origin: string) isHttps (host: HostString) =
        match Uri.TryCreate(origin, UriKind.Absolute) with
        // A page that came in the clear may be anybody's. The other way round a proxy may have ended TLS.
        | true, (NonNull origin) when isHttps && origin.Scheme <> Uri.UriSchemeHttps -> false
        | true, (NonNull origin) ->
            origin.Host.Equals(host.Host, StringComparison.OrdinalIgnoreCase)
            && if host.Port.HasValue then
                   origin.Port = host.Port.Value
               else
                   origin.IsDefaultPort
        | _ -> false

    /// Browsers let any page open a socket anywhere, with the cookies of whoever sees it, and leave it to the server to ask
    /// where the page is from. Others than browsers send no origin.
    let private isTrusted (http: HttpContext) =
        let origin = http.Request.Headers.Origin

        origin.Count = 0
        || isSameOrigin (string origin) http.Request.IsHttps http.Request.Host

    let private noUpgrade (card: EndpointCard) (http: HttpContext) =
        let status =
            if HttpProtocol.IsHttp11 http.Request.Protocol then
                http.Response.Headers.Upgrade <- "websocket"
                http.Response.Headers.Connection <- "Upgrade"
                http.Response.Headers.SecWebSocketVersion <- "13"
                StatusCodes.Status426UpgradeRequired
            else
                StatusCodes.Status400BadRequest

        Refusal.plain status $"\"{card.Name}\" is a socket; ask for an upgrade to a WebSocket of version 13."

    let private foreign (http: HttpContext) =
        Refusal.plain
            StatusCodes.Status403Forbidden
            $"The page is from {http.Request.Headers.Origin}, and sockets here are for pages of {http.Request.Host.Value}."

    /// What stands in the way of an upgrade, if anything.
    let refusal (card: EndpointCard) (http: HttpContext) : Task<Refusal option> = task {
        do! teach.Invoke http

        return
            if not http.WebSockets.IsWebSocketRequest then
                Some(noUpgrade card http)
            elif not (isTrusted http) then
                Some(foreign http)
            else
                None
    }

    /// A reader who takes his time is no attack here: what bounds it is the time between messages.
    let private liftDataRate (http: HttpContext) =
        match http.Features.Get<IHttpMinResponseDataRateFeature>() with
        | null -> ()
        | feature -> feature.MinDataRate <- null

    /// Makes the request a socket.
    let accept (http: HttpContext) : Task<WebSocket> =
        liftDataRate http
        http.WebSockets.AcceptWebSocketAsync accepting
