/// Scripts on a machine that has the packages and nothing else of the repository.
[<Xunit.Collection "packages">]
module Bento.EndToEnd.ScriptTests

open System
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs
open Bento.EndToEnd.Packages

let private reference = $"#r \"nuget: Bento, {version}\"\n"

[<Fact>]
let ``the quickstart answers, and SIGTERM ends it well`` () : Task = task {
    machine.Copy "samples/quickstart.fsx"
    use program = machine.Start("dotnet", "fsi", "quickstart.fsx")
    let! answer = asked program "/greet" """{"name": "Ada"}"""
    Assert.Equal(200, answer.Status)
    Assert.Equal("""{"text":"Hello, Ada!"}""", answer.Body)
    Assert.Contains("Stopping; requests under way: 0", program.Output)
}

[<Fact>]
let ``SIGTERM lets a request of a script finish, and the script goes on behind it`` () : Task = task {
    machine.Write(
        "slow.fsx",
        reference
        + """
open System.Threading.Tasks
open Bento

let slow = service {
    api "wait" (fun (milliseconds: int) -> task {
        printfn "It is in work."
        do! Task.Delay milliseconds
        return milliseconds
    })
}

Serve.runWith { Serve.options with Prefix = "/v1" } slow
printfn "It has served."
"""
    )

    use program = machine.Start("dotnet", "fsi", "slow.fsx")
    let! address = address program
    let inFlight = Wire.post address "/v1/wait" "2000"B
    let! _ = program.Heard "It is in work"
    program.Signal terminate
    let! answer = inFlight
    Assert.Equal(200, answer.Status)
    let! code = program.Exit()
    Assert.True((code = 0), program.Output)
    Assert.Contains("It has served.", program.Output)
}

[<Fact>]
let ``the mistakes of a script are told with its lines, and nothing else`` () : Task = task {
    machine.Write(
        "mistaken.fsx",
        reference
        + """
open Bento

let mistaken = service {
    threads 0
    api "twice" (fun (text: string) -> text)
    api "twice" (fun (text: string) -> text + text)
}

Serve.run mistaken
printfn "It went on."
"""
    )

    let! code, output = machine.Run("dotnet", "fsi", "mistaken.fsx")
    Assert.Equal(1, code)

    Assert.Equal(
        "The service \"mistaken\" cannot be used:\n"
        + "  mistaken.fsx(6): `threads 0`: wanted one or more\n"
        + "  mistaken.fsx(8): the endpoint name \"twice\" is used again, first on line 7; names are unique in a service",
        output.Trim()
    )
}

[<Fact>]
let ``a script that names types of ASP.NET Core and hosts a service in an application of its own runs`` () : Task = task {
    machine.Write(
        "application.fsx",
        $"#r \"nuget: Bento, {version}, usepackagetargets=true\"\n"
        + """
open System
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Bento

let shouting = service { api "shout" (fun (text: string) -> text.ToUpperInvariant()) }

let builder = WebApplication.CreateBuilder()
builder.Services.AddBento shouting |> ignore
let app = builder.Build()
app.MapGroup("/v1").MapBento shouting |> ignore
app.MapGet("/", Func<HttpContext, string>(fun http -> "own: " + http.Request.Method)) |> ignore
app.Urls.Add "http://127.0.0.1:0"
app.Run()
"""
    )

    use program = machine.Start("dotnet", "fsi", "application.fsx")
    let! answer = asked program "/v1/shout" "\"so\""
    Assert.Equal(200, answer.Status)
    Assert.Equal("SO", answer.Body)
}

[<Fact>]
let ``a console asks a service without a server and with one, and its init runs once`` () : Task = task {
    machine.Write(
        "console.fsx",
        reference
        + """
open Bento

let counting = service {
    init (fun (_: Setup<unit>) -> printfn "It was made."; 40)
    api "add" (fun (context: Context<int>) (input: {| More: int |}) -> context.State + input.More)
}

printfn "%s" (counting |> Serve.call "add" {| more = 2 |})
printfn "%s" (counting |> Serve.call "add" {| more = 3 |})
let server = (Serve.start { Serve.options with Port = 0 } counting).Result
printfn "on %b" (server.Address.StartsWith "http://127.0.0.1:")
server.Stop(System.Threading.CancellationToken.None).Wait()
"""
    )

    let! output = machine.Must("dotnet", "fsi", "console.fsx")

    let lines =
        output.Split '\n' |> Array.filter (fun line -> not (line.Contains " info "))

    Assert.Equal<string[]>([| "It was made."; "42"; "43"; "It was made."; "on true" |], lines)
}

[<Fact>]
let ``the summarizer in one file picks the three central sentences of the passage`` () : Task = task {
    machine.Copy "samples/summarize.fsx"
    use program = machine.Start("dotnet", "fsi", "summarize.fsx")

    let! answer =
        asked program "/summarize" (JsonSerializer.Serialize {| text = passage |})

    Assert.Equal(200, answer.Status)
    use body = JsonDocument.Parse answer.Body

    let picked = [
        for sentence in body.RootElement.GetProperty("sentences").EnumerateArray() ->
            sentence.GetProperty("index").GetInt32()
    ]

    Assert.Equal<int list>([ 0; 3; 6 ], picked)
}

[<Fact>]
let ``the scripts of the samples are pinned to the version of the packages`` () =
    for script in [ "samples/quickstart.fsx"; "samples/summarize.fsx" ] do
        let text = IO.File.ReadAllText(IO.Path.Combine(root, script))
        Assert.Equal(version, Regex.Match(text, "#r \"nuget: Bento, (.*)\"").Groups[1].Value)
