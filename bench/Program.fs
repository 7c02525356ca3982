module Bento.Bench.Program

open System
open Bento.Bench

let private help =
    "dotnet fsi build.fsx bench NAME [-- OPTIONS]

  http    an echo beside a bare Kestrel endpoint: --rounds N (8), --requests N a round (20000), --save to bench/results"

let rec private httpOptions (rounds, requests, saved) arguments =
    match arguments with
    | [] -> Some(rounds, requests, saved)
    | "--save" :: rest -> httpOptions (rounds, requests, true) rest
    | "--rounds" :: Number given :: rest -> httpOptions (given, requests, saved) rest
    | "--requests" :: Number given :: rest -> httpOptions (rounds, given, saved) rest
    | _ -> None

and private (|Number|_|) (text: string) =
    match Int32.TryParse text with
    | true, number when number > 0 -> Some number
    | _ -> None

let private misused () =
    eprintfn "%s" help
    2

[<EntryPoint>]
let main arguments =
    match List.ofArray arguments with
    | [ "serve"; role ] -> (Server.run role).Result
    | "http" :: options ->
        match httpOptions (8, 20_000, false) options with
        | Some(rounds, requests, saved) -> (Http.run rounds requests saved).Result
        | None -> misused ()
    | [] ->
        printfn "%s" help
        0
    | name :: _ ->
        eprintfn $"There is no benchmark `%s{name}`.\n"
        misused ()
