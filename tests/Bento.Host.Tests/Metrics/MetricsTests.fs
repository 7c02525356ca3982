module Bento.Hosting.Tests.MetricsTests

open System
open System.Collections.Concurrent
open System.Collections.Generic
open System.Diagnostics.Metrics
open System.Net.Http
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.ExpositionTests
open Bento.Hosting.Tests.Wire

/// A service one of whose requests waits until it is let go.
[<Sealed>]
type private Held() =
    let entered =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let gate = TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    member _.Entered = within entered.Task
    member _.Release() = gate.TrySetResult() |> ignore

    member _.Service = service {
        endpoint "hold" { route "/v1/hold" }
        name "held"
        api "add" (fun (number: int) -> number + 1)
        api "fail" (fun () -> raise (InvalidOperationException "no"): int)

        api "hold" (fun (context: Context<unit>) () -> task {
            entered.TrySetResult() |> ignore
            do! gate.Task.WaitAsync context.Cancellation
            return 1
        })
    }

let private at route = [ "service", "held"; "endpoint", route ]

/// Reads figures until they are as they should be: some are counted when the answer is out already.
let private until (client: HttpClient) (holds: Figure list -> bool) : Task<Figure list> = task {
    use patience = new CancellationTokenSource(TimeSpan.FromSeconds 30.)
    let! first = scrape client
    let mutable figures = first

    while not (holds figures) do
        do! Task.Delay(10, patience.Token)
        let! next = scrape client
        figures <- next

    return figures
}

[<Fact>]
let ``requests are counted by service, endpoint and status`` () : Task = task {
    let! server, client = App.serving (Held()).Service
    use _ = client
    use _ = server

    for _ in 1..3 do
        let! _ = postJson client "/add" "1"
        ()

    let! _ = postJson client "/add" "\"one\""
    let! _ = post client "/fail" "" [||]

    let count route status =
        value "bento_requests_total" (at route @ [ "status", status ])

    let! figures =
        until client (fun figures -> value "bento_requests_total" [] figures = 5.)

    Assert.Equal(3., count "/add" "200" figures)
    Assert.Equal(1., count "/add" "400" figures)
    Assert.Equal(1., count "/fail" "500" figures)
    Assert.Equal(3., value "bento_request_duration_seconds_count" (at "/add" @ [ "status", "200" ]) figures)
}

[<Fact>]
let ``durations are a histogram whose buckets hold the ones before`` () : Task = task {
    let held = Held()
    let! server, client = App.serving held.Service
    use _ = client
    use _ = server
    let asked = post client "/v1/hold" "" [||]
    do! held.Entered
    do! Task.Delay 60
    held.Release()
    let! _ = asked

    let! figures =
        until client (fun figures -> value "bento_requests_total" [] figures = 1.)

    let buckets =
        figures
        |> List.filter (fun figure -> figure.Name = "bento_request_duration_seconds_bucket")
        |> List.map (fun figure -> figure.Labels["le"], figure.Value)

    Assert.Equal<(string * float) list>(List.sortBy snd buckets, buckets)
    Assert.Equal(("+Inf", 1.), List.last buckets)
    Assert.Contains(("0.05", 0.), buckets)
    let sum = value "bento_request_duration_seconds_sum" (at "/v1/hold") figures
    Assert.True(sum > 0.05, $"{sum} s")

    let below =
        buckets |> List.filter (fun (limit, _) -> limit <> "+Inf" && float limit < sum)

    Assert.All(below, fun (_, count) -> Assert.Equal(0., count))
}

[<Fact>]
let ``a request is in progress until its work has ended`` () : Task = task {
    let held = Held()
    let! server, client = App.serving held.Service
    use _ = client
    use _ = server
    let inProgress = value "bento_requests_in_progress" (at "/v1/hold")
    let! before = scrape client
    Assert.Equal(0., inProgress before)
    let asked = post client "/v1/hold" "" [||]
    do! held.Entered
    let! during = scrape client
    Assert.Equal(1., inProgress during)
    held.Release()
    let! _ = asked
    let! _ = until client (fun figures -> inProgress figures = 0.)
    ()
}

[<Fact>]
let ``a caller that leaves is a cancellation and a 499`` () : Task = task {
    let held = Held()
    let! server, client = App.serving held.Service
    use _ = client
    use _ = server
    use! socket = connect server.Address
    do! sendText socket (head "POST" "/v1/hold" [ "Content-Length: 0" ])
    do! held.Entered
    socket.Close()

    let! figures =
        until client (fun figures -> value "bento_requests_total" [ "status", "499" ] figures = 1.)

    Assert.Equal(1., value "bento_requests_cancelled_total" (at "/v1/hold" @ [ "cause", "caller" ]) figures)
    Assert.Equal(0., value "bento_requests_in_progress" [] figures)
}

