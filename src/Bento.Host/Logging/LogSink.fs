namespace Bento

open System
open System.Buffers
open System.IO
open System.Text
open System.Threading

/// Lines on their way to a stream, which a thread of its own writes: no request waits for a terminal or for whoever reads
/// a pipe. What does not fit while nobody reads is dropped, and the log says how much.
[<Sealed>]
type internal LogSink(target: Stream, capacity: int) =

    /// Lines gather for so long before they are written together, so that a thread is not woken for each.
    let gathering = TimeSpan.FromMilliseconds 20.

    let turn = obj ()
    let mutable filling = ArrayBufferWriter<byte>()
    let mutable leaving = ArrayBufferWriter<byte>()
    let mutable urgent = false
    let mutable dropped = 0L
    /// Numbers of the last line that was taken and of the last that was written.
    let mutable taken = 0L
    let mutable written = 0L

    let gather () : int64 =
        lock turn (fun () ->
            while filling.WrittenCount = 0 && dropped = 0L do
                Monitor.Wait turn |> ignore

            if not urgent then
                Monitor.Wait(turn, gathering) |> ignore

            if dropped > 0L then
                let line =
                    $"... {dropped} lines of the log were dropped here: they came faster than they were read.\n"

                filling.Write(ReadOnlySpan(Encoding.UTF8.GetBytes line))

            urgent <- false
            dropped <- 0L
            let full = filling
            filling <- leaving
            leaving <- full
            taken)

    let work () =
        while true do
            let last = gather ()

            // A standard error that is closed is no reason to end the process.
            try
                target.Write leaving.WrittenSpan
                target.Flush()
            with :? IOException ->
                ()

            leaving.ResetWrittenCount()

            lock turn (fun () ->
                written <- last
                Monitor.PulseAll turn)

    do Thread(work, IsBackground = true, Name = "Bento log").Start()

    static let standardError =
        lazy
            (let sink = LogSink(Console.OpenStandardError(), 4 <<< 20)
             AppDomain.CurrentDomain.ProcessExit.Add(fun _ -> sink.Flush(TimeSpan.FromSeconds 1.))
             sink)

    /// The one that all servers of the process share.
    static member StandardError = standardError.Value

    /// Takes a whole line, or drops it.
    member _.Write(line: ReadOnlySpan<byte>, isUrgent: bool) =
        Monitor.Enter turn

        try
            if filling.WrittenCount + line.Length > capacity then
                dropped <- dropped + 1L
            else
                let wasEmpty = filling.WrittenCount = 0
                filling.Write line
                taken <- taken + 1L

                if isUrgent then
                    urgent <- true

                if wasEmpty || isUrgent then
                    Monitor.PulseAll turn
        finally
            Monitor.Exit turn

    /// Waits until everything that was taken so far is written, but not for ever.
    member _.Flush(patience: TimeSpan) =
        let deadline = DateTime.UtcNow + patience

        lock turn (fun () ->
            let wanted = taken
            urgent <- true
            Monitor.PulseAll turn
            let mutable left = patience

            while written < wanted && left > TimeSpan.Zero do
                Monitor.Wait(turn, left) |> ignore
                left <- deadline - DateTime.UtcNow)
