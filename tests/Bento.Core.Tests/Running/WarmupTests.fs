/// Inputs that a service is given before it is ready.
module Bento.Tests.WarmupTests

open System
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Tests.WorkerTests

[<Fact>]
let ``inputs that warm an endpoint go through its handler between init and the hooks`` () : Task = task {
    let happened = ResizeArray<string>()

    let it = service {
        endpoint "echo" {
            warmup "one"
            warmup "two"
        }

        endpoint "lengths" { warmup "three" }
        name "it"

        init (fun _ ->
            happened.Add "init"
            happened)

        onStartup (fun state -> state.Add "start")

        api "echo" (fun context (text: string) -> task {
            context.State.Add text
            return text
        })

        api
            "lengths"
            (batched (fun (batch: BatchContext<ResizeArray<string>>) (rows: string[]) ->
                batch.State.AddRange rows
                rows |> Array.map String.length))
    }

    let! _ = start noDependencies setup it
    Assert.Equal<string seq>([ "init"; "one"; "two"; "three"; "start" ], happened)
}

[<Fact>]
let ``a warm-up that raises stops the start, which names it`` () : Task = task {
    let happened = ResizeArray<string>()

    let it = service {
        endpoint "broken" { warmup "x" }
        name "it"
        init (fun _ -> new State(happened))
        api "broken" (fun (text: string) -> if text = "x" then invalidOp "cold" else text)
    }

    let! raised =
        Assert.ThrowsAsync<InvalidOperationException>(fun () -> start noDependencies setup it)

    Assert.Equal("`warmup` of \"broken\" of \"it\" raised InvalidOperationException: cold", raised.Message)
    Assert.Equal<string seq>([ "disposed" ], happened)
}