[<Fact>]
let ``whatever path is asked for, the labels stay the same`` () : Task = task {
    let! server, client = App.serving (Held()).Service
    use _ = client
    use _ = server

    for number in 1..50 do
        let! answer = get client $"/nothing/{number}"
        problem 404 answer |> ignore
        let! _ = postJson client $"/add?number={number}" "1"
        ()

    let! _ = get client "/add"

    let! figures =
        until client (fun figures -> value "bento_requests_total" [] figures = 101.)

    Assert.Equal(50., value "bento_requests_total" [ "endpoint", "unknown"; "status", "404" ] figures)
    Assert.Equal(1., value "bento_requests_total" [ "endpoint", "unknown"; "status", "405" ] figures)

    let endpoints =
        figures
        |> List.choose (fun figure -> figure.Labels |> Map.tryFind "endpoint")
        |> List.distinct

    Assert.Equal<string list>([ "/add"; "/fail"; "/v1/hold"; "unknown" ], List.sort endpoints)
}

[<Fact>]
let ``probes are no requests`` () : Task = task {
    let! server, client = App.serving (Held()).Service
    use _ = client
    use _ = server

    for path in [ "/livez"; "/readyz"; "/healthz"; "/metrics" ] do
        let! answer = get client path
        Assert.Equal(200, answer.Status)

    let! figures = scrape client
    Assert.Equal(0., value "bento_requests_total" [] figures)
}

[<Fact>]
let ``every reason and cause is there from the start, at zero`` () : Task = task {
    let! server, client = App.serving (Held()).Service
    use _ = client
    use _ = server
    let! figures = scrape client

    let words name label =
        figures
        |> List.filter (fun figure -> figure.Name = name && figure.Labels["endpoint"] = "/add")
        |> List.map (fun figure -> figure.Labels[label], figure.Value)

    Assert.Equal<(string * float) list>(
        [ "overload", 0.; "not_ready", 0. ],
        words "bento_requests_refused_total" "reason"
    )

    Assert.Equal<(string * float) list>(
        [ "deadline", 0.; "caller", 0.; "shutdown", 0. ],
        words "bento_requests_cancelled_total" "cause"
    )

    Assert.Contains(figures, fun figure -> figure.Name = "bento_requests_waiting" && figure.Value = 0.)
}

[<Fact>]
let ``the process tells what it uses`` () : Task = task {
    let! server, client = App.serving (Held()).Service
    use _ = client
    use _ = server
    let! figures = scrape client
    let figure name = value name [] figures
    Assert.True(figure "process_cpu_seconds_total" > 0.)
    Assert.True(figure "process_resident_memory_bytes" > 1e6)
    Assert.True(figure "process_num_threads" > 1.)
    Assert.True(figure "dotnet_total_memory_bytes" > 1e4)
    Assert.True(figure "dotnet_allocated_bytes_total" > 1e4)

    let age =
        float (DateTimeOffset.UtcNow.ToUnixTimeSeconds())
        - figure "process_start_time_seconds"

    Assert.InRange(age, -1., 86_400.)

    if OperatingSystem.IsLinux() then
        let before = figure "process_open_fds"
        Assert.True(before > 1.)
        let! sockets = Task.WhenAll [ for _ in 1..40 -> connect server.Address ]
        let! after = scrape client
        Assert.True(value "process_open_fds" [] after >= before + 40.)

        for socket in sockets do
            socket.Dispose()
}

[<Fact>]
let ``the same figures are instruments of the meter Bento`` () : Task = task {
    let held = Held()
    let! server, client = App.serving held.Service
    use _ = client
    use _ = server
    let seen = ConcurrentDictionary<string, float>()

    let note (instrument: Instrument) (value: float) (tags: KeyValuePair<string, objnull>[]) =
        let labels = [ for tag in tags -> $"{tag.Key}={tag.Value}" ] |> String.concat ","

        // Servers of other tests have instruments of the same names.
        if labels.Contains "service=held,endpoint=/add" then
            seen.AddOrUpdate($"{instrument.Name} {labels}", value, (fun _ before -> before + value))
            |> ignore

    use listener = new MeterListener()

    listener.InstrumentPublished <-
        fun instrument listener ->
            if instrument.Meter.Name = "Bento" then
                listener.EnableMeasurementEvents instrument

    listener.SetMeasurementEventCallback<int64>(fun instrument value tags _ ->
        note instrument (float value) (tags.ToArray()))

    listener.SetMeasurementEventCallback<double>(fun instrument value tags _ -> note instrument value (tags.ToArray()))
    listener.Start()
    let! answer = postJson client "/add" "1"
    Assert.Equal("2", answer.Body)
    let! _ = until client (fun figures -> value "bento_requests_total" [] figures = 1.)
    listener.RecordObservableInstruments()
    Assert.True(seen["bento_requests_total service=held,endpoint=/add,status=200"] >= 1.)
    Assert.True(seen["bento_request_duration_seconds service=held,endpoint=/add,status=200"] > 0.)
    Assert.True(seen.ContainsKey "bento_requests_in_progress service=held,endpoint=/add")
}
