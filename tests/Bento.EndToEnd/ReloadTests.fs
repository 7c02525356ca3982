/// Scripts and projects that are served anew after each save.
module Bento.EndToEnd.ReloadTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private greeting words =
    $"open Bento\nlet greeter = service {{ api \"greet\" (fun (name: string) -> \"{words} \" + name) }}\nServe.run greeter\n"

let private raising =
    "open Bento\nlet greeter = service {\n    init (fun (_: Setup<unit>) -> (invalidOp \"The weights are not there.\": string))\n    api \"greet\" (fun (name: string) -> name)\n}\n"

let private ask (client: HttpClient) : Task<HttpStatusCode * string> = task {
    use body = new StringContent("\"Ada\"", Encoding.UTF8, "application/json")
    use! response = client.PostAsync("/greet", body)
    let! text = response.Content.ReadAsStringAsync()
    return response.StatusCode, text
}

let private ready (client: HttpClient) : Task<string> = client.GetStringAsync "/readyz"

let private until (what: string) (reached: unit -> Task<bool>) : Task<unit> = task {
    use patience = new CancellationTokenSource(TimeSpan.FromMinutes 3.)
    let mutable isReached = false

    while not isReached do
        let! now = reached ()
        isReached <- now

        if patience.IsCancellationRequested then
            invalidOp $"It never came to this: {what}"

        if not isReached then
            do! Task.Delay 50
}

let private answers (client: HttpClient) (text: string) =
    until $"the answer {text}" (fun () -> task {
        let! _, given = ask client
        return given = text
    })

let private tells (client: HttpClient) (part: string) =
    until $"/readyz tells {part}" (fun () -> task {
        let! given = ready client
        return given.Contains part
    })

/// Callers that never stop asking, until they are told to: every status but 200.
let private callers (client: HttpClient) (stop: CancellationToken) : Task<HttpStatusCode array> = task {
    let call () = task {
        let others = ResizeArray<HttpStatusCode>()

        while not stop.IsCancellationRequested do
            let! status, _ = ask client

            if status <> HttpStatusCode.OK then
                others.Add status

        return others.ToArray()
    }

    let! others = Task.WhenAll [ for _ in 1..8 -> Task.Run<HttpStatusCode array>(call) ]
    return Array.concat others
}

[<Fact>]
let ``callers of a script see nothing of good and of broken saves but new answers`` () : Task =
    within (fun folder -> task {
        let script = Path.Combine(folder, "greeter.fsx")
        File.WriteAllText(script, greeting "Hello")
        use! server = Server.Start(script, "--reload")
        use stop = new CancellationTokenSource()
        let calling = callers server.Client stop.Token
        do! answers server.Client "Hello Ada"
        File.WriteAllText(script, greeting "Second")
        do! answers server.Client "Second Ada"

        File.WriteAllText(script, "open Bento\nlet port: int = \"3000\"\n")
        do! tells server.Client "does not compile"
        let! _ = server.Program.Heard @"greeter\.fsx\(2,17\): error FS0001: "
        let! _, text = ask server.Client
        Assert.Equal("Second Ada", text)

        File.WriteAllText(script, raising)
        do! tells server.Client "The weights are not there."
        let! _, text = ask server.Client
        Assert.Equal("Second Ada", text)

        let beside = script + ".tmp"
        File.WriteAllText(beside, greeting "Third")
        File.Move(beside, script, true)
        do! answers server.Client "Third Ada"
        let! told = ready server.Client
        Assert.DoesNotContain("reload", told)

        stop.Cancel()
        let! others = calling
        Assert.Empty others
        server.Program.Signal terminate
        let! code = server.Program.Exit()
        Assert.Equal(0, code)
    })

[<Fact>]
let ``a save of a loaded file counts`` () : Task =
    within (fun folder -> task {
        let words = Path.Combine(folder, "words.fsx")
        let script = Path.Combine(folder, "greeter.fsx")
        File.WriteAllText(words, "let greeting = \"One \"")

        File.WriteAllText(
            script,
            "#load \"words.fsx\"\nopen Bento\nlet greeter = service { api \"greet\" (fun (name: string) -> Words.greeting + name) }\n"
        )

        use! server = Server.Start(script, "--reload")
        do! answers server.Client "One Ada"
        File.WriteAllText(words, "let greeting = \"Two \"")
        do! answers server.Client "Two Ada"
    })

[<Fact>]
let ``a script that is broken from the start is served once it is mended`` () : Task =
    within (fun folder -> task {
        let script = Path.Combine(folder, "greeter.fsx")
        File.WriteAllText(script, "let port: int = \"3000\"\n")

        use program =
            new Program("dotnet", [ bento; "serve"; script; "--reload"; "--port"; "0" ])

        let! _ = program.Heard "Waiting for a save"
        File.WriteAllText(script, greeting "Hello")
        let! line = program.Heard @"http://127\.0\.0\.1:\d+"
        use client = new HttpClient(BaseAddress = Uri line.Value)
        do! answers client "Hello Ada"
    })

