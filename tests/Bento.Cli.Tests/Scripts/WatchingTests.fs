module Bento.Tests.WatchingTests

open System
open System.IO
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento.Cli
open Bento.Tests.Folders

let private within (work: Task<unit>) : Task<unit> =
    work.WaitAsync(patience, cancellation ())

/// Long enough for some looks.
let private isQuiet (changed: Task<unit>) : Task<unit> = task {
    let! first = Task.WhenAny(changed, Task.Delay(2_500, cancellation ()))
    Assert.False(obj.ReferenceEquals(first, changed), "A change was seen where there was none.")
}

[<Fact>]
let ``a save is seen, also one that leaves length and time as they were a moment ago`` () : Task =
    inFolder (fun folder -> task {
        let file = write folder "a.fs" "one"
        let moment = File.GetLastWriteTimeUtc file
        use watching = new Watching(fun () -> [ file ])
        File.WriteAllText(file, "two")
        File.SetLastWriteTimeUtc(file, moment)
        do! within (watching.Changed(cancellation ()))
        File.WriteAllText(file, "three")
        do! within (watching.Changed(cancellation ()))
    })

[<Fact>]
let ``a file that has long been what it is is not read again`` () : Task =
    inFolder (fun folder -> task {
        let file = write folder "a.fs" "one"
        let before = DateTime.UtcNow.AddHours -1.
        File.SetLastWriteTimeUtc(file, before)
        use watching = new Watching(fun () -> [ file ])
        File.WriteAllText(file, "two")
        File.SetLastWriteTimeUtc(file, before)
        let changed = watching.Changed(cancellation ())
        do! isQuiet changed
        File.WriteAllText(file, "two")
        do! within changed
    })

[<Fact>]
let ``what cannot be looked at for a while does not end the watching`` () : Task =
    inFolder (fun folder -> task {
        let file = write folder "a.fs" "one"
        let looks = ref 0

        let files () =
            if Interlocked.Increment looks = 2 then
                raise (UnauthorizedAccessException "This folder is closed.")

            [ file ]

        use watching = new Watching(files)
        let changed = watching.Changed(cancellation ())
        File.WriteAllText(file, "two")
        do! within changed
        Assert.True(looks.Value > 2)
    })

[<Fact>]
let ``what was saved before a mark is not a change`` () : Task =
    inFolder (fun folder -> task {
        let file = write folder "a.fs" "one"
        use watching = new Watching(fun () -> [ file ])
        File.WriteAllText(file, "second")
        watching.Mark()
        let changed = watching.Changed(cancellation ())
        do! isQuiet changed
        File.WriteAllText(file, "third")
        do! within changed
    })

[<Fact>]
let ``who no longer waits is told`` () : Task =
    inFolder (fun folder -> task {
        use stop = new CancellationTokenSource()
        use watching = new Watching(fun () -> [ Path.Combine(folder, "none.fs") ])
        let changed = watching.Changed stop.Token
        stop.Cancel()

        let! _ = Assert.ThrowsAnyAsync<OperationCanceledException>(fun () -> within changed)

        ()
    })
