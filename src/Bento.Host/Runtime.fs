namespace Bento

open System.Runtime.ExceptionServices
open System.Threading.Tasks
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

/// All services of a host, started together and stopped in reverse.
[<Sealed>]
type internal Runtime(definitions: Definition seq, loggers: ILoggerFactory, lifetime: IHostApplicationLifetime) =

    let hosts = [
        for definition in Seq.distinct definitions ->
            ServiceHost(definition, loggers.CreateLogger("Bento." + definition.Name))
    ]

    let mutable started: ServiceHost list = []

    let stop (host: ServiceHost) : Task<unit> = task {
        try
            do! host.Stop()
        with problem ->
            loggers.CreateLogger("Bento").LogError(problem, "{Service} did not stop cleanly.", host.Definition.Name)
    }

    let stopAll () : Task<unit> = task {
        for host in started do
            do! stop host

        started <- []
    }

    /// The services to start, or everything that stands in the way, at once.
    let plan () =
        let name = hosts |> List.map _.Definition.Name |> String.concat ", "

        match Plan.make (hosts |> List.map _.Definition) with
        | Error problems -> raise (InvalidServiceException(name, problems))
        | Ok _ ->
            let checkedOnes =
                hosts |> List.map (fun host -> host, Definition.require host.Definition)

            let problems = [
                for host, hosted in checkedOnes do
                    for problem in Support.problems hosted -> host.Definition.File, problem
            ]

            if problems.IsEmpty then
                checkedOnes
            else
                raise (InvalidServiceException(name, problems))

    member _.Hosts = hosts

    /// The host of a definition, which `AddBento` must have been given.
    member _.Find(definition: Definition) =
        hosts
        |> List.tryFind (fun host -> obj.ReferenceEquals(host.Definition, definition))

    interface IHostedService with

        member _.StartAsync cancellation = task {
            lifetime.ApplicationStopping.Register(fun () -> hosts |> List.iter _.Drain())
            |> ignore

            try
                for host, hosted in plan () do
                    started <- host :: started
                    do! host.Start hosted cancellation
            with problem ->
                do! stopAll ()
                ExceptionDispatchInfo.Throw problem
        }

        member _.StopAsync _ = stopAll ()
