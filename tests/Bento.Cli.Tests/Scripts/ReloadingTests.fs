/// A service that gives way to others, in this process: what is loaded is a value of the test's.
module Bento.Tests.ReloadingTests

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Cli
open Bento.Tests.Folders

let private target definition : ConfiguredTarget = {
    Definition = definition
    Options = { Serve.options with Port = 0 }
    Values = []
}

/// What happens to a service that is being made, and is made when the test says so, or never.
let private making (began: SemaphoreSlim) (make: CancellationToken -> Task<int>) : Definition = service {
    name "made"

    init (fun (setup: Setup<unit>) -> task {
        began.Release() |> ignore
        return! make setup.Cancellation
    })

    api "which" (fun (context: Context<int>) () -> context.State)
}

let private at (count: SemaphoreSlim) : Task<unit> = task {
    let! came = count.WaitAsync(patience, cancellation ())
    Assert.True came
}

/// Runs what is loaded, with a file whose content has it loaded again.
let private running load taken (act: string -> CancellationTokenSource -> Task<unit>) : Task =
    inFolder (fun folder -> task {
        let file = write folder "a.fs" "0"
        use watching = new Watching(fun () -> [ file ])
        use stop = new CancellationTokenSource()
        let run = Reloading.run "made" watching load taken stop.Token
        do! act file stop
        let! code = run.WaitAsync(patience, cancellation ())
        Assert.Equal(0, code)
    })

[<Fact>]
let ``a stop while the first service is being made ends the run`` () : Task =
    let began = new SemaphoreSlim 0

    let slow =
        making began (fun cancellation -> task {
            do! Task.Delay(Timeout.Infinite, cancellation)
            return 1
        })

    running (fun () -> Task.FromResult(target slow)) ignore (fun _ stop -> task {
        do! at began
        stop.Cancel()
    })

[<Fact>]
let ``a stop while a build runs that never ends ends the run`` () : Task =
    let never = TaskCompletionSource<ConfiguredTarget>()
    let asked = new SemaphoreSlim 0

    let load () =
        asked.Release() |> ignore
        never.Task

    running load ignore (fun _ stop -> task {
        do! at asked
        stop.Cancel()
    })

[<Fact>]
let ``a stop while a mended save is waited for ends the run`` () : Task =
    let asked = new SemaphoreSlim 0

    let load () : Task<ConfiguredTarget> =
        asked.Release() |> ignore
        raise (CliException "It does not build.")

    running load ignore (fun _ stop -> task {
        do! at asked
        stop.Cancel()
    })

[<Fact>]
let ``a stop while the next service is being made, and never is, ends the run`` () : Task =
    let began = new SemaphoreSlim 0
    let good = making began (fun _ -> Task.FromResult 1)
    let endless = making began (fun _ -> TaskCompletionSource<int>().Task)
    let next = ref good

    let taken = new SemaphoreSlim 0

    running (fun () -> Task.FromResult(target next.Value)) (taken.Release >> ignore) (fun file stop -> task {
        do! at began
        do! at taken
        next.Value <- endless
        File.WriteAllText(file, "second")
        do! at began
        stop.Cancel()
    })

[<Fact>]
let ``what came on the air is told, and what did not is not`` () : Task =
    let began = new SemaphoreSlim 0
    let good = making began (fun _ -> Task.FromResult 1)

    let raising =
        making began (fun _ -> Task.FromException<int>(InvalidOperationException "The weights are not there."))

    let next = ref good
    let taken = new SemaphoreSlim 0

    running (fun () -> Task.FromResult(target next.Value)) (taken.Release >> ignore) (fun file stop -> task {
        do! at began
        do! at taken
        next.Value <- raising
        File.WriteAllText(file, "second")
        do! at began
        Assert.Equal(0, taken.CurrentCount)
        next.Value <- good
        File.WriteAllText(file, "the third")
        do! at taken
        Assert.Equal(0, taken.CurrentCount)
        stop.Cancel()
    })
