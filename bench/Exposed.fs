/// What a server says of itself to Prometheus.
module Bento.Bench.Exposed

open System
open System.Text.RegularExpressions
open System.Threading.Tasks
open Bento.Bench.Client

/// The page of a server's metrics.
let page (address: Uri) : Task<string> = task {
    use caller = new Caller(address)

    match! caller.Ask(request "GET" "/metrics" "" "") with
    | Answered(200, _) -> return caller.Body
    | other -> return invalidOp $"/metrics was answered with {other}."
}

/// The sum of a metric over those of its labels that a pattern finds.
let sumWhere name labels (page: string) =
    Regex.Matches(page, $"(?m)^{name}\{{[^}}]*{labels}[^}}]*\}} (\S+)$")
    |> Seq.sumBy (fun found -> float found.Groups[1].Value)

/// The sum of a metric over all of its labels.
let sumOf name page = sumWhere name "" page
