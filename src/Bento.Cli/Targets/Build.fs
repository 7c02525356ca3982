namespace Bento.Cli

open System
open System.Diagnostics
open System.Threading.Tasks

/// From a project to its assembly, by the SDK's own build.
[<RequireQualifiedAccess>]
module internal Build =

    let private start (folder: string) (program: string) (arguments: string list) : Process =
        ProcessStartInfo(
            program,
            arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )
        |> Dotnet.start $"`{program}` did not start; install the .NET SDK to build projects."

    /// The exit code of a program that runs in a folder, and what it wrote to its output and to its errors.
    let runIn (folder: string) (program: string) (arguments: string list) : Task<int * string * string> = task {
        use running = start folder program arguments
        let errors = running.StandardError.ReadToEndAsync()
        let! output = running.StandardOutput.ReadToEndAsync()
        let! errors = errors
        do! running.WaitForExitAsync()
        return running.ExitCode, output.Trim(), errors.Trim()
    }

    let internal run (program: string) (arguments: string list) : Task<int * string * string> =
        runIn Environment.CurrentDirectory program arguments

    /// Builds a project in Release and gives the path of its assembly.
    let assembly (project: string) : Task<string> = task {
        let! built, output, errors =
            run Dotnet.sdk [
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
            raise (CliException $"{project} does not build.\n{output}\n{errors}")

        // Only the output is the path: a warning among the errors would become a part of it.
        let! asked, path, errors =
            run Dotnet.sdk [
                "msbuild"
                project
                "-getProperty:TargetPath"
                "-property:Configuration=Release"
            ]

        if asked <> 0 then
            raise (CliException $"{project} does not tell where its assembly is.\n{path}\n{errors}")

        if String.IsNullOrEmpty path then
            raise (
                CliException
                    $"{project} has several target frameworks, or none, and so not one assembly; give it a single <TargetFramework>, or give the assembly that is to be served."
            )

        return path
    }
