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
                "A project folder, a project file or a built .dll; with :name behind it where there are several services."
        )

    /// The target that a command was given and its assembly, built where it is a project.
    let assembly (arguments: ParseResult) : Task<Target * string> = task {
        let target = Target.parse (arguments.GetRequiredValue argument)

        match Target.kind target with
        | TargetKind.Assembly path -> return target, path
        | TargetKind.Project file ->
            eprintfn "Building %s" file
            let! path = Build.assembly file
            return target, path
    }

    /// The service that a command was given, as its source has it.
    let definition (arguments: ParseResult) : Task<Definition> = task {
        let! target, path = assembly arguments
        return Loading.definitions path |> Loading.choose target path
    }
