/// Work that is left for after the answer.
module Bento.Hosting.Tests.AfterWorkTests

open System
open System.Collections.Concurrent
open System.IO
open System.Threading.Tasks
open Microsoft.Extensions
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private leaving (holding: Holding) (notes: ConcurrentQueue<string>) = service {
    traffic {
        concurrency 1
        timeout (milliseconds 500)
    }

    name "leaving"

    api "leave" (fun (context: Context<unit>) (who: string) ->
        let directory = context.TempDirectory

        context.Response.After(fun () -> task {
            do! holding.Stay who
            let header = context.Request.Headers.Find "x-note"
            notes.Enqueue $"{who} {header} {context.Request.Path} {Directory.Exists directory}"
        })

        context.Response.After(fun () -> failwith $"{who} fails")
        context.Response.After(fun () -> task { notes.Enqueue $"{who} again {context.TempDirectory = directory}" })
        directory)

    api "fail" (fun (context: Context<unit>) () ->
        context.Response.After(fun () -> task { notes.Enqueue "never" })
        failwith "no"
        : int)

    api "intend" (fun (context: Context<unit>) () ->
        context.Response.After(fun () -> task { notes.Enqueue "intended" })
        raise (BentoException(409, "no"))
        : int)
}

[<Fact>]
let ``work after the answer begins when that is sent, holds no place, and has its request and directory`` () : Task =
    task {
        let holding, notes = Holding(), ConcurrentQueue<string>()
        let! server, client = App.serving (leaving holding notes)
        use _ = client
        use _ = server

        let! first =
            sendWith client "POST" "/leave" [ "X-Note", "mine" ] "application/json" "\"first\""B

        Assert.True(Directory.Exists first.Body)
        do! holding.Until "first"
        do! inWork client 0.
        // Another request on the same connection, which the work does not hold either.
        let! second = postJson client "/leave" "\"second\""
        Assert.Equal(200, second.Status)
        do! holding.Until "second"
        Assert.Empty notes
        holding.Release "first"
        do! eventually "the first note" (fun () -> Task.FromResult(notes.Count = 2))
        Assert.Equal<string seq>([ "first mine /leave True"; "first again True" ], notes)
        holding.Release "second"
        do! eventually "the second note" (fun () -> Task.FromResult(notes.Count = 4))
        do! eventually "the end of the directory" (fun () -> Task.FromResult(not (Directory.Exists first.Body)))
        do! eventually "the end of the other" (fun () -> Task.FromResult(not (Directory.Exists second.Body)))
    }

[<Fact>]
let ``a failure after the answer is logged under the request's id, and keeps nothing else back`` () : Task = task {
    let holding, notes = Holding(), ConcurrentQueue<string>()
    use! app = App.hosting [ leaving holding notes ]
    holding.Release "one"
    let! answer = postJson app.Client "/leave" "\"one\""
    Assert.Equal(200, answer.Status)
    do! eventually "the notes" (fun () -> Task.FromResult(notes.Count = 2))
    let line = app.Lines |> List.find (fun line -> line.Level = Logging.LogLevel.Error)
    Assert.Contains(answer.Headers["x-request-id"], line.Message)
    Assert.Contains("one fails", string line.Cause)
}

[<Fact>]
let ``work is left by an intended failure, and by no other`` () : Task = task {
    let notes = ConcurrentQueue<string>()
    use! app = App.hosting [ leaving (Holding()) notes ]
    let! failed = post app.Client "/fail" "" [||]
    Assert.Equal(500, failed.Status)
    let! intended = post app.Client "/intend" "" [||]
    Assert.Equal(409, intended.Status)
    do! eventually "the note" (fun () -> Task.FromResult(not notes.IsEmpty))
    do! app.Stop()
    Assert.Equal<string seq>([ "intended" ], notes)
}

[<Fact>]
let ``a host that stops waits for work after answers, and only then disposes the state`` () : Task = task {
    let holding, notes = Holding(), ConcurrentQueue<string>()

    let lasting = service {
        name "lasting"

        init (fun (_: Setup<unit>) -> {
            new IDisposable with
                member _.Dispose() = notes.Enqueue "disposed"
        })

        api "leave" (fun (context: Context<IDisposable>) () ->
            context.Response.After(fun () -> task {
                do! holding.Stay "work"
                notes.Enqueue "worked"
            })

            1)
    }

    let! app = App.hosting [ lasting ]
    let! answer = post app.Client "/leave" "" [||]
    Assert.Equal("1", answer.Body)
    do! holding.Until "work"
    let stopping = app.Stop()
    do! Task.Delay 50
    Assert.Empty notes
    holding.Release "work"
    do! within stopping
    Assert.Equal<string seq>([ "worked"; "disposed" ], notes)
    do! (app :> IAsyncDisposable).DisposeAsync()
}
