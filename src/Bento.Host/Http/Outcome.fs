namespace Bento

open System.IO
open Microsoft.AspNetCore.Http

/// The status of an answer whose own was sent before anybody knew how it would end. The log and the figures have this one.
[<Sealed>]
type internal Outcome(status: int) =
    member _.Status = status

    /// Gives an answer its status, sent already or not.
    static member Set(http: HttpContext, status: int) =
        if http.Response.HasStarted then
            http.Features.Set(Outcome status)
        else
            http.Response.StatusCode <- status

    /// What became of a request. An answer that has told its length had its end in hand when it began.
    static member Of(http: HttpContext) : int =
        if http.Response.ContentLength.HasValue then
            http.Response.StatusCode
        else
            match http.Features.Get<Outcome>() with
            | null -> http.Response.StatusCode
            | known -> known.Status

/// Raised to the server when an answer that has begun cannot be finished, so that its caller is not shown a clean end: a
/// body in chunks stays without its last one, a stream of HTTP/2 is reset. Why has been logged before.
[<Sealed>]
type internal AnswerBrokenOff(requestId: string) =
    inherit
        IOException(
            $"The answer to request {requestId} is broken off, as it failed after it had begun; the log has the reason under the same id."
        )
