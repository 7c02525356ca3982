/// What `init` is given to make the state of a worker.
module Bento.Tests.SetupTests

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Bento.Tests.WorkerTests

[<Fact>]
let ``init is given the place, device, models, cancellation and log of its worker`` () : Task = task {
    use cancellation = new CancellationTokenSource()
    let models = Dictionary<string, string>()
    models["iris:latest"] <- "/models/iris"

    let given = {
        setup with
            Models = models
            Device = Device.Gpu 1
            Worker = { Index = 2; Count = 4 }
            Cancellation = cancellation.Token
            Log = LogTests.Lines()
    }

    let mutable received = ValueNone

    let it =
        let receive = fun (setup: Setup<unit>) -> received <- ValueSome setup

        service {
            name "it"
            init receive
            api "echo" (fun (text: string) -> text)
        }

    let! _ = start noDependencies given it
    let received = received.Value
    Assert.Same(given.Models, received.Models)
    Assert.Equal(Device.Gpu 1, received.Device)
    Assert.Equal({ Index = 2; Count = 4 }, received.Worker)
    Assert.Equal(cancellation.Token, received.Cancellation)
    Assert.Same(given.Log, received.Log)
}

type A = { A: string }
type B = { B: string }
type C = { C: string }
type D = { D: string }

let private clients = {
    new Resolver with
        member _.Resolve(dependency: Dependency<'Client>) : 'Client =
            let client: objnull =
                if typeof<'Client> = typeof<A> then
                    box { A = dependency.Service }
                elif typeof<'Client> = typeof<B> then
                    box { B = dependency.Service }
                elif typeof<'Client> = typeof<C> then
                    box { C = dependency.Service }
                else
                    box { D = dependency.Service }

            unbox<'Client> client
}

let private a = Dependency.named<A> "a"
let private b = Dependency.named<B> "b"
let private c = Dependency.named<C> "c"
let private d = Dependency.named<D> "d"

let private answer (definition: Definition<'State>) = task {
    let! worker = start clients setup definition
    return! worker.Call<unit, string>("names", (), CancellationToken.None)
}

[<Fact>]
let ``one dependency is the client itself`` () : Task = task {
    let! names =
        answer (
            service {
                name "it"
                depends a
                init (fun setup -> setup.Clients.A)
                api "names" (fun context () -> context.State)
            }
        )

    Assert.Equal("a", names)
}

[<Fact>]
let ``two, three and four dependencies are a tuple in their order`` () : Task = task {
    let! two =
        answer (
            service {
                name "it"
                depends a b
                init (fun setup -> let a, b = setup.Clients in a.A + b.B)
                api "names" (fun context () -> context.State)
            }
        )

    let! three =
        answer (
            service {
                name "it"
                depends a b c
                init (fun setup -> task { let a, b, c = setup.Clients in return a.A + b.B + c.C })
                api "names" (fun context () -> context.State)
            }
        )

    let! four =
        answer (
            service {
                name "it"
                depends a b c d
                init (fun setup -> let a, b, c, d = setup.Clients in a.A + b.B + c.C + d.D)
                api "names" (fun context () -> context.State)
            }
        )

    Assert.Equal<string list>([ "ab"; "abc"; "abcd" ], [ two; three; four ])
}

[<Fact>]
let ``without init the clients are the state`` () : Task = task {
    let! names =
        answer (
            service {
                name "it"
                depends a b
                api "names" (fun context () -> let a, b = context.State in a.A + b.B)
            }
        )

    Assert.Equal("ab", names)
}

[<Fact>]
let ``a dependency that cannot be resolved makes the start fail`` () : Task = task {
    let it = service {
        name "it"
        depends a
        api "names" (fun (context: Context<A>) () -> context.State.A)
    }

    let starting = start noDependencies setup it
    let! _ = Assert.ThrowsAsync<InvalidOperationException>(fun () -> starting)
    ()
}
