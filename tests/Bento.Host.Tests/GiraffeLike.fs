/// Giraffe's own types and the few of its functions that a handler of ours meets, as Giraffe has them.
module Bento.Hosting.Tests.GiraffeLike

open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http

type HttpFuncResult = Task<HttpContext option>
type HttpFunc = HttpContext -> HttpFuncResult
type HttpHandler = HttpFunc -> HttpFunc

let private skip: HttpFuncResult = Task.FromResult None

let compose (first: HttpHandler) (second: HttpHandler) : HttpHandler =
    fun final ->
        let both = final |> second |> first

        fun http -> if http.Response.HasStarted then final http else both http

let (>=>) = compose

let rec private firstOf (functions: HttpFunc list) : HttpFunc =
    fun http -> task {
        match functions with
        | [] -> return None
        | first :: rest ->
            match! first http with
            | Some http -> return Some http
            | None -> return! firstOf rest http
    }

let choose (handlers: HttpHandler list) : HttpHandler =
    fun next -> handlers |> List.map (fun handler -> handler next) |> firstOf

let private matched (http: HttpContext) =
    match http.Items.TryGetValue "giraffe_route" with
    | true, (:? string as part) -> part
    | _ -> ""

let private path (http: HttpContext) =
    (string http.Request.Path).Substring (matched http).Length

let route (wanted: string) : HttpHandler =
    fun next http -> if path http = wanted then next http else skip

let subRoute (prefix: string) (inner: HttpHandler) : HttpHandler =
    fun next http -> task {
        if (path http).StartsWith prefix then
            let before = matched http
            http.Items["giraffe_route"] <- before + prefix
            let! result = inner next http

            if result.IsNone then
                http.Items["giraffe_route"] <- before

            return result
        else
            return None
    }

let text (answer: string) : HttpHandler =
    fun _ http -> task {
        do! http.Response.WriteAsync answer
        return Some http
    }

/// Giraffe's middleware: what its tree passes over goes on to the rest of the application.
let useTree (tree: HttpHandler) (app: IApplicationBuilder) =
    let handle = tree (fun http -> Task.FromResult(Some http))

    app.Use(fun (http: HttpContext) (next: RequestDelegate) ->
        let run: Task<unit> = task {
            let! result = handle http

            if result.IsNone then
                do! next.Invoke http
        }

        run :> Task)
    |> ignore
