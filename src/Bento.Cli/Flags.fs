namespace Bento.Cli

open System.CommandLine
open System.CommandLine.Parsing
open Bento

/// A flag that says what a configuration file could say under its key.
[<NoComparison; NoEquality>]
type private Flag = { Key: string; Option: Option<string> }

/// The flags that commands share which run a service, and the configuration that they and all else give.
[<RequireQualifiedAccess>]
module internal Flags =

    let private flag name key help description (show: string -> string) =
        let option = Option<string>(name, Description = description, HelpName = help)

        let judge (result: OptionResult) =
            for token in result.Tokens do
                match Configuration.judge key token.Value with
                | Ok() -> ()
                | Error wanted -> result.AddError $"{name}{show token.Value}: wanted {wanted}."

        option.Validators.Add judge
        { Key = key; Option = option }

    let private plain name key help description =
        flag name key help description (fun text -> $" {text}")

    /// Nothing of a secret is shown, not even where it is kept.
    let private secret name key help description =
        flag name key help description (fun _ -> "")

    let private ofServer = [
        plain
            "--host"
            "server.host"
            "ADDRESS"
            $"The address to listen on, {Serve.options.Host} by default; others reach 0.0.0.0 and ::."
        plain
            "--port"
            "server.port"
            "PORT"
            $"The port to listen on, {Serve.options.Port} by default; 0 takes a free one."
        plain "--prefix" "server.prefix" "PATH" "A path before every route, as in /v1."
        plain "--log" "server.log" "text|json" "How the log is written to standard error; text by default."
        plain
            "--grace"
            "server.grace"
            "SPAN"
            $"How long a stop waits for requests under way; {Serve.options.Grace.TotalSeconds}s by default."
        plain
            "--drain-delay"
            "server.drainDelay"
            "SPAN"
            $"How long a stop still takes new requests; {Serve.options.DrainDelay.TotalSeconds}s by default."
        plain "--tls-cert" "server.tls.certificate" "FILE" "Serves HTTPS with this PEM or PFX certificate."
        secret "--tls-key" "server.tls.key" "FILE" "The certificate's key in PEM, where it stands in another file."
        secret
            "--tls-key-password-file"
            "server.tls.keyPasswordFile"
            "FILE"
            "A file whose first line opens an encrypted key."
    ]

    let private ofService = [
        plain "--workers" "services.<service>.workers" "COUNT" "How many workers, each with a state of its own."
        plain "--threads" "services.<service>.threads" "COUNT" "How many synchronous handlers run at once on a worker."
        plain
            "--timeout"
            "services.<service>.traffic.timeout"
            "SPAN"
            $"The deadline of a request; {Defaults.timeout.TotalSeconds}s by default."
        plain
            "--concurrency"
            "services.<service>.traffic.concurrency"
            "COUNT"
            $"How many requests are admitted at once; {Defaults.concurrency} by default."
        plain
            "--queue"
            "services.<service>.traffic.queue"
            "COUNT"
            $"How many requests wait for admission; {Defaults.queue} by default."
    ]

    let private files =
        Option<string[]>(
            "--config",
            Description = "A settings file over bento.settings.yaml; may be given again, later ones win.",
            HelpName = "FILE"
        )

    let private all = ofServer @ ofService

    /// Gives a command these flags.
    let add (command: Command) =
        command.Options.Add files
        all |> List.iter (fun flag -> command.Options.Add flag.Option)

    let private given (arguments: ParseResult) (service: string) configuration flag =
        match arguments.GetValue flag.Option with
        | null -> configuration
        | text -> Configuration.withFlag flag.Option.Name (flag.Key.Replace("<service>", service)) text configuration

    /// All that is said about a service, the later the stronger: its folder's file, other files, the environment, flags.
    let configuration (arguments: ParseResult) (folder: string) (service: string) : Configuration =
        let files = arguments.GetValue files |> Option.ofObj |> Option.defaultValue [||]

        let configuration =
            files
            |> Array.fold
                (fun configuration file -> Configuration.withFile file configuration)
                (Configuration.empty |> Configuration.withFolder folder)
            |> Configuration.withEnvironment

        all |> List.fold (given arguments service) configuration
