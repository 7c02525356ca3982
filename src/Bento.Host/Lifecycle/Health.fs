namespace Bento

open System
open System.Net.Mime
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// Why a service is not as it should be, and which worker, where it is one.
type private Reason = {
    Service: string
    Worker: int option
    Text: string
}

/// What probes ask: whether the process lives, whether its services take requests, and how it is doing.
[<RequireQualifiedAccess>]
module internal Health =

    let private answer (http: HttpContext) (status: int) (write: Utf8JsonWriter -> unit) : Task =
        RequestId.assign http |> ignore
        Response.send http status MediaTypeNames.Application.Json (Response.jsonObject write)

    /// Asks all checks at once.
    let private ask (host: ServiceHost) (checks: Check list) : Task<Reason list> = task {
        let! answers = Task.WhenAll [ for check in checks -> check.Ask() ]

        return [
            for check, answer in List.zip checks (List.ofArray answers) do
                match answer with
                | None -> ()
                | Some text -> {
                    Service = host.Definition.Name
                    Worker = Some check.Worker
                    Text = text
                  }
        ]
    }

    let private writeReasons (writer: Utf8JsonWriter) (reasons: Reason list) =
        if not reasons.IsEmpty then
            writer.WriteStartArray "reasons"

            for reason in reasons do
                writer.WriteStartObject()
                writer.WriteString("service", reason.Service)

                reason.Worker
                |> Option.iter (fun worker -> writer.WriteNumber("worker", worker))

                writer.WriteString("reason", reason.Text)
                writer.WriteEndObject()

            writer.WriteEndArray()

    let private unavailable (http: HttpContext) =
        http.Response.Headers.RetryAfter <- "1"
        StatusCodes.Status503ServiceUnavailable

    /// 200 for as long as the process answers at all and no `onAlive` says otherwise.
    let live (runtime: Runtime) (http: HttpContext) : Task =
        let run: Task<unit> = task {
            let! reasons =
                Task.WhenAll [ for host in runtime.Hosts -> ask host host.AliveChecks ]

            match List.concat reasons with
            | [] -> do! answer http StatusCodes.Status200OK (fun writer -> writer.WriteString("status", "alive"))
            | reasons ->
                do!
                    answer http (unavailable http) (fun writer ->
                        writer.WriteString("status", "not alive")
                        writeReasons writer reasons)
        }

        run

    /// The state of a service in a word, and what keeps it from being ready.
    let private readiness (host: ServiceHost) : Task<string * Reason list> = task {
        let reason worker text = {
            Service = host.Definition.Name
            Worker = worker
            Text = text
        }

        match host.Stage with
        | Stage.Ready ->
            match! ask host host.ReadyChecks with
            | [] -> return "ready", []
            | reasons -> return "not ready", reasons
        | Stage.Starting -> return "starting", [ reason host.StartingWorker "is starting" ]
        | Stage.Stopping -> return "stopping", [ reason None "is stopping" ]
    }

    /// 200 when every service is ready, else 503 with what stands in the way; either way the state of each, and in "reload"
    /// why a new definition did not take the place of the one that answers.
    let ready (runtime: Runtime) (http: HttpContext) : Task =
        let run: Task<unit> = task {
            let! states = Task.WhenAll [ for host in runtime.Hosts -> readiness host ]
            let reasons = states |> Seq.collect snd |> List.ofSeq
            let isReady = reasons.IsEmpty

            let status =
                if isReady then
                    StatusCodes.Status200OK
                else
                    unavailable http

            do!
                answer http status (fun writer ->
                    writer.WriteString("status", (if isReady then "ready" else "not ready"))
                    writer.WriteStartObject "services"

                    for host, (state, _) in Seq.zip runtime.Hosts states do
                        writer.WriteString(host.Definition.Name, state)

                    writer.WriteEndObject()

                    runtime.Notice
                    |> Option.iter (fun notice -> writer.WriteString("reload", notice))

                    writeReasons writer reasons)
        }

        run

    /// The figures of every endpoint and of the process, as Prometheus reads them.
    let metrics (runtime: Runtime) (http: HttpContext) : Task =
        RequestId.assign http |> ignore
        let text = Exposition.text (runtime.Metrics.Families @ ProcessFigures.families ())
        Response.send http StatusCodes.Status200OK Exposition.mediaType (ReadOnlyMemory(Encoding.UTF8.GetBytes text))
