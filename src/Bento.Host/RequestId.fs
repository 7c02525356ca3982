namespace Bento

open System
open Microsoft.AspNetCore.Http

/// The id that joins an answer to the lines of the log.
[<RequireQualifiedAccess>]
module internal RequestId =

    [<Literal>]
    let header = "X-Request-ID"

    [<Literal>]
    let private longest = 128

    let private isSane (id: string) =
        id.Length > 0
        && id.Length <= longest
        && id
           |> String.forall (fun letter -> Char.IsAsciiLetterOrDigit letter || "-_.:/+=@".Contains letter)

    /// Gives the request its id, the caller's own where that is sane, and puts it on the answer. Asked again, it gives the same.
    let assign (http: HttpContext) =
        if not (http.Response.Headers.ContainsKey header) then
            let given = string http.Request.Headers[header]

            http.TraceIdentifier <- if isSane given then given else Guid.NewGuid().ToString "n"
            http.Response.Headers[header] <- http.TraceIdentifier

        http.TraceIdentifier
