/// The command from its package, on a machine that has nothing else of the repository.
[<Xunit.Collection "packages">]
module Bento.EndToEnd.NewcomerTests

open System
open System.IO
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs
open Bento.EndToEnd.Packages

let private greets (program: Program) (expected: string) : Task = task {
    let! answer = asked program "/greet" """{"name": "Ada"}"""
    Assert.Equal(200, answer.Status)
    Assert.Equal(expected, answer.Body)
}

[<Fact>]
let ``the command is installed from its package and finds ONNX Runtime in it`` () : Task = task {
    let! bento = command ()
    let! said = machine.Must(bento, "--version")
    Assert.Equal(version, said.Trim())
    let! _, findings = machine.Run(bento, "doctor", "--port", "0")
    Assert.Contains(machine.Folder |> Path.GetDirectoryName |> string, findings)
    Assert.Matches(@"ONNX Runtime\S*\s.*1\.\d+", findings)
}

[<Fact>]
let ``a new script runs as it is made`` () : Task = task {
    let! bento = command ()
    let! said = machine.Must(bento, "new", "script", "first")
    Assert.Contains("dotnet fsi first.fsx", said)
    use program = machine.Start("dotnet", "fsi", "first.fsx")
    do! greets program """{"text":"Hello, Ada!"}"""
}

[<Fact>]
let ``a new F# project runs as it is made, by itself and by the command`` () : Task = task {
    let! bento = command ()
    let! said = machine.Must(bento, "new", "fsharp", "second")
    Assert.Contains("dotnet run --project second", said)
    use program = machine.Start("dotnet", "run", "--project", "second")
    do! greets program """{"text":"Hello, Welcome, Ada!"}"""
    use served = machine.Start(bento, "serve", "second")
    do! greets served """{"text":"Hello, Welcome, Ada!"}"""
}

[<Fact>]
let ``a new C# project runs as it is made, by itself and by the command`` () : Task = task {
    let! bento = command ()
    let! said = machine.Must(bento, "new", "csharp", "third")
    Assert.Contains("dotnet run --project third", said)
    use program = machine.Start("dotnet", "run", "--project", "third")
    do! greets program """{"text":"Hello, Welcome, Ada!"}"""

    for target in [ "third"; "third/third.csproj"; "third/bin/Debug/net10.0/third.dll" ] do
        use served = machine.Start(bento, "serve", target)
        do! greets served """{"text":"Hello, Welcome, Ada!"}"""
}

[<Fact>]
let ``a C# project that cannot be a service is told by the command where and why`` () : Task = task {
    let! bento = command ()
    let! _ = machine.Must(bento, "new", "csharp", "fourth")

    machine.Write(
        "fourth/Mute.cs",
        "using Bento.CSharp; [Service] public sealed class Mute { [Api] public void Nothing(string text) { } }"
    )

    let! code, said = machine.Run(bento, "serve", "fourth")
    Assert.Equal(1, code)
    Assert.Contains("Mute.cs(1,", said)
    Assert.Contains("BENTO007", said)
    Assert.Contains("`Nothing` returns nothing, and a caller wants an answer", said)
}

[<Fact>]
let ``a script is served anew after a save by the command from its package`` () : Task = task {
    let! bento = command ()

    let save text =
        machine.Write(
            "saved.fsx",
            $"open Bento\nlet saved = service {{ api \"say\" (fun () -> \"{text}\") }}\nServe.run saved\n"
        )

    save "before"
    use program = machine.Start(bento, "serve", "saved.fsx", "--reload", "--port", "0")
    let! _ = address program
    save "after"
    let! _ = program.Heard "Reloaded saved.fsx"
    let! answer = asked program "/say" ""
    Assert.Equal("after", answer.Body)
}

[<Theory>]
[<InlineData("bento-fs")>]
[<InlineData("bento-cs")>]
let ``dotnet new makes the same from the templates`` (template: string) : Task = task {
    let name = template.Replace('-', '_')

    let! _ =
        machine.Must("dotnet", "new", "install", $"Bento.Templates@{version}", "--force")

    let! _ = machine.Must("dotnet", "new", template, "--output", name)
    use program = machine.Start("dotnet", "run", "--project", name)
    do! greets program """{"text":"Hello, Welcome, Ada!"}"""
}

[<Fact>]
let ``what is there already is not touched`` () : Task = task {
    let! bento = command ()
    machine.Write("mine.fsx", "// mine")
    let! code, said = machine.Run(bento, "new", "script", "mine")
    Assert.Equal(1, code)
    Assert.Contains("mine.fsx is there already", said)
    Assert.Equal("// mine", File.ReadAllText(Path.Combine(machine.Folder, "mine.fsx")))
}

[<Fact>]
let ``a name that would lead elsewhere is refused with a usable one`` () : Task = task {
    let! bento = command ()
    let! code, said = machine.Run(bento, "new", "fsharp", "../elsewhere")
    Assert.Equal(2, code)
    Assert.Contains("as in elsewhere", said)
    Assert.False(Path.Exists(Path.Combine(machine.Folder, "..", "elsewhere")))
}

[<Fact>]
let ``fsi of the command knows Bento and ASP.NET Core without a reference`` () : Task = task {
    let! bento = command ()

    machine.Write(
        "bare.fsx",
        """
open Microsoft.AspNetCore.Http
open Bento
let doubling = service { api "double" (fun (number: int) -> number * 2) }
printfn "%s %s %s" (doubling |> Serve.call "double" 21) HttpMethods.Patch fsi.CommandLineArgs[1]
"""
    )

    let! said = machine.Must(bento, "fsi", "bare.fsx", "--passed")
    Assert.Contains("42 PATCH --passed", said)
}

/// What bash, told so by the command, would complete a line to.
let private completed (line: string) : Task<string list> = task {
    let! bento = command ()
    let path = string (Path.GetDirectoryName bento)

    let script =
        $"export PATH='{path}':\"$PATH\"; source <(bento completion bash); "
        + $"COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; read -ra COMP_WORDS <<< \"$COMP_LINE\"; "
        + "[[ $COMP_LINE == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
        + "_bento; printf '%s\\n' \"${COMPREPLY[@]}\""

    let! said = machine.Must("bash", "-c", script)
    return said.Split('\n', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray
}

[<Fact>]
let ``bash completes commands, options and words`` () : Task = task {
    let! commands = completed "bento ser"
    Assert.Equal<string list>([ "serve" ], commands)
    let! options = completed "bento serve --po"
    Assert.Equal<string list>([ "--port" ], options)
    let! kinds = completed "bento new "

    for kind in [ "script"; "fsharp"; "csharp" ] do
        Assert.Contains(kind, kinds)
}

[<Fact>]
let ``fish completes commands and options, where it is there`` () : Task = task {
    Assert.SkipUnless(File.Exists "/usr/bin/fish", "There is no fish on this machine.")
    let! bento = command ()

    let script =
        $"set --prepend PATH '{Path.GetDirectoryName bento}'; bento completion fish | source; "
        + "complete -C 'bento ser'; complete -C 'bento serve --po'"

    let! said = machine.Must("fish", "--no-config", "-c", script)
    Assert.Equal<string[]>([| "serve"; "--port" |], said.Split('\n', StringSplitOptions.RemoveEmptyEntries))
}
