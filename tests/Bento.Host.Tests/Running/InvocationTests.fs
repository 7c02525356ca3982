module Bento.Hosting.Tests.InvocationTests

open System
open System.IO
open System.Net.Http
open System.Net.Sockets
open System.Text
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Logs
open Bento.Hosting.Tests.Wire

let private secret = "password=hunter2"

let private failing = service {
    init (fun (_: Setup<unit>) -> Task.FromResult 42)
    api "state" (fun (context: Context<int>) () -> Task.FromResult context.State)
    api "sync" (fun (number: int) -> number + 1)
    api "async" (fun (number: int) -> task { return number + 1 })

    api "later" (fun (number: int) -> task {
        do! Task.Delay 10
        return number + 1
    })

    api "syncFailure" (fun () -> raise (InvalidOperationException secret): int)

    api "asyncFailure" (fun (_: Context<int>) () -> task {
        do! Task.Yield()
        return raise (IOException secret): int
    })

    api "badRequest" (fun () -> raise (BadHttpRequestException secret): int)
    api "cancelled" (fun () -> raise (OperationCanceledException secret): int)
    api "noTask" (fun (_: Context<int>) () -> (Unchecked.defaultof<Task<int>>))
    api "intended" (fun () -> raise (BentoException(403, "Not for you.")): int)

    api "intendedLater" (fun (_: Context<int>) () -> task {
        do! Task.Yield()
        return raise (BentoException(503, "Come back.")): int
    })
}

let private failures (lines: Line list) =
    lines
    |> List.filter (fun line -> line.Category = "Bento.failing" && line.Level >= Logging.LogLevel.Warning)

[<Theory>]
[<InlineData("sync")>]
[<InlineData("async")>]
[<InlineData("later")>]
let ``handlers of every kind answer`` (endpoint: string) : Task = task {
    use! app = App.hosting [ failing ]
    let! answer = postJson app.Client ("/" + endpoint) "41"
    Assert.Equal("42", answer.Body)
    let! state = post app.Client "/state" "" [||]
    Assert.Equal("42", state.Body)
    Assert.Empty(failures app.Lines)
}

[<Theory>]
[<InlineData("syncFailure", typeof<InvalidOperationException>)>]
[<InlineData("asyncFailure", typeof<IOException>)>]
[<InlineData("badRequest", typeof<BadHttpRequestException>)>]
[<InlineData("cancelled", typeof<OperationCanceledException>)>]
[<InlineData("noTask", typeof<NullReferenceException>)>]
let ``a failure is a 500 that tells the caller nothing and the log everything`` (endpoint: string, kind: Type) : Task =
    task {
        use! app = App.hosting [ failing ]

        let! answer =
            sendWith app.Client "POST" ("/" + endpoint) [ "X-Request-ID", "the-id" ] "" [||]

        Assert.Equal("The handler failed; the log has it under the request id.", problem 500 answer)
        Assert.DoesNotContain(secret, answer.Body)
        let line = Assert.Single(failures app.Lines)
        Assert.Equal(Logging.LogLevel.Error, line.Level)
        Assert.Contains("the-id", line.Message)
        Assert.Contains("/" + endpoint, line.Message)
        Assert.IsType(kind, line.Cause) |> ignore
        let! after = postJson app.Client "/sync" "1"
        Assert.Equal("2", after.Body)
    }

[<Theory>]
[<InlineData("intended", 403, "Not for you.")>]
[<InlineData("intendedLater", 503, "Come back.")>]
let ``an intended refusal is sent as it is and not logged`` (endpoint: string, status: int, message: string) : Task =
    task {
        use! app = App.hosting [ failing ]
        let! answer = post app.Client ("/" + endpoint) "" [||]
        Assert.Equal(message, problem status answer)
        Assert.Empty(failures app.Lines)
    }

// -- callers that leave ------------------------------------------------------------------------------------

/// A handler that tells when it is entered and how it is left.
[<Sealed>]
type private Waiting(onCancelled: unit -> unit) =
    let entered =
        TaskCompletionSource TaskCreationOptions.RunContinuationsAsynchronously

    let left =
        TaskCompletionSource<bool> TaskCreationOptions.RunContinuationsAsynchronously

    member _.Entered = entered.Task.WaitAsync(TimeSpan.FromSeconds 30.)

    /// Whether it was cancelled.
    member _.Left = left.Task.WaitAsync(TimeSpan.FromSeconds 30.)

    member _.Handle (context: Context<unit>) (_: string) : Task<string> = task {
        entered.TrySetResult() |> ignore

        try
            do! Task.Delay(TimeSpan.FromSeconds 30., context.Cancellation)
            left.TrySetResult false |> ignore
        with :? OperationCanceledException ->
            left.TrySetResult true |> ignore
            onCancelled ()

        return "too late"
    }

let private waitingService (waiting: Waiting) = service {
    name "waiting"
    api "wait" waiting.Handle
    api "echo" (fun (text: string) -> text)
}

