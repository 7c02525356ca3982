/// What a definition does with those it has let in when another takes its place.
module Bento.Hosting.Tests.EditionTests

open System
open System.Collections.Generic
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Xunit
open Bento
open Bento.Hosting.Tests.Talking
open Bento.Hosting.Tests.Wire

let private echoing = service {
    socket "echo" (fun (_: Context<unit>) (messages: IAsyncEnumerable<string>) -> messages)
}

let private statusOf (edition: Edition) (path: string) : Task<int> = task {
    let http = DefaultHttpContext()
    http.Request.Method <- HttpMethods.Get
    http.Request.Path <- PathString path
    do! edition.Answer http
    return http.Response.StatusCode
}

[<Fact>]
let ``a probe that came before the change does not hear of a stop`` () : Task = task {
    use! app = App.hosting [ echoing ]
    use edition = new Edition(Serve.options, echoing, app.Services)
    edition.Map()
    do! edition.Start(cancellation ())
    Assert.True(edition.TryEnter())
    let retired = edition.Retire()
    let! status = statusOf edition "/readyz"
    Assert.Equal(200, status)
    Assert.False retired.IsCompleted
    edition.Leave()
    do! within retired
    Assert.False(edition.TryEnter())
    do! edition.Stop CancellationToken.None
}

[<Fact>]
let ``a handshake that came before the change ends in a close that says to come again`` () : Task = task {
    use! app = App.hosting [ echoing ]
    app.Services.GetRequiredService<Runtime>().Retire()
    use! socket = talkWithin app "/echo"
    let! said = hear socket
    Assert.Equal(Closed(1012, "The service stops; connect again."), said)
}
