/// The built command and other programs, as processes of their own.
module Bento.EndToEnd.Programs

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Runtime.InteropServices
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks

/// The folder of the repository.
let root =
    let rec above (folder: string) =
        match Path.GetDirectoryName folder with
        | _ when File.Exists(Path.Combine(folder, "Bento.slnx")) -> folder
        | null -> invalidOp $"Bento.slnx is in no folder above {AppContext.BaseDirectory}"
        | parent -> above parent

    above AppContext.BaseDirectory

let private output project =
    Path.Combine(root, project, "bin", "Release", "net10.0")

let bento = Path.Combine(output "src/Bento.Cli", "bento.dll")

let sample folder name =
    Path.Combine(output $"samples/%s{folder}", $"%s{name}.dll")

let summarize = sample "summarize" "Summarize"
let nearest = sample "gpu" "Nearest"

/// What was taken from npm to judge and to drive with.
let testTools =
    let home =
        match Environment.GetEnvironmentVariable "BENTO_HOME" with
        | null
        | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
        | folder -> folder

    Path.Combine(home, "test-tools")

/// This assembly, as a target with two services.
let several = Path.Combine(AppContext.BaseDirectory, "Bento.EndToEnd.dll")

/// Has a test work in a folder that is there for it alone, and gone afterwards.
let within (test: string -> Task) : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-test-"

    try
        do! test folder.FullName
    finally
        folder.Delete true
}

/// Writes a file into a folder, and gives its path.
let write folder name (text: string) =
    let path = Path.Combine(folder, name)
    File.WriteAllText(path, text)
    path

let passage =
    File.ReadAllText(Path.Combine(root, "samples/summarize/passage.txt")).Trim()

[<DllImport("libc", SetLastError = true)>]
extern int private kill(int processId, int signal)

let interrupt = 2
let terminate = 15

/// A shell's background job ignores SIGINT, and so does whatever it starts. A server of these tests hears it as from a
/// terminal, whoever started them.
let private hearing (file: string) (arguments: string list) =
    if OperatingSystem.IsLinux() then
        "env", "--default-signal=INT" :: file :: arguments
    else
        file, arguments

/// A program on the way. Disposing ends it, and nothing else.
[<Sealed>]
type Program(file: string, arguments: string list, environment: (string * string) list, folder: string) =
    let lines = ConcurrentQueue<string>()
    let heard = new SemaphoreSlim 0
    let running = new Process()

    do
        let file, arguments = hearing file arguments

        running.StartInfo <-
            ProcessStartInfo(
                file,
                arguments,
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        // Whoever starts a server has no feed in the environment; nor has an IDE.
        running.StartInfo.Environment.Remove "NUGET_FEED" |> ignore

        for name, value in environment do
            running.StartInfo.Environment[name] <- value

        let hear (data: DataReceivedEventArgs) =
            data.Data |> Option.ofObj |> Option.iter lines.Enqueue
            heard.Release() |> ignore

        running.OutputDataReceived.Add hear
        running.ErrorDataReceived.Add hear
        running.Start() |> ignore
        running.BeginOutputReadLine()
        running.BeginErrorReadLine()

    new(file, arguments, environment) = new Program(file, arguments, environment, root)
    new(file, arguments) = new Program(file, arguments, [])

    member _.Output = String.Join('\n', lines)
    member _.Id = running.Id

    /// Waits for a line that matches, and gives the match.
    member this.Heard(pattern: string) : Task<Match> = task {
        use patience = new CancellationTokenSource(TimeSpan.FromMinutes 3.)

        let find () =
            lines
            |> Seq.map (fun line -> Regex.Match(line, pattern))
            |> Seq.tryFind _.Success

        let mutable found = find ()

        while found.IsNone do
            if running.HasExited then
                running.WaitForExit()
                found <- find ()

                if found.IsNone then
                    invalidOp $"It ended with {running.ExitCode} and never said `{pattern}`:\n{this.Output}"
            else
                let! _ = heard.WaitAsync(100, patience.Token)
                found <- find ()

        return found.Value
    }

    member _.Signal(signal: int) =
        if kill (running.Id, signal) <> 0 then
            invalidOp $"Signal {signal} did not reach {running.Id}: error {Marshal.GetLastPInvokeError()}"

    member _.Kill() = running.Kill()

    /// The exit code, once it has ended by itself.
    member _.Exit() : Task<int> = task {
        use patience = new CancellationTokenSource(TimeSpan.FromMinutes 5.)
        do! running.WaitForExitAsync patience.Token
        return running.ExitCode
    }

    interface IDisposable with
        member _.Dispose() =
            if not running.HasExited then
                running.Kill()

            running.Dispose()

/// Runs a program to its end with more in its environment: its exit code and what it said.
let runWith environment file arguments : Task<int * string> = task {
    use program = new Program(file, arguments, environment)
    let! code = program.Exit()
    return code, program.Output
}

let run file arguments = runWith [] file arguments

let runBento arguments = run "dotnet" (bento :: arguments)

/// The command with variables of its own in its environment, each as `NAME=value`: a program and its arguments.
let bentoWith (variables: string list) arguments =
    "env", variables @ [ "dotnet"; bento ] @ arguments

/// `bento serve` on a free port.
[<Sealed>]
type Server private (program: Program, address: Uri) =
    let client =
        new HttpClient(BaseAddress = address, Timeout = TimeSpan.FromMinutes 1.)

    static member Start(target: string, [<ParamArray>] options: string[]) : Task<Server> = task {
        let program =
            new Program("dotnet", [ bento; "serve"; target; "--port"; "0"; yield! options ])

        try
            let! line = program.Heard @"http://127\.0\.0\.1:\d+"
            return new Server(program, Uri line.Value)
        with _ ->
            (program :> IDisposable).Dispose()
            return raise (InvalidOperationException $"{target} is not served:\n{program.Output}")
    }

    member _.Program = program
    member _.Address = address
    member _.Client = client

    interface IDisposable with
        member _.Dispose() =
            client.Dispose()
            (program :> IDisposable).Dispose()
