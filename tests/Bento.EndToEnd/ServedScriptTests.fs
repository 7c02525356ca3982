/// Scripts that the command serves: compiled once, then from the cache.
module Bento.EndToEnd.ServedScriptTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private served greeting =
    $"open Bento\nlet greeter = service {{ api \"greet\" (fun (name: string) -> \"{greeting} \" + name) }}\nServe.run greeter\n"

/// With a cache of the folder's own, so that what other runs have compiled does not count.
let private command folder arguments =
    bentoWith [ $"BENTO_HOME={folder}/home" ] arguments

/// What a script answers, and what the command said until it did.
let private answer folder (script: string) : Task<string * string> = task {
    let file, arguments = command folder [ "serve"; script; "--port"; "0" ]
    use program = new Program(file, arguments)
    let! line = program.Heard @"http://127\.0\.0\.1:\d+"
    use client = new HttpClient(BaseAddress = Uri line.Value)
    use body = new StringContent("\"Ada\"", Encoding.UTF8, "application/json")
    use! response = client.PostAsync("/greet", body)
    Assert.Equal(HttpStatusCode.OK, response.StatusCode)
    let! text = response.Content.ReadAsStringAsync()
    program.Signal terminate
    let! code = program.Exit()
    Assert.Equal(0, code)
    return text, program.Output
}

let private compiling = "Compiling"

[<Fact>]
let ``a script is compiled once for each content`` () : Task =
    within (fun folder -> task {
        let script = write folder "greeter.fsx" (served "Hello")
        let! text, said = answer folder script
        Assert.Equal("Hello Ada", text)
        Assert.Contains(compiling, said)
        let! text, said = answer folder script
        Assert.Equal("Hello Ada", text)
        Assert.DoesNotContain(compiling, said)
        write folder "greeter.fsx" (served "Goodbye") |> ignore
        let! text, said = answer folder script
        Assert.Equal("Goodbye Ada", text)
        Assert.Contains(compiling, said)
    })

[<Fact>]
let ``another text of a loaded file is another script`` () : Task =
    within (fun folder -> task {
        write folder "words.fsx" "let greeting = \"One\"" |> ignore

        let script =
            write
                folder
                "greeter.fsx"
                "#load \"words.fsx\"\nopen Bento\nlet greeter = service { api \"greet\" (fun (name: string) -> Words.greeting + name) }\n"

        let! text, _ = answer folder script
        Assert.Equal("OneAda", text)
        write folder "words.fsx" "let greeting = \"Two\"" |> ignore
        let! text, said = answer folder script
        Assert.Equal("TwoAda", text)
        Assert.Contains(compiling, said)
    })

[<Fact>]
let ``a script that does not compile is refused as the compiler has it`` () : Task =
    within (fun folder -> task {
        let script = write folder "broken.fsx" "open Bento\nlet port: int = \"3000\"\n"
        let file, arguments = command folder [ "serve"; script ]
        let! code, output = run file arguments
        Assert.Equal(1, code)
        Assert.Matches(@"broken\.fsx\(2,17\): error FS0001: ", output)
    })

[<Fact>]
let ``a script that raises is refused with what it raised`` () : Task =
    within (fun folder -> task {
        let script = write folder "raising.fsx" "invalidOp \"The weights are not there.\"\n"
        let file, arguments = command folder [ "serve"; script ]
        let! code, output = run file arguments
        Assert.Equal(1, code)
        Assert.Contains("The weights are not there.", output)
        Assert.Contains("raising.fsx", output)
    })

[<Fact>]
let ``a script without a service is refused`` () : Task =
    within (fun folder -> task {
        let script = write folder "empty.fsx" "let answer = 42\n"
        let file, arguments = command folder [ "serve"; script ]
        let! code, output = run file arguments
        Assert.Equal(1, code)
        Assert.Contains("empty.fsx has no service", output)
    })

[<Fact>]
let ``a script is configured and documented as a project is`` () : Task =
    within (fun folder -> task {
        let script = write folder "greeter.fsx" (served "Hello")
        let file, arguments = command folder [ "openapi"; script ]
        let! code, output = run file arguments
        Assert.Equal(0, code)
        Assert.Contains("/greet", output)
        let file, arguments = command folder [ "config"; script; "--queue"; "9" ]
        let! code, output = run file arguments
        Assert.Equal(0, code)
        Assert.Matches(@"services\.greeter\.traffic\.queue +9 +", output)
    })
