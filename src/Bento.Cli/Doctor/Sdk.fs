namespace Bento.Cli

open System
open System.ComponentModel
open System.Diagnostics
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open System.Threading.Tasks

/// The .NET that services are built and run with.
[<RequireQualifiedAccess>]
module internal Sdk =

    let private wanted = 10

    /// Judges the runtime and what `dotnet --list-sdks` printed; nothing where there is no such command.
    let finding (runtime: string) (listed: string option) =
        let versions = [
            for line in Regex.Matches(defaultArg listed "", @"^([0-9]{1,5})\.(\S+) \[", RegexOptions.Multiline) ->
                int line.Groups[1].Value, $"{line.Groups[1].Value}.{line.Groups[2].Value}"
        ]

        match versions |> List.filter (fun (major, _) -> major >= wanted), versions with
        | [], [] ->
            Finding.warning
                ".NET"
                $"{runtime}; no SDK is here."
                $"Built assemblies are served without one; to serve projects, install the .NET {wanted} SDK from https://dot.net/download."
        | [], older ->
            Finding.warning
                ".NET"
                $"{runtime}; the newest SDK is {snd (List.last older)}."
                $"Built assemblies are served all the same; to serve projects, install the .NET {wanted} SDK from https://dot.net/download."
        | fitting, _ -> Finding.ok ".NET" $"{runtime}, SDK {snd (List.last fitting)}."

    let private listed () : Task<string option> = task {
        let start =
            ProcessStartInfo(Dotnet.sdk, [ "--list-sdks" ], RedirectStandardOutput = true, RedirectStandardError = true)

        try
            match Process.Start start with
            | null -> return None
            | running ->
                use running = running
                let errors = running.StandardError.ReadToEndAsync()
                let! output = running.StandardOutput.ReadToEndAsync()
                let! _ = errors
                do! running.WaitForExitAsync()
                return if running.ExitCode = 0 then Some output else None
        with :? Win32Exception ->
            return None
    }

    /// Looks at this machine.
    let here () : Task<Finding> = task {
        let! listed = listed ()
        return finding RuntimeInformation.FrameworkDescription listed
    }
