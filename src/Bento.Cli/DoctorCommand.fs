namespace Bento.Cli

open System.CommandLine
open System.Threading.Tasks
open Bento

/// `bento doctor`: what this machine has for services, and what is amiss.
[<RequireQualifiedAccess>]
module internal DoctorCommand =

    let private port =
        Option<int>(
            "--port",
            Description = "The port that a service is to listen on; 0 stands for a free one.",
            DefaultValueFactory = fun _ -> Serve.options.Port
        )

    port.Validators.Add(fun result ->
        let given = result.GetValueOrDefault<int>()

        if given < 0 || given > 65535 then
            result.AddError $"--port {given}: wanted a port from 0 to 65535.")

    let private json =
        Option<bool>("--json", Description = "Print JSON, for programs.", DefaultValueFactory = fun _ -> false)

    /// How the doctor starts itself to try what may crash.
    let private probe = Option<string>(Probe.optionName, Hidden = true)

    let private examine (port: int) : Task<Finding list> = task {
        let! sdk = Sdk.here ()
        let! natives = Natives.here ()
        return [ sdk; yield! Capacity.here (); yield! natives; Port.here port ]
    }

    let private run (arguments: ParseResult) : Task<int> = task {
        match arguments.GetValue probe with
        | NonNull asked -> return Probe.answer asked
        | _ ->
            let! findings = examine (arguments.GetRequiredValue port)

            let render =
                if arguments.GetRequiredValue json then
                    Finding.json
                else
                    Finding.text

            printfn "%s" (render findings)

            return Finding.exitCode findings
    }

    let command =
        let command =
            Command("doctor", "Says what this machine has for services, and what is amiss.")

        command.Options.Add port
        command.Options.Add json
        command.Options.Add probe
        command.SetAction(fun arguments -> run arguments)
        command
