/// A headless Chromium that a test drives, and that tells what it was asked for.
module Bento.EndToEnd.Browser

open System
open System.Collections.Concurrent
open System.Diagnostics
open System.IO
open System.Text
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private executable = "/usr/bin/chromium"
let private script = Path.Combine(root, "tests", "tools", "browser.js")

/// Where the pictures of a run are kept.
let pictures = Path.Combine(root, "artifacts", "pages")

let private patience = TimeSpan.FromMinutes 2.

/// What a browser saw while it was open.
type Report = {
    /// The addresses that were asked for, sockets' and workers' included.
    Requests: string list
    /// The requests that came to nothing.
    Failures: string list
    /// What the console was told as warnings and errors.
    Complaints: string list
}

[<Sealed>]
type Browser private (node: Process) =
    let said = ConcurrentQueue<string>()

    do
        node.ErrorDataReceived.Add(fun line -> line.Data |> Option.ofObj |> Option.iter said.Enqueue)
        node.BeginErrorReadLine()

    let left () : 'Any =
        node.WaitForExit patience |> ignore
        let said = String.Join('\n', said)
        invalidOp $"The browser has left: {said}"

    /// A child that has left reads no more.
    let send (line: string) : Task<unit> = task {
        try
            do! node.StandardInput.WriteLineAsync line
            do! node.StandardInput.FlushAsync()
        with :? IOException ->
            left ()
    }

    let ask (name: string) (given: string list) : Task<JsonNode | null> = task {
        do! send (JsonSerializer.Serialize(name :: given))
        let! line = node.StandardOutput.ReadLineAsync()

        match line with
        | null -> return left ()
        | line ->
            let answer = nonNull (JsonNode.Parse line)

            return
                match answer["error"] with
                | null -> answer["value"]
                | error ->
                    let shown = String.Join(", ", given)
                    invalidOp $"{name} {shown}: {error}"
    }

    let command name given : Task<unit> = task {
        let! _ = ask name given
        ()
    }

    let strings (node: JsonNode | null) = [ for one in (nonNull node).AsArray() -> string one ]

    static member Start() =
        Assert.SkipUnless(
            File.Exists executable,
            $"{executable} is not there; Debian has it: apt-get install chromium (`dotnet fsi build.fsx e2e` does so where it may)."
        )

        let start =
            ProcessStartInfo(
                "node",
                [ script; testTools; executable; string patience.TotalMilliseconds ],
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardInputEncoding = UTF8Encoding false,
                StandardOutputEncoding = UTF8Encoding false
            )

        new Browser(nonNull (Process.Start start))

    /// Opens a page, and gives its title.
    member _.Open(address: Uri) : Task<string> = task {
        let! title = ask "open" [ string address ]
        return string title
    }

    member _.Click(selector: string) = command "click" [ selector ]
    member _.Fill(selector: string, text: string) = command "fill" [ selector; text ]
    member _.Choose(selector: string, value: string) = command "choose" [ selector; value ]
    member _.Upload(selector: string, file: string) = command "upload" [ selector; file ]

    /// The text of the first element that is or will be there.
    member _.Text(selector: string) : Task<string> = task {
        let! text = ask "text" [ selector ]
        return string text
    }

    /// Every text that an element has had until another is there.
    member _.Watch(selector: string, until: string) : Task<string list> = task {
        let! seen = ask "watch" [ selector; until ]
        return strings seen
    }

    /// Keeps a picture of the whole page.
    member _.Picture(name: string) : Task<unit> =
        Directory.CreateDirectory pictures |> ignore
        command "picture" [ Path.Combine(pictures, name + ".png") ]

    member _.Report() : Task<Report> = task {
        let! answer = ask "report" []
        let report = nonNull answer
        let part (name: string) = strings report[name]

        return {
            Requests = part "requests"
            Failures = part "failures"
            Complaints = part "complaints"
        }
    }

    interface IDisposable with
        member _.Dispose() =
            try
                node.StandardInput.Close()
            with :? IOException ->
                ()

            if not (node.WaitForExit patience) then
                node.Kill true

            node.Dispose()
