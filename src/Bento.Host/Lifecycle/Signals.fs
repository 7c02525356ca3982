namespace Bento

open System
open System.Runtime.InteropServices
open System.Threading
open System.Threading.Tasks
open Microsoft.Extensions.Hosting

/// Ends a process at once. A way out by `exit` would run what libraries have to say first, while their threads run on.
module private Process =

    [<DllImport("libc", EntryPoint = "_exit")>]
    extern void private leave(int code)

    let endNow code =
        if OperatingSystem.IsWindows() then
            Environment.Exit code
        else
            leave code

/// SIGINT, SIGTERM and SIGQUIT: the first asks for an orderly stop, the second ends the process.
[<Sealed>]
type internal Signals(lifetime: IHostApplicationLifetime, sink: LogSink) =

    let mutable asked = 0

    let hear (signal: PosixSignal) (code: int) =
        PosixSignalRegistration.Create(
            signal,
            fun context ->
                context.Cancel <- true

                if Interlocked.Increment &asked = 1 then
                    lifetime.StopApplication()
                else
                    sink.Flush(TimeSpan.FromMilliseconds 200.)
                    Process.endNow code
        )

    let mutable heard: PosixSignalRegistration list = []

    let letGo () =
        heard |> List.iter _.Dispose()
        heard <- []

    interface IHostLifetime with

        member _.WaitForStartAsync _ =
            // What a shell says of a process that a signal ended: 128 and the signal's number.
            heard <- [
                hear PosixSignal.SIGINT 130
                hear PosixSignal.SIGQUIT 131
                hear PosixSignal.SIGTERM 143
            ]

            Task.CompletedTask

        // What runs on after the server, such as a script, is ended by a signal as any program is.
        member _.StopAsync _ =
            letGo ()
            Task.CompletedTask

    interface IDisposable with
        member _.Dispose() = letGo ()
