/// Serves samples/summarize and asks it for a summary.
module Demo

#load "Setup.fsx"

open System
open System.Collections.Concurrent
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
open Shell

let private patience = TimeSpan.FromMinutes 1.

/// Starts the built command on the built sample; its address, once it listens.
let private serve (port: int) echo =
    let listening = TaskCompletionSource<Uri>()
    let said = ConcurrentQueue<string>()

    let hear (line: string) =
        said.Enqueue line

        if echo then
            printfn $"%s{line}"

        let address = Regex.Match(line, @"http://[\w.]+:\d+")

        if address.Success then
            listening.TrySetResult(Uri address.Value) |> ignore

    let server =
        startHearing hear ignore "dotnet" [
            "src/Bento.Cli/bin/Release/net10.0/bento.dll"
            "serve"
            "samples/summarize/bin/Release/net10.0/Summarize.dll"
            "--port"
            string port
        ]

    let ended = server.WaitForExitAsync()

    if Task.WaitAny([| listening.Task :> Task; ended |], patience) <> 0 then
        said |> Seq.iter (eprintfn "%s")
        fail "The server did not start, for the reason above"

    server, listening.Task.Result

let private whenReady (client: HttpClient) =
    let deadline = DateTime.UtcNow + patience

    let isReady () =
        try
            client.GetAsync("/readyz").Result.IsSuccessStatusCode
        with :? AggregateException ->
            false

    while not (isReady ()) do
        if DateTime.UtcNow > deadline then
            fail $"%O{client.BaseAddress}readyz did not answer 200 within %O{patience}"

        Thread.Sleep 100

let private summarize (client: HttpClient) =
    let passage = File.ReadAllText(inRoot "samples/summarize/passage.txt").Trim()
    let body = JsonSerializer.Serialize {| text = passage; sentences = 3 |}
    use content = new StringContent(body, Encoding.UTF8, "application/json")
    use response = client.PostAsync("/summarize", content).Result
    let answer = response.Content.ReadAsStringAsync().Result

    if not response.IsSuccessStatusCode then
        fail $"POST /summarize answered %d{int response.StatusCode}: %s{answer}"

    printfn $"\nPOST %O{client.BaseAddress}summarize, with the ten sentences of samples/summarize/passage.txt, picks:\n"

    for sentence in JsonDocument.Parse(answer).RootElement.GetProperty("sentences").EnumerateArray() do
        let number = sentence.GetProperty("index").GetInt32() + 1
        printfn $"""  %2d{number}. %s{sentence.GetProperty("text").GetString()}"""

    printfn ""

/// One summary and the end with `--once`; else it goes on serving until Ctrl+C.
let demo (arguments: string list) =
    let once, port =
        match arguments with
        | [ "--once" ] -> true, 0
        | [ "--port"; port ] when fst (Int32.TryParse port) -> false, int port
        | [] -> false, 3000
        | _ ->
            let given = String.Join(' ', arguments)
            raise (Stop($"`demo` takes `--once` or `--port N`, not `%s{given}`", 2))

    let server, address = serve port (not once)
    use client = new HttpClient(BaseAddress = address, Timeout = patience)
    whenReady client
    summarize client

    if once then
        terminate server
    else
        printfn $"It goes on serving at %O{address} until Ctrl+C. Try:\n"

        printfn
            $"""  curl %O{address}summarize -H "Content-Type: application/json" -d '{{"text": "One. Two. Three.", "sentences": 1}}'"""

    wait server
