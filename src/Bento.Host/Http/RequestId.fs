namespace Bento

open System
open System.Buffers
open Microsoft.AspNetCore.Http

/// The id that joins an answer to the lines of the log.
[<RequireQualifiedAccess>]
module internal RequestId =

    [<Literal>]
    let header = "X-Request-ID"

    [<Literal>]
    let private longest = 128

    let private letters =
        SearchValues.Create "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:/+=@"

    let private isSane (id: string) =
        id.Length > 0
        && id.Length <= longest
        && not (id.AsSpan().ContainsAnyExcept letters)

    let private choose (http: HttpContext) =
        let given = string http.Request.Headers[header]
        if isSane given then given else Guid.NewGuid().ToString "n"

    /// Gives the request its id, the caller's own where that is sane, and puts it on the answer. Asked again, it gives
    /// the same, and where the application has put an id on the answer already, that one.
    let assign (http: HttpContext) =
        match string http.Response.Headers[header] with
        | "" ->
            http.TraceIdentifier <- choose http

            if not http.Response.HasStarted then
                http.Response.Headers[header] <- http.TraceIdentifier
        | present -> http.TraceIdentifier <- present

        http.TraceIdentifier
