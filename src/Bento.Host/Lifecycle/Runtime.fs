namespace Bento

open System
open System.Runtime.ExceptionServices
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// All services of a host, started together and stopped in reverse.
[<Sealed>]
type internal Runtime
    (
        definitions: Definition seq,
        metrics: Metrics,
        services: IServiceProvider,
        loggers: ILoggerFactory,
        lifetime: IHostApplicationLifetime
    ) =

    let hosts = [
        for definition in Seq.distinct definitions ->
            ServiceHost(definition, metrics, services, loggers.CreateLogger("Bento." + definition.Name))
    ]

    let mutable started: ServiceHost list = []
    let mutable heard: IDisposable list = []
    let mutable cancelled = 0
    let mutable brokenOff = false
    let mutable isWorkGivenUp = false
    let mutable lastWord = DateTime.MaxValue

    let look = TimeSpan.FromMilliseconds 10.

    let stop (host: ServiceHost) : Task<unit> = task {
        try
            do! host.Stop isWorkGivenUp
        with problem ->
            loggers.CreateLogger("Bento").LogError(problem, "{Service} did not stop cleanly.", host.Definition.Name)
    }

    /// Stops once; whoever asks again, or while it is under way, waits for the same end.
    let stopping =
        lazy
            (task {
                heard |> List.iter _.Dispose()

                for host in started do
                    do! stop host
            })

    let problems () = [
        match Plan.make (hosts |> List.map _.Definition) with
        | Error problems -> yield! problems
        | Ok _ -> ()

        for host in hosts do
            match host.Definition.Checked with
            | Ok hosted ->
                yield!
                    Support.problems hosted @ Devices.problems Devices.here hosted
                    |> List.map (fun problem -> host.Definition.File, problem)
            | Error _ -> ()
    ]

    /// Whether no service has a request in work or waiting, or work after an answer.
    let isAtRest () = hosts |> List.forall _.IsAtRest

    /// What is answered already may still be at work, on the state that is about to go.
    let waitForRest (cancellation: CancellationToken) : Task<unit> = task {
        while not (isAtRest ()) && DateTime.UtcNow < lastWord do
            do! Task.Delay(look, cancellation)
    }

    member _.Hosts = hosts
    member _.IsAtRest = isAtRest ()

    /// Has every service end its sockets, as others answer from now on.
    member _.Retire() = hosts |> List.iter _.Retire()

    /// Withdraws the readiness of every service.
    member _.Drain() = hosts |> List.iter _.Drain()

    /// Requests whose work has not ended.
    member _.InProgress = hosts |> List.sumBy _.InProgress

    /// Requests that a stop has broken off, as its grace was over.
    member _.Cancelled = cancelled

    /// Whether the grace of a stop was over before the stop was.
    member _.IsBrokenOff = brokenOff

    /// Notes that so many requests are broken off: what they leave at work is waited for only a moment more.
    member _.BreakOff(count: int) =
        brokenOff <- true
        metrics.BreakOff()
        cancelled <- count
        lastWord <- DateTime.UtcNow + TimeSpan.FromSeconds 2.

    /// Whether the services' own stop has begun, after their last request.
    member _.IsEnding = stopping.IsValueCreated

    /// How long hooks and disposal may take.
    member val HookTime = Timeout.InfiniteTimeSpan with get, set

    /// Stops every service, unless that is under way already, and waits for the end.
    member this.End(cancellation: CancellationToken) : Task<unit> = task {
        try
            do! stopping.Value.WaitAsync(this.HookTime, cancellation)
        with :? TimeoutException ->
            raise (
                TimeoutException $"`onShutdown` had not ended {this.HookTime.TotalSeconds} s after the last request."
            )
    }

    member _.Metrics = metrics

    /// What has come of the attempt to replace these services, where that failed.
    member val Notice: string option = None with get, set

    /// The host of a definition, which `AddBento` must have been given.
    member _.Find(definition: Definition) =
        hosts
        |> List.tryFind (fun host -> obj.ReferenceEquals(host.Definition, definition))

    /// Raises everything that stands in the way of starting these services, at once.
    member _.Check() =
        match problems () with
        | [] -> ()
        | problems ->
            let names = hosts |> List.map _.Definition.Name |> String.concat ", "
            raise (InvalidServiceException(names, problems))

    interface IHostedService with

        member this.StartAsync cancellation = task {
            heard <- [ lifetime.ApplicationStopping.Register(fun () -> this.Drain()) ]
            this.Check()

            try
                for host in hosts do
                    started <- host :: started
                    do! host.Start (Definition.require host.Definition) cancellation
            with problem ->
                do! stopping.Value
                ExceptionDispatchInfo.Throw problem
        }

        member this.StopAsync cancellation = task {
            try
                do! waitForRest cancellation
            finally
                isWorkGivenUp <- not (isAtRest ())

            do!
                this.End(
                    if this.HookTime = Timeout.InfiniteTimeSpan then
                        cancellation
                    else
                        CancellationToken.None
                )
        }

    /// An application that fails while it starts, a port being taken for one, is disposed without being stopped. What
    /// was told to stop is not waited for again: whoever told it may have given up.
    interface IAsyncDisposable with
        member _.DisposeAsync() =
            if stopping.IsValueCreated then
                ValueTask.CompletedTask
            else
                ValueTask stopping.Value
