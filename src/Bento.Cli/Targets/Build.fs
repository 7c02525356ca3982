namespace Bento.Cli

open System.Diagnostics
open System.Threading.Tasks

/// From a project to its assembly, by the SDK's own build.
[<RequireQualifiedAccess>]
module internal Build =

    let private dotnet (arguments: string list) : Task<int * string> = task {
        let start =
            ProcessStartInfo("dotnet", arguments, RedirectStandardOutput = true, RedirectStandardError = true)

        match Process.Start start with
        | null -> return raise (CliException "`dotnet` did not start; install the .NET SDK to build projects.")
        | running ->
            use running = running
            let errors = running.StandardError.ReadToEndAsync()
            let! output = running.StandardOutput.ReadToEndAsync()
            let! errors = errors
            do! running.WaitForExitAsync()
            return running.ExitCode, (output + errors).Trim()
    }

    /// Builds a project in Release and gives the path of its assembly.
    let assembly (project: string) : Task<string> = task {
        let! built, output =
            dotnet [
                "build"
                project
                "--configuration"
                "Release"
                "--verbosity"
                "quiet"
                "--nologo"
                "-clp:NoSummary"
            ]

        if built <> 0 then
            raise (CliException $"{project} does not build.\n{output}")

        let! asked, path =
            dotnet [
                "msbuild"
                project
                "-getProperty:TargetPath"
                "-property:Configuration=Release"
            ]

        if asked <> 0 then
            raise (CliException $"{project} does not tell where its assembly is.\n{path}")

        return path
    }