[<Fact>]
let ``a script that ends its process does not end the command`` () : Task =
    within (fun folder -> task {
        let script = Path.Combine(folder, "greeter.fsx")
        File.WriteAllText(script, "exit 7\n")

        use program =
            new Program("dotnet", [ bento; "serve"; script; "--reload"; "--port"; "0" ])

        let! _ = program.Heard "exit code 7"
        File.WriteAllText(script, greeting "Hello")
        let! line = program.Heard @"http://127\.0\.0\.1:\d+"
        use client = new HttpClient(BaseAddress = Uri line.Value)
        do! answers client "Hello Ada"
        program.Signal interrupt
        let! code = program.Exit()
        Assert.Equal(0, code)
    })

[<Fact>]
let ``a script that ends its process is not tried again before the next save`` () : Task =
    within (fun folder -> task {
        let script = write folder "greeter.fsx" (greeting "Hello")
        use! server = Server.Start(script, "--reload")
        do! answers server.Client "Hello Ada"
        File.WriteAllText(script, "exit 7\n")
        let! _ = server.Program.Heard "exit code 7"
        do! Task.Delay 4_000
        Assert.Single(Regex.Matches(server.Program.Output, "exit code 7")) |> ignore
    })

[<Fact>]
let ``the services of a script are those that a plain serve finds`` () : Task =
    within (fun folder -> task {
        let script =
            write
                folder
                "greeter.fsx"
                "open System\nopen Bento\nmodule private Hidden =\n    let other = service { api \"other\" (fun (name: string) -> name) }\nlet greeter = CSharp.Service.Create(\"greeter\").Api(\"greet\", Func<string, string>(fun name -> \"Built for \" + name)).Build()\n"

        use! server = Server.Start(script, "--reload")
        let! told = ready server.Client
        Assert.Contains("\"greeter\":\"ready\"", told)
    })

[<Fact>]
let ``a built assembly has nothing to reload`` () : Task = task {
    let! code, output = runBento [ "serve"; several + ":echo"; "--reload" ]
    Assert.Equal(1, code)
    Assert.Contains("no sources", output)
}

let private projectFile =
    $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><Compile Include="Greeter.fs" /></ItemGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    <Reference Include="{Path.Combine(AppContext.BaseDirectory, "Bento.Core.dll")}" />
    <Reference Include="{Path.Combine(AppContext.BaseDirectory, "Bento.Host.dll")}" />
  </ItemGroup>
</Project>"""

let private code words =
    $"module Greeter\nopen Bento\nlet greeter = service {{ api \"greet\" (fun (name: string) -> \"{words} \" + name) }}\n"

[<Fact>]
let ``a project is built anew after a save, and the old one goes on where it does not build`` () : Task =
    within (fun folder -> task {
        let source = Path.Combine(folder, "Greeter.fs")
        File.WriteAllText(Path.Combine(folder, "Greeter.fsproj"), projectFile)
        File.WriteAllText(source, code "Hello")
        use! server = Server.Start(folder, "--reload")
        do! answers server.Client "Hello Ada"
        File.WriteAllText(source, "module Greeter\nlet port: int = \"3000\"\n")
        do! tells server.Client "does not build"
        File.WriteAllText(source, code "Second")
        do! answers server.Client "Second Ada"
    })

[<Fact>]
let ``a signal while the first service is being made ends the command, and nothing of it is left`` () : Task =
    within (fun folder -> task {
        let temporary = Path.Combine(folder, "tmp")
        let project = Path.Combine(folder, "project")

        for place in [ temporary; project ] do
            Directory.CreateDirectory place |> ignore

        write project "Greeter.fsproj" projectFile |> ignore

        write
            project
            "Greeter.fs"
            "module Greeter\nopen System.Threading.Tasks\nopen Bento\nlet greeter = service {\n    init (fun (setup: Setup<unit>) -> task {\n        printfn \"Making it.\"\n        do! Task.Delay(600_000, setup.Cancellation)\n        return 1\n    })\n    api \"greet\" (fun (name: string) -> name)\n}\n"
        |> ignore

        use program =
            new Program("dotnet", [ bento; "serve"; project; "--reload"; "--port"; "0" ], [ "TMPDIR", temporary ])

        let! _ = program.Heard "Making it"
        program.Signal terminate
        let! code = program.Exit()
        Assert.True((code = 0), program.Output)
        Assert.DoesNotContain("Waiting for a save", program.Output)
        Assert.Empty(Directory.GetDirectories(temporary, "bento-reload-*"))
    })
