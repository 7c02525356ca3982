namespace Bento

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging
open Microsoft.Extensions.Primitives

/// A worker in a host: its state is behind its endpoints, its threads are for synchronous handlers.
[<NoComparison; NoEquality>]
type internal HostedWorker = { Worker: Worker; Threads: Gate }

/// A cookie in ASP.NET's words.
module private HostCookie =

    let private sameSite (given: Nullable<SameSite>) =
        match Option.ofNullable given with
        | None -> SameSiteMode.Unspecified
        | Some SameSite.None -> SameSiteMode.None
        | Some SameSite.Lax -> SameSiteMode.Lax
        | Some _ -> SameSiteMode.Strict

    let options (cookie: Cookie) =
        let options =
            CookieOptions(
                Path = cookie.Path,
                Domain = cookie.Domain,
                Expires = cookie.Expires,
                MaxAge = cookie.MaxAge,
                Secure = cookie.Secure,
                HttpOnly = cookie.HttpOnly,
                SameSite = sameSite cookie.SameSite
            )

        if cookie.Partitioned then
            options.Extensions.Add "Partitioned"

        options

/// The end of a request whose time is over.
[<RequireQualifiedAccess>]
module internal TimeOver =

    /// What the caller is told, and the log with it.
    let refusal (log: ILogger) (http: HttpContext) (life: Lifespan) : Refusal =
        let blame = life.Blame()
        log.LogInformation("Request {RequestId} to {Path}: {Blame}", http.TraceIdentifier, http.Request.Path, blame)
        Refusal.plain StatusCodes.Status504GatewayTimeout blame

/// The context of a request that has come over HTTP and was admitted. It has a place at the gate until it leaves, and
/// is of no use to anybody but its own handler.
[<Sealed>]
type internal HostContext
    (
        http: HttpContext,
        life: Lifespan,
        worker: HostedWorker,
        metrics: EndpointMetrics,
        logger: ILogger,
        leave: HostedWorker -> unit
    ) =
    inherit Context()

    do metrics.Entered()

    let requestId = http.TraceIdentifier
    let mutable token = CancellationToken.None
    let mutable isPlaceTaken = true
    let mutable isAnswering = false
    let mutable hasSpoken = false
    let mutable isCounted = false
    let mutable hasEnded = false
    let mutable request: HostRequest | null = null
    let mutable response: Bento.Response | null = null
    let mutable directory: TempDirectory | null = null

    /// In milliseconds, more than which a span cannot be.
    static let longest = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond

    let say (http: HttpContext) (response: Bento.Response) =
        for name, values in response.Headers |> Seq.groupBy _.Key.ToLowerInvariant() do
            if name <> "content-type" then
                http.Response.Headers[name] <- StringValues [| for header in values -> header.Value |]

        for cookie in response.Cookies do
            http.Response.Cookies.Append(cookie.Name, cookie.Value, HostCookie.options cookie)

    member _.Http = http
    member _.Life = life
    member _.Hosted = worker
    member _.Metrics = metrics

    /// The request's work has ended: its place is free.
    member _.Leave() =
        if isPlaceTaken then
            isPlaceTaken <- false
            metrics.Left()
            leave worker

    /// The answer is sent, by the handler's own way or in its stead: counts it, once.
    member _.Answered() =
        if not isCounted then
            isCounted <- true
            metrics.Answered(Outcome.Of http, life.Elapsed)

    /// Whether this request's own way is the one to answer; if not, somebody else has: see `Life.LateAnswer`.
    member _.TryAnswer() =
        isAnswering <- isAnswering || life.TryAnswer()
        isAnswering

    /// Puts what the handler said of its answer on the answer, and gives the status.
    member _.Answer() =
        hasSpoken <- true

        match response with
        | null -> StatusCodes.Status200OK
        | said ->
            say http said
            said.Status

    /// What the handler said counts, though its answer has begun and takes no more headers.
    member _.Speak() = hasSpoken <- true

    /// What the handler says of the answer's media type counts more than what the endpoint does.
    member _.MediaType(usual: string) =
        match response with
        | null -> usual
        | said ->
            said.Headers
            |> Seq.tryFind _.Key.Equals("Content-Type", StringComparison.OrdinalIgnoreCase)
            |> Option.map _.Value
            |> Option.defaultValue usual

    /// The work that is to be done after the answer, where what the handler said counts.
    member _.Work: IReadOnlyList<Func<Task>> =
        match response with
        | NonNull said when hasSpoken -> said.Work
        | _ -> [||]

    /// What is not needed any more is let go; what work after the answer may ask of the request is kept.
    member _.End(isNeeded: bool) =
        match request with
        | null when isNeeded ->
            let copied = HostRequest http
            copied.Keep()
            request <- copied
        | null -> ()
        | request ->
            if isNeeded then
                request.Keep()

            request.End()

        hasEnded <- true

    /// Removes the request's directory, where it has one.
    member _.RemoveDirectory() =
        match directory with
        | null -> ()
        | directory ->
            try
                directory.Remove()
            with problem ->
                logger.LogError(problem, "The directory of request {RequestId} could not be removed.", requestId)

    override _.RequestId = requestId

    override _.Cancellation =
        if not token.CanBeCanceled && not hasEnded then
            token <- life.TokenToGive()

        token

    override _.Deadline =
        if hasEnded then
            Nullable()
        else
            let left =
                TimeSpan.FromMilliseconds(min (life.Due - Environment.TickCount64) longest)

            let now = DateTimeOffset.UtcNow

            if left >= DateTimeOffset.MaxValue - now then
                Nullable DateTimeOffset.MaxValue
            else
                Nullable(now + left)

    override _.Request =
        match request with
        | null ->
            let asked = HostRequest http

            match Interlocked.CompareExchange(&request, asked, null) with
            | null ->
                if hasEnded then
                    asked.End()

                asked
            | first -> first
        | request -> request

    override _.Response =
        match response with
        | null ->
            let said = Bento.Response()

            match Interlocked.CompareExchange(&response, said, null) with
            | null -> said
            | first -> first
        | said -> said

    override _.TempDirectory =
        match directory with
        | null ->
            let made = TempDirectory()

            match Interlocked.CompareExchange(&directory, made, null) with
            | null ->
                if hasEnded then
                    made.Remove()

                made.Path
            | first -> first.Path
        | made -> made.Path

    override this.Log = this
    override _.Items = worker.Worker.Kept
    override _.Worker = worker.Worker.Place

    interface Log with
        member _.Write(level, message, cause) =
            logger.Log(HostLog.Level level, cause, "{Message} (request {RequestId})", message, requestId)

    interface LateAnswer with
        member this.Send() : Task =
            let answer: Task<unit> = task {
                metrics.Cancelled CancelledBy.Deadline

                if
                    HttpProtocol.IsHttp11 http.Request.Protocol
                    || HttpProtocol.IsHttp10 http.Request.Protocol
                then
                    // The connection is the handler's until that ends: the caller should take another.
                    http.Response.Headers.Connection <- "close"

                do! Refusal.write http (TimeOver.refusal logger http life)
                do! http.Response.CompleteAsync()
                this.Answered()
            }

            answer
