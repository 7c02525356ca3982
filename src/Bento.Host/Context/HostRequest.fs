namespace Bento

open System
open System.Collections.Generic
open System.Security.Claims
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Primitives

module private HostFields =

    let private listOf (values: StringValues) : IReadOnlyList<string> = [|
        for value in values do
            match value with
            | null -> ()
            | value -> value
    |]

    let ofHeaders (headers: IHeaderDictionary) : Fields = {
        new Fields() with
            member _.Names = List<string> headers.Keys
            member _.All name = listOf headers[name]
    }

    let ofQuery (query: IQueryCollection) : Fields = {
        new Fields() with
            member _.Names = List<string> query.Keys
            member _.All name = listOf query[name]
    }

    let ofCookies (cookies: IRequestCookieCollection) : Fields = {
        new Fields() with
            member _.Names = List<string> cookies.Keys

            member _.All name =
                match cookies[name] with
                | null -> [||]
                | value -> [| value |]
    }

/// A request as the server has it. Nothing is copied before it is asked for.
[<Sealed>]
type internal HostRequest(http: HttpContext) =
    let mutable source: HttpContext | null = http
    let mutable kept: StoredRequest option = None

    let ask (live: HttpContext -> 'Answer) (stored: Request -> 'Answer) =
        match kept, source with
        | Some kept, _ -> stored kept
        | None, NonNull http -> live http
        | None, _ ->
            invalidOp
                "The request has ended; what is needed of it later is to be read before, or by work given to Response.After."

    /// Copies what there is, for work after the end.
    member this.Keep() = kept <- Some(StoredRequest.copy this)

    /// The server takes its own back.
    member _.End() = source <- null

    interface Request with
        member _.Method = ask _.Request.Method _.Method

        member _.Path =
            ask
                (fun http ->
                    http.Request.PathBase.Add(http.Request.Path).Value
                    |> Option.ofObj
                    |> Option.defaultValue "/")
                _.Path

        member _.Query = ask (fun http -> HostFields.ofQuery http.Request.Query) _.Query

        member _.Headers =
            ask (fun http -> HostFields.ofHeaders http.Request.Headers) _.Headers

        member _.Cookies =
            ask (fun http -> HostFields.ofCookies http.Request.Cookies) _.Cookies

        member _.ClientAddress =
            ask
                (fun http ->
                    match http.Connection.RemoteIpAddress with
                    | null -> null
                    | address -> string address)
                _.ClientAddress

        member _.User: ClaimsPrincipal = ask _.User _.User
