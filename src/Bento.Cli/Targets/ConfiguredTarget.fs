namespace Bento.Cli

open System.CommandLine
open System.IO
open System.Threading.Tasks
open Bento

/// The service that a command is about, configured as it would be served.
[<NoComparison; NoEquality>]
type internal ConfiguredTarget = {
    Definition: Definition
    Options: ServeOptions
    /// The keys of the server and of this service.
    Values: ConfigurationValue list
}

/// From the words of a command line to a configured service.
[<RequireQualifiedAccess>]
module internal ConfiguredTarget =

    /// Gives a command a target and all flags.
    let add (command: Command) =
        command.Arguments.Add TargetArgument.argument
        Flags.add command

    /// The folder whose settings are the target's own.
    let private folderOf (target: Target) =
        let place =
            match Target.kind target with
            | TargetKind.Assembly path -> path
            | TargetKind.Project file
            | TargetKind.Script file -> file

        string (Path.GetDirectoryName(Path.GetFullPath place))

    let private isAbout (definition: Definition) (value: ConfigurationValue) =
        value.Key.StartsWith("server.", System.StringComparison.Ordinal)
        || value.Key.StartsWith($"services.{definition.Name}.", System.StringComparison.Ordinal)

    /// Configures the service asked for of those at a target; every mistake is an exception with its sentence.
    let configure (arguments: ParseResult) (target: Target) (found: ScriptServices) : ConfiguredTarget =
        let chosen = Loading.choose target target.Path found.Definitions
        let options = found.Options |> Option.defaultValue Serve.options

        // The others are there so that what a shared file says about them is no mistake.
        let configured =
            Configuration.apply (Flags.configuration arguments (folderOf target) chosen.Name) options found.Definitions

        let _, definition =
            List.zip found.Definitions configured.Definitions
            |> List.find (fun (before, _) -> obj.ReferenceEquals(before, chosen))

        Definition.require definition |> ignore

        {
            Definition = definition
            Options = configured.Options
            Values = configured.Values |> List.filter (isAbout definition)
        }

    /// The target that a command was given.
    let target (arguments: ParseResult) : Target =
        Target.parse (arguments.GetRequiredValue TargetArgument.argument)

    /// Builds what must be built, finds the service and configures it.
    let load (arguments: ParseResult) : Task<ConfiguredTarget> = task {
        let target = target arguments
        let! found = TargetArgument.services target
        return configure arguments target found
    }
