/// Servers in processes of their own.
module Bento.Bench.Child

open System
open System.Diagnostics
open System.Reflection
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks

[<DllImport("libc", SetLastError = true)>]
extern int private kill(int processId, int signal)

let terminate = 15

/// Sends a signal to a process that was started here.
let signal (processId: int) (number: int) =
    if kill (processId, number) <> 0 then
        invalidOp $"Signal {number} did not reach the process {processId}."

/// A server, which ends when its standard input does. Its log is written as everywhere, to where it costs nobody's time.
[<Sealed>]
type Child(role: string) =
    let program = Assembly.GetExecutingAssembly().Location

    let running =
        Process.Start(
            ProcessStartInfo(
                "/bin/sh",
                [ "-c"; $"exec dotnet '{program}' serve {role} 2>/dev/null" ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true
            )
        )
        |> nonNull

    let readLine () =
        match running.StandardOutput.ReadLine() with
        | null -> invalidOp $"The {role} server ended."
        | line -> line

    let address = Uri(readLine ())

    member _.Address = address

    /// What the process has used so far: microseconds of CPU, bytes allocated.
    member _.Used() =
        running.StandardInput.WriteLine "used"
        let figures = (readLine ()).Split ' '
        float figures[0], float figures[1]

    /// What the process's compiler has taken so far: microseconds.
    member _.Compiled() =
        running.StandardInput.WriteLine "compiled"
        float (readLine ())

    /// What the process holds after a collection of garbage: bytes in memory, files and sockets.
    member _.Held() =
        running.StandardInput.WriteLine "held"
        let figures = (readLine ()).Split ' '
        float figures[0], int figures[1]

    member _.Signal(number: int) = signal running.Id number

    /// The exit code, once it has ended by itself.
    member _.Exit() : Task<int> = task {
        use patience = new CancellationTokenSource(TimeSpan.FromMinutes 2.)
        do! running.WaitForExitAsync patience.Token
        return running.ExitCode
    }

    interface IDisposable with
        member _.Dispose() =
            running.StandardInput.Close()

            if not (running.WaitForExit 10_000) then
                running.Kill()

            running.Dispose()
