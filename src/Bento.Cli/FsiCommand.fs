namespace Bento.Cli

open System
open System.CommandLine
open System.CommandLine.Parsing
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Bento

/// `bento fsi`: `dotnet fsi` with Bento and ASP.NET Core referenced, and no package to get.
[<RequireQualifiedAccess>]
module internal FsiCommand =

    [<DllImport("libc", SetLastError = true)>]
    extern int private kill(int processId, int signal)

    [<Literal>]
    let private Terminate = 15

    let private folderOf (kind: Type) =
        string (Path.GetDirectoryName kind.Assembly.Location)

    /// What a script is likely to name of ASP.NET Core. All of it is found when it runs; to reference all would cost a start
    /// a third of a second.
    let private namedOfAspNetCore (file: string) =
        let name = string (Path.GetFileNameWithoutExtension file)

        [
            "Microsoft.AspNetCore"
            "Microsoft.AspNetCore.Connections.Abstractions"
            "Microsoft.AspNetCore.Diagnostics"
            "Microsoft.AspNetCore.Metadata"
            "Microsoft.AspNetCore.Server.Kestrel"
            "Microsoft.AspNetCore.StaticFiles"
            "Microsoft.AspNetCore.WebUtilities"
            "Microsoft.Extensions.Configuration.Abstractions"
            "Microsoft.Extensions.DependencyInjection"
            "Microsoft.Extensions.Features"
            "Microsoft.Extensions.FileProviders.Abstractions"
            "Microsoft.Extensions.Logging"
            "Microsoft.Extensions.Options"
            "Microsoft.Extensions.Primitives"
            "Microsoft.Net.Http.Headers"
        ]
        |> List.contains name
        || [
            "Microsoft.AspNetCore.Authentication"
            "Microsoft.AspNetCore.Authorization"
            "Microsoft.AspNetCore.Hosting"
            "Microsoft.AspNetCore.Http"
            "Microsoft.AspNetCore.Routing"
            "Microsoft.AspNetCore.Server.Kestrel."
            "Microsoft.Extensions.DependencyInjection."
            "Microsoft.Extensions.Hosting"
            "Microsoft.Extensions.Logging."
           ]
           |> List.exists (fun beginning -> name.StartsWith(beginning, StringComparison.Ordinal))

    /// The lines of a response file: folders in which assemblies are found, and those that are referenced.
    let references () : string list = [
        let bento = folderOf typeof<Definition>
        let aspNetCore = folderOf typeof<WebApplication>
        $"--lib:{bento}"
        $"--lib:{aspNetCore}"

        for name in [ "Bento.Core"; "Bento.Host"; "Bento.Onnx"; "System.Numerics.Tensors" ] do
            $"""-r:{Path.Combine(bento, name + ".dll")}"""

        for file in Directory.GetFiles(aspNetCore, "*.dll") |> Array.sort do
            if namedOfAspNetCore file then
                $"-r:{file}"
    ]

    let private start (arguments: string list) =
        ProcessStartInfo(Dotnet.sdk, arguments)
        |> Dotnet.start "`dotnet fsi` did not start; install the .NET SDK."

    /// Runs a program on this console. A terminal tells Ctrl+C to both, and only the child has something to do then.
    let private runHere (arguments: string list) : Task<int> = task {
        use running = start arguments

        use _ =
            PosixSignalRegistration.Create(PosixSignal.SIGINT, fun context -> context.Cancel <- true)

        use _ =
            PosixSignalRegistration.Create(
                PosixSignal.SIGTERM,
                fun context ->
                    context.Cancel <- true

                    if not (OperatingSystem.IsWindows()) then
                        kill (running.Id, Terminate) |> ignore
            )

        do! running.WaitForExitAsync()
        return running.ExitCode
    }

    /// Everything behind the command's own name, as it stands there.
    let private passed (arguments: ParseResult) =
        arguments.Tokens
        |> Seq.skipWhile (fun token -> token.Type <> TokenType.Command)
        |> Seq.skip 1
        |> Seq.map _.Value
        |> List.ofSeq

    let private run (arguments: ParseResult) : Task<int> = task {
        let folder = Directory.CreateTempSubdirectory "bento-fsi-"

        try
            let file = Path.Combine(folder.FullName, "bento.rsp")
            File.WriteAllLines(file, references ())
            return! runHere ("fsi" :: "@" + file :: passed arguments)
        finally
            folder.Delete true
    }

    let command =
        let command =
            Command(
                "fsi",
                "Starts `dotnet fsi` with Bento and ASP.NET Core referenced; what stands behind it is passed on."
            )

        command.TreatUnmatchedTokensAsErrors <- false
        command.SetAction(fun arguments -> run arguments)
        command
