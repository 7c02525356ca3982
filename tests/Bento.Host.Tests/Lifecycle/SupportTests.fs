module Bento.Hosting.Tests.SupportTests

open System.Collections.Generic
open System.Threading.Tasks
open Xunit
open Bento

type Tokenizer = { Count: string -> Task<int> }

let private tokenizer = service { api "count" (fun (text: string) -> text.Length) }

let private empty (_: Context<'State>) (_: int) : IAsyncEnumerable<int> =
    Items.produce (fun _ _ -> Task.CompletedTask)

/// What is refused is told with its line; below, lines are counted from this one.
let private line = int __LINE__

let private everything = service {
    model "iris:latest"
    depends (Dependency.on<Tokenizer> tokenizer)
    init (fun (_: Setup<Tokenizer>) -> Task.FromResult(()))
    api "add" (fun (number: int) -> number + 1)
    job "train" (fun (_: Context<unit>) (number: int) -> Task.FromResult number)
}

let private hosted = service {
    resources {
        cpu 1
        memory "1GiB"
    }

    traffic {
        bodyLimit "1MiB"
        concurrency 32
        queue 8
        timeout (seconds 10)
        idle (minutes 1)
        heartbeat (seconds 5)
    }

    endpoint "add" {
        route "/v1/add"
        bodyLimit "1KiB"
        timeout (seconds 5)
    }

    description "Adds."
    version "1.0.0"
    labels [ "team", "numbers" ]
    workers 2
    threads 2
    api "add" (fun (number: int) -> number + 1)
    stream "numbers" empty
    socket "echo" (fun (numbers: IAsyncEnumerable<int>) -> numbers)
}

let private startUp (definitions: Definition list) : Task<InvalidServiceException> =
    Assert.ThrowsAsync<InvalidServiceException>(fun () ->
        App.start
            (fun services ->
                for definition in definitions do
                    services.AddBento definition |> ignore)
            ignore
        :> Task)

[<Fact>]
let ``what cannot be hosted yet is refused at the start, all at once and each with its line`` () : Task = task {
    let! refused = startUp [ everything; tokenizer ]

    let refusals = [
        for _, problem in InvalidServiceException.problems refused do
            match problem with
            | NotHosted(what, at) -> what, at - line
            | other -> Assert.Fail $"{other}"
    ]

    Assert.Equal<(string * int) list>(
        [
            "`model \"iris:latest\"`", 3
            "`depends` on \"tokenizer\"", 4
            "`job \"train\"`", 7
        ],
        refusals |> List.sortBy snd
    )
}

[<Fact>]
let ``the refusal is one that a person understands`` () : Task = task {
    let! refused = startUp [ everything; tokenizer ]
    Assert.Contains("SupportTests.fs", refused.Message)

    Assert.Contains(
        "`model \"iris:latest\"` is understood, but this version of Bento cannot host it yet; take it away to start",
        refused.Message
    )
}

[<Fact>]
let ``what is hosted is not refused`` () : Task = task {
    use! app = App.hosting [ hosted ]
    let! answer = Wire.postJson app.Client "/v1/add" "1"
    Assert.Equal("2", answer.Body)
}

[<Fact>]
let ``a server of its own refuses the same before it listens`` () : Task = task {
    let! refused =
        Assert.ThrowsAsync<InvalidServiceException>(fun () ->
            Serve.start { Serve.options with Port = 0 } everything :> Task)

    Assert.Equal(3, (InvalidServiceException.problems refused).Length)
}

[<Fact>]
let ``mistakes and what is not hosted yet, of all services, are one report`` () : Task = task {
    let wrong = service {
        traffic { bodyLimit "1 byte" }
        name "wrong"
        api "two words" (fun () -> "")
    }

    let alsoWrong = service {
        name "also-wrong"
        workers 0
        api "x" (fun () -> "")
    }

    let! refused = startUp [ wrong; everything; tokenizer; alsoWrong ]
    let cases = InvalidServiceException.problems refused |> List.map snd

    let count case =
        cases |> List.filter case |> List.length

    Assert.Equal(2, count _.IsBadValue)
    Assert.Equal(1, count _.IsBadName)
    Assert.Equal(3, count _.IsNotHosted)
    Assert.Equal(6, cases.Length)
    Assert.Contains("wrong, everything, tokenizer, also-wrong", refused.Message)

    let mapped =
        Assert.Throws<InvalidServiceException>(fun () ->
            App.build (fun services -> services.AddBento(wrong).AddBento alsoWrong |> ignore) (fun app ->
                app.MapBento wrong |> ignore)
            |> ignore)

    Assert.Equal(3, (InvalidServiceException.problems mapped).Length)
}
