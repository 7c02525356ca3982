/// The bounds of batches over HTTP: too many rows, too many places, no thread in time.
module Bento.Hosting.Tests.BatcherBoundsTests

open System
open System.Collections.Concurrent
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Hosting.Tests.BatcherTests
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Wire

let private doubled (rows: int[]) = rows |> Array.map (fun row -> row * 2)

[<Fact>]
let ``more rows than may ever wait are too large, and as many as may are answered`` () : Task = task {
    let it = service {
        endpoint "pairs" {
            inFlight 1
            maxBatch 1
        }

        traffic { concurrency 8 }
        name "it"
        api "pairs" (batchedRows (fun (rows: int[]) -> rows))
    }

    use! app = App.hosting [ it ]
    let json count = $"[{String.Join(',', [ 1..count ])}]"
    let! fine = postJson app.Client "/pairs" (json 64)
    Assert.Equal(json 64, fine.Body)
    let! refused = postJson app.Client "/pairs" (json 65)
    Assert.Equal(413, refused.Status)
    Assert.Contains("was given 65 rows and takes at most 64 in one request; send them in several.", refused.Body)
}

[<Fact>]
let ``as many batches at once as a number can say are as many as there is work for`` () : Task = task {
    let it = service {
        endpoint "double" {
            inFlight Int32.MaxValue
            maxBatch Int32.MaxValue
        }

        name "it"
        workers 2
        api "double" (batched doubled)
    }

    use! app = App.hosting [ it ]
    let! answer = ask app.Client "double" 4
    Assert.Equal("8", answer.Body)
}

[<Fact>]
let ``a lone caller whose time is over before its batch has a thread is told of the wait for a batch`` () : Task = task {
    let holding = Holding()

    let it = service {
        endpoint "hurried" { timeout (milliseconds 300) }
        name "it"
        threads 1

        api "hold" (fun (who: string) ->
            holding.Block who
            who)

        api "hurried" (batched doubled)
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let held = postJson client "/hold" "\"it\""
    do! holding.Until "it"
    let! late = ask client "hurried" 1
    Assert.Equal(504, late.Status)
    Assert.Contains("the wait for a batch", late.Body)
    holding.Release "it"
    let! answer = held
    Assert.Equal("it", answer.Body)
}

[<Fact>]
let ``a batch that may wait longer than its member leaves in time for it`` () : Task = task {
    let it = service {
        endpoint "patient" {
            maxDelay (minutes 30)
            timeout (seconds 1)
        }

        name "it"
        api "patient" (batched doubled)
    }

    let! server, client = App.serving it
    use _ = server
    use client = client
    let! answer = ask client "patient" 4
    Assert.Equal("8", answer.Body)
    do! untilFigure client "bento_batches_total" [ "reason", "deadline" ] 1.
}

[<Fact>]
let ``a caller of several rows whose time is over before they wait is told so, and takes no place for good`` () : Task =
    task {
        let computed = ConcurrentQueue<int[]>()
        let holding = Holding()

        let it = service {
            endpoint "keyed" { timeout (milliseconds 200) }

            traffic {
                concurrency 1
                queue 1
            }

            name "it"

            api
                "keyed"
                (batchedRows (fun (rows: int[]) ->
                    computed.Enqueue rows
                    doubled rows)
                 |> Batched.byRow (fun row ->
                     if row = 1 then
                         holding.Block "key"

                     row))
        }

        let! server, client = App.serving it
        use _ = server
        use client = client
        let late = postJson client "/keyed" "[1]"
        do! holding.Until "key"
        do! Task.Delay 400
        holding.Release "key"
        let! answer = late
        Assert.Equal(504, answer.Status)
        let! next = postJson client "/keyed" "[2]"
        Assert.Equal("[4]", next.Body)
        Assert.Equal<int[]>([ [| 2 |] ], computed)
    }
