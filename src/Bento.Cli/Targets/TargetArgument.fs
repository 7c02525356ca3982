namespace Bento.Cli

open System.CommandLine
open System.Threading.Tasks
open Bento

/// The TARGET that commands take, and the way from it to a service.
[<RequireQualifiedAccess>]
module internal TargetArgument =

    let argument =
        Argument<string>(
            "TARGET",
            Description =
                "A script, a project folder, a project file or a built .dll; with :name behind it where there are several services."
        )

    /// The services at a target, compiled or built where it is no assembly.
    let services (target: Target) : Task<ScriptServices> = task {
        match Target.kind target with
        | TargetKind.Assembly path ->
            return {
                Definitions = Loading.definitions path
                Options = None
            }
        | TargetKind.Project file ->
            eprintfn "Building %s" file
            let! path = Build.assembly file

            return {
                Definitions = Loading.definitions path
                Options = None
            }
        | TargetKind.Script file ->
            let! compiled = ScriptCompiler.assembly file
            return ScriptLoading.services compiled
    }

    /// The service that a command was given, as its source has it.
    let definition (arguments: ParseResult) : Task<Definition> = task {
        let target = Target.parse (arguments.GetRequiredValue argument)
        let! found = services target
        return Loading.choose target target.Path found.Definitions
    }
