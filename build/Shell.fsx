/// Where things are, what is said on the console, and other programs: started here, and never left behind.
module Shell

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices
open System.Threading

/// A chore that cannot go on: the message is for a person, the code for the shell.
exception Stop of message: string * exitCode: int

let fail message = raise (Stop(message, 1))

let root = Path.GetDirectoryName __SOURCE_DIRECTORY__
let inRoot (path: string) = Path.Combine(root, path)
let artifacts = inRoot "artifacts"

let private environment = [
    "DOTNET_CLI_TELEMETRY_OPTOUT", "1"
    "DOTNET_NOLOGO", "1"
    "TESTINGPLATFORM_TELEMETRY_OPTOUT", "1"
    // Compilers and build nodes that outlive their build would hold our output open for whoever reads it from a pipe.
    "DOTNET_CLI_USE_MSBUILD_SERVER", "0"
    "MSBUILDDISABLENODEREUSE", "1"
    "UseSharedCompilation", "false"
]

for name, value in environment do
    Environment.SetEnvironmentVariable(name, value)

// Programs ------------------------------------------------------------------------------------------------------------

[<DllImport("libc", SetLastError = true)>]
extern int private kill(int processId, int signal)

let private children = ConcurrentDictionary<int, Process>()
let private giveUpAfter = TimeSpan.FromSeconds 30.

/// Asks a program to end as `kill` does (Windows cannot ask), and ends it when it does not.
let terminate (child: Process) =
    if not child.HasExited then
        if OperatingSystem.IsWindows() || kill (child.Id, 15) <> 0 then
            child.Kill true

        if not (child.WaitForExit giveUpAfter) then
            child.Kill true
            child.WaitForExit()

let private signalled = new ManualResetEventSlim()

let private onSignal (context: PosixSignalContext) =
    context.Cancel <- true
    signalled.Set()

    let terminalHasToldThem =
        context.Signal = PosixSignal.SIGINT
        && not (Console.IsInputRedirected && Console.IsOutputRedirected)

    for child in children.Values do
        if not terminalHasToldThem || not (child.WaitForExit giveUpAfter) then
            terminate child

    exit (if context.Signal = PosixSignal.SIGINT then 130 else 143)

let private signals = [
    PosixSignalRegistration.Create(PosixSignal.SIGINT, onSignal)
    PosixSignalRegistration.Create(PosixSignal.SIGTERM, onSignal)
]

AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
    for child in children.Values do
        terminate child)

let start (configure: ProcessStartInfo -> unit) (program: string) (arguments: string list) =
    let info = ProcessStartInfo(program, arguments, WorkingDirectory = root)
    configure info

    let child =
        try
            Process.Start info
        with :? ComponentModel.Win32Exception as error ->
            fail $"%s{program} cannot be started: %s{error.Message}"

    children[child.Id] <- child
    child

/// The exit code, unless we are being stopped: then the signal's handler has the last word.
let wait (child: Process) =
    child.WaitForExit()

    // A terminal's Ctrl+C may reach the child a moment before us.
    if signalled.Wait 50 then
        Thread.Sleep Timeout.Infinite

    children.TryRemove child.Id |> ignore
    child.ExitCode

let private commandLine program (arguments: string list) = String.Join(' ', program :: arguments)

/// Runs a program on our console and gives its exit code.
let call program arguments = start ignore program arguments |> wait

/// Runs a program on our console and gives its exit code, or none if it took too long and was ended.
let callWithin (limit: TimeSpan) program arguments =
    let child = start ignore program arguments
    let ended = child.WaitForExit limit
    terminate child
    let code = wait child
    if ended then Some code else None

/// Runs a program on our console; it must succeed.
let run program arguments =
    match call program arguments with
    | 0 -> ()
    | code -> raise (Stop($"`%s{commandLine program arguments}` ended with exit code %d{code}", code))

/// Starts a program whose lines we read instead of the console.
let startHearing hear configure program arguments =
    let redirected (info: ProcessStartInfo) =
        info.RedirectStandardOutput <- true
        info.RedirectStandardError <- true
        configure info

    let child = start redirected program arguments

    let onLine (data: DataReceivedEventArgs) =
        data.Data |> Option.ofObj |> Option.iter hear

    child.OutputDataReceived.Add onLine
    child.ErrorDataReceived.Add onLine
    child.BeginOutputReadLine()
    child.BeginErrorReadLine()
    child

/// Runs a program silently and gives its exit code and what it printed.
let capture program arguments =
    let output = ConcurrentQueue<string>()
    let code = startHearing output.Enqueue ignore program arguments |> wait
    code, String.Join('\n', output).Trim()

// Progress ------------------------------------------------------------------------------------------------------------

let private atTerminal = not Console.IsOutputRedirected

let private megabytes (folder: string) =
    let options =
        EnumerationOptions(RecurseSubdirectories = true, IgnoreInaccessible = true)

    try
        DirectoryInfo(folder).EnumerateFiles("*", options)
        |> Seq.sumBy (fun file -> file.Length)
        |> fun bytes -> bytes / 1_000_000L
    with :? IOException -> // npm moves its files about while we look
        0L

/// Runs a program in silence but for a line of progress: how long, and how much it has put into its folder, if it fills
/// one. What it printed is shown only when it fails.
let watch title filled configure program arguments =
    let output = ConcurrentQueue<string>()
    let clock = Stopwatch.StartNew()
    let child = startHearing output.Enqueue configure program arguments

    let line () =
        let size = filled |> Option.map (fun folder -> $"%d{megabytes folder} MB, ")
        $"""%s{title}: %s{Option.defaultValue "" size}%.0f{clock.Elapsed.TotalSeconds} s"""

    while not (child.WaitForExit(if atTerminal then 200 else 5_000)) do
        if atTerminal then
            printf $"\r%s{line ()}"
        else
            printfn $"%s{line ()}"

    printfn "%s%s" (if atTerminal then "\r" else "") (line ())

    if wait child <> 0 then
        output |> Seq.iter (eprintfn "%s")
        fail $"`%s{commandLine program arguments}` failed, for the reason above"