/// Waits until the log has what it should; the server writes it after the caller has gone.
let private untilLogged (app: App.App) wanted : Task<Line> = task {
    use patience = new CancellationTokenSource(TimeSpan.FromSeconds 30.)
    let mutable found = None

    while found.IsNone do
        found <- app.Lines |> List.tryFind wanted

        if found.IsNone then
            do! Task.Delay(10, patience.Token)

    return found.Value
}

let private leaveEarly (app: App.App) (waiting: Waiting) : Task<unit> = task {
    use leaving = new CancellationTokenSource()

    let asked =
        app.Client.PostAsync("/wait", new StringContent("text", Encoding.UTF8, "text/plain"), leaving.Token)

    do! waiting.Entered
    do! leaving.CancelAsync()
    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> asked)
    let! cancelled = waiting.Left
    Assert.True cancelled
}

let onCancelled =
    TheoryData<string, Action>(
        struct ("goes on as if nothing were", Action ignore),
        struct ("is cancelled", Action(fun () -> raise (OperationCanceledException()))),
        struct ("fails", Action(fun () -> raise (IOException secret)))
    )

[<Theory; MemberData(nameof onCancelled)>]
let ``a caller that leaves cancels the handler, and the log says 499 whatever that does``
    (what: string, action: Action)
    : Task = task {
    let waiting = Waiting action.Invoke
    use! app = App.hosting [ waitingService waiting ]
    do! leaveEarly app waiting
    let! line = untilLogged app (fun line -> line.Message.Contains "499")
    Assert.Equal(Logging.LogLevel.Information, line.Level)
    Assert.Equal((what = "fails"), not (isNull line.Cause))
    Assert.DoesNotContain(app.Lines, fun line -> line.Level >= Logging.LogLevel.Warning)
    let! after = postJson app.Client "/echo" "\"as before\""
    Assert.Equal("as before", after.Body)
}

/// A body that stops in its middle until it is cancelled.
[<Sealed>]
type private Stalling(begun: TaskCompletionSource) =
    inherit HttpContent()

    override _.TryComputeLength _ = false

    override _.SerializeToStreamAsync(_, _) = Task.CompletedTask

    override _.SerializeToStreamAsync(stream, _, cancellation) = task {
        do! stream.WriteAsync("\"begun"B, cancellation)
        do! stream.FlushAsync cancellation
        begun.TrySetResult() |> ignore
        do! Task.Delay(TimeSpan.FromSeconds 30., cancellation)
    }

[<Fact>]
let ``a caller that leaves in the middle of its body leaves nothing behind`` () : Task = task {
    let handled = Waiting ignore
    use! app = App.hosting [ waitingService handled ]
    use leaving = new CancellationTokenSource()
    let begun = TaskCompletionSource()
    let asked = app.Client.PostAsync("/wait", new Stalling(begun), leaving.Token)
    do! within begun.Task
    do! leaving.CancelAsync()
    let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> asked)
    let! line = untilLogged app (fun line -> line.Message.Contains "499")
    Assert.Equal(Logging.LogLevel.Information, line.Level)
    Assert.DoesNotContain(app.Lines, fun line -> line.Level >= Logging.LogLevel.Warning)
    let! after = postJson app.Client "/echo" "\"as before\""
    Assert.Equal("as before", after.Body)
}

[<Theory>]
[<InlineData(true)>]
[<InlineData(false)>]
let ``a closed socket cancels the handler, and the server is as before`` (reset: bool) : Task = task {
    let waiting = Waiting ignore
    let! server, client = App.serving (waitingService waiting)
    use _ = client
    use _ = server
    let! socket = connect server.Address
    do! sendText socket (head "POST" "/wait" [ "Content-Length: 3" ] + "\"a\"")
    do! waiting.Entered

    if reset then
        socket.LingerState <- LingerOption(true, 0)

    socket.Dispose()
    let! cancelled = waiting.Left
    Assert.True cancelled
    let! after = postJson client "/echo" "\"as before\""
    Assert.Equal("as before", after.Body)
}

[<Fact>]
let ``an answer that the application has begun is broken off, not mended`` () : Task = task {
    use! app =
        App.start (fun services -> services.AddBento failing |> ignore) (fun app ->
            app.Use(fun (http: HttpContext) (next: RequestDelegate) ->
                let run: Task<unit> = task {
                    do! http.Response.WriteAsync "begun"
                    do! http.Response.Body.FlushAsync()
                    do! next.Invoke http
                }

                run :> Task)
            |> ignore

            app.UseRouting() |> ignore
            app.MapBento failing |> ignore)

    for endpoint, kind in
        [
            "/state", typeof<InvalidOperationException>
            "/asyncFailure", typeof<IOException>
        ] do
        let! problem =
            Assert.ThrowsAnyAsync<exn>(fun () -> post app.Client endpoint "" [||] :> Task)

        Assert.True(problem :? HttpRequestException || problem :? IOException, string problem)
        let line = failures app.Lines |> List.last
        Assert.Contains(endpoint, line.Message)
        Assert.IsType(kind, line.Cause) |> ignore
}
