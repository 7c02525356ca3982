namespace Bento

open System
open System.Buffers
open System.Collections.Generic
open System.Net.WebSockets
open System.Threading
open System.Threading.Channels
open System.Threading.Tasks
open Bento.OnnxRuntime
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Logging

/// A socket from its handler's start to its close. Two tasks run beside each other: one takes the caller's messages in,
/// one sends the handler's. Whatever ends the socket ends both, and its place is free when the handler has ended.
[<Sealed>]
type internal Conversation<'In, 'Out>
    (
        messages: SocketMessages<'In, 'Out>,
        context: HostContext,
        socket: WebSocket,
        idle: TimeSpan,
        draining: CancellationToken,
        log: ILogger
    ) =

    /// How long the other side has for its part of the close, and a handler for its last words when the service stops.
    static let patience = seconds 5

    /// Long enough for what was said last to go out.
    static let farewell = TimeSpan.FromMilliseconds 250.

    let life = context.Life

    let ending =
        TaskCompletionSource<SocketEnd> TaskCreationOptions.RunContinuationsAsynchronously

    /// What has been read and not yet been asked for: one message, and one more in the hands of who reads.
    let received =
        Channel.CreateBounded<'In>(BoundedChannelOptions(1, SingleReader = true, SingleWriter = true))

    [<VolatileField>]
    let mutable isBinaryCaller = false

    let isOver () = ending.Task.IsCompleted

    /// Whether the time is over, or the connection gone: those who wait for either may know it before this does.
    let isGivenUp () = life.Ending <> Ending.None

    /// The first reason to end is the one that counts. The handler gets no more messages, and finds that out as an end.
    let decide reason =
        if ending.TrySetResult reason then
            received.Writer.TryComplete() |> ignore

    let giveUp () =
        decide (
            match life.Ending with
            | Ending.TimeOver -> SocketEnd.Idle idle
            | _ -> SocketEnd.Lost
        )

    // -- the caller's messages -----------------------------------------------------------------------

    /// One message, or nothing where it is larger than it may be or the caller closes.
    let receive (buffer: ArrayBufferWriter<byte>) : Task<WebSocketMessageType voption> = task {
        let most = messages.Limit.Most
        let mutable kind = ValueNone
        let mutable more = true

        while more do
            let room = buffer.GetMemory 4096

            let room =
                room.Slice(0, int (min (int64 room.Length) (most + 1L - int64 buffer.WrittenCount)))

            let! part = socket.ReceiveAsync(room, CancellationToken.None)

            if part.MessageType = WebSocketMessageType.Close then
                decide SocketEnd.Closed
                kind <- ValueNone
                more <- false
            else
                buffer.Advance part.Count

                if int64 buffer.WrittenCount > most then
                    decide (SocketEnd.TooLarge(Bytes most))
                    kind <- ValueNone
                    more <- false
                elif part.EndOfMessage then
                    kind <- ValueSome part.MessageType
                    more <- false

        return kind
    }

    /// Hands a message over, when the handler has taken the one before.
    let deliver kind (buffer: ArrayBufferWriter<byte>) : Task<unit> = task {
        life.Touch()

        if kind = WebSocketMessageType.Binary then
            isBinaryCaller <- true

        match SocketMessages.read messages kind buffer.WrittenMemory with
        | Ok message ->
            // False when the end has come in between.
            let! isRoom = received.Writer.WaitToWriteAsync()

            if isRoom then
                received.Writer.TryWrite message |> ignore
        | Error refusal -> decide (SocketEnd.Unreadable(SocketEnd.reasonOf refusal))
    }

    /// A message that was large has not to be paid for as long as the socket is open.
    let emptied (buffer: ArrayBufferWriter<byte>) =
        if buffer.Capacity <= 65_536 then
            buffer.ResetWrittenCount()
            buffer
        else
            ArrayBufferWriter<byte>()

    /// Whether anybody asks for messages still.
    let isHeard () =
        not (isOver () || draining.IsCancellationRequested)

    let isOpen () =
        socket.State = WebSocketState.Open || socket.State = WebSocketState.CloseSent

    /// What nobody asks for any more is passed over, until the caller has closed too.
    let passOver () : Task<unit> = task {
        let rest = Memory(Array.zeroCreate<byte> 4096)

        while isOpen () do
            let! part = socket.ReceiveAsync(rest, CancellationToken.None)

            if part.MessageType = WebSocketMessageType.Close then
                decide SocketEnd.Closed
    }

    let takeIn () : Task<unit> = task {
        try
            let mutable buffer = ArrayBufferWriter<byte>()

            while isHeard () do
                match! receive buffer with
                | ValueSome kind when isHeard () -> do! deliver kind buffer
                | _ -> ()

                buffer <- emptied buffer

            do! passOver ()
        with
        | :? WebSocketException as problem when problem.WebSocketErrorCode <> WebSocketError.ConnectionClosedPrematurely ->
            decide SocketEnd.Broken
        | _ -> decide SocketEnd.Lost
    }

    // -- the handler's messages ----------------------------------------------------------------------

    let send (item: 'Out) : Task<unit> = task {
        let struct (message, kind) = SocketMessages.write messages isBinaryCaller item

        try
            do!
                socket.SendAsync(
                    ReadOnlyMemory message,
                    kind,
                    WebSocketMessageFlags.EndOfMessage,
                    CancellationToken.None
                )

            life.Touch()
        with
        | :? WebSocketException as problem when problem.WebSocketErrorCode = WebSocketError.InvalidState ->
            // It is closing already; whoever closes it says why.
            let! _ = ending.Task
            ()
        | _ -> decide SocketEnd.Lost
    }

    /// A handler that raises because it was told to stop has done as it should.
    let failed (problem: exn) =
        match problem with
        | :? BentoException as intended ->
            context.Speak()
            decide (SocketEnd.Failed(intended.Status, intended.Message))
        | :? OperationCanceledException when isOver () || isGivenUp () -> context.Speak()
        | problem when isOver () ->
            log.LogWarning(problem, "The handler of socket {RequestId} failed after its end.", context.RequestId)
        | problem ->
            log.LogError(problem, "Socket {RequestId} to {Path} failed.", context.RequestId, context.Http.Request.Path)

            decide (
                SocketEnd.Failed(
                    StatusCodes.Status500InternalServerError,
                    $"The handler failed; the log has it under {context.RequestId}."
                )
            )

    let speak (handle: Context -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>) : Task<unit> = task {
        try
            use _ = AmbientCancellation.Enter context.Cancellation

            use items =
                (handle context (received.Reader.ReadAllAsync())).GetAsyncEnumerator context.Cancellation

            let! first = items.MoveNextAsync()
            let mutable more = first

            while more && not (isOver ()) do
                do! send items.Current
                let! next = items.MoveNextAsync()
                more <- next

            context.Speak()
        with problem ->
            failed problem

        if isGivenUp () then
            giveUp ()

        decide (
            if draining.IsCancellationRequested then
                SocketEnd.Draining
            else
                SocketEnd.Done
        )
    }

    // -- the end -------------------------------------------------------------------------------------

    /// Closes on this side, and waits for the other side to do so too.
    let close (takingIn: Task) reason : Task<unit> = task {
        match SocketEnd.close reason with
        | None ->
            if reason.IsLost then
                socket.Abort()
        | Some(struct (status, words)) ->
            try
                do! socket.CloseOutputAsync(status, words, CancellationToken.None).WaitAsync patience
                do! takingIn.WaitAsync patience
            with _ ->
                socket.Abort()

        do! takingIn

        // A receive that failed leaves the socket aborted. Its disposal then aborts the request, and with it what Kestrel
        // has not handed to the system yet, the close among it.
        if not reason.IsLost && socket.State = WebSocketState.Aborted then
            do! Task.Delay farewell
    }

    /// The caller's messages end when the service stops; a handler that goes on without them is told to stop.
    let drain () : Task<unit> = task {
        received.Writer.TryComplete() |> ignore
        let! _ = Task.WhenAny(ending.Task, Task.Delay patience)
        decide SocketEnd.Draining
    }

    let count reason =
        SocketEnd.outcome reason
        |> Option.iter (fun status -> Outcome.Set(context.Http, status))

        match reason with
        | SocketEnd.Lost -> context.Metrics.Cancelled CancelledBy.Caller
        | SocketEnd.Idle _ -> context.Metrics.Cancelled CancelledBy.Deadline
        | _ -> ()

    /// Runs the handler, and closes.
    member _.Run(handle: Context -> IAsyncEnumerable<'In> -> IAsyncEnumerable<'Out>) : Task<unit> = task {
        use _ = life.Token.UnsafeRegister((fun _ -> giveUp ()), null)
        use _ = draining.UnsafeRegister((fun _ -> drain () |> ignore), null)
        let takingIn = takeIn ()
        // A handler may compute before it first waits, while the socket may have to end.
        let speaking = Task.Run<unit>(fun () -> speak handle)
        let! reason = ending.Task
        let closing = close takingIn reason

        if not speaking.IsCompleted then
            life.Leave()

        do! speaking
        context.Leave()
        count reason
        do! closing
    }
