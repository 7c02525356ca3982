/// What a newcomer does first. One at a time: these build.
[<Xunit.Collection "builds">]
module Bento.EndToEnd.RepositoryTests

open System.IO
open System.Text
open System.Text.RegularExpressions
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private dotnet arguments : Task = task {
    let! code, output = run "dotnet" arguments
    Assert.True((code = 0), output)
}

[<Fact>]
let ``the demo prints the three central sentences of the passage and ends`` () : Task = task {
    let! code, output = run "dotnet" [ "fsi"; "build.fsx"; "demo"; "--"; "--once" ]
    Assert.True((code = 0), output)

    let sentences =
        passage.Split ". " |> Array.map (fun sentence -> sentence.TrimEnd '.')

    // "1.2 billion" has no blank behind its point, so this cut is the right one for this passage.
    Assert.Equal(10, sentences.Length)

    for index, sentence in Array.indexed sentences do
        if List.contains index [ 0; 3; 6 ] then
            Assert.Contains(sentence, output)
        else
            Assert.DoesNotContain(sentence, output)
}

[<Fact>]
let ``a project folder is built and served`` () : Task = task {
    use! server = Server.Start "samples/summarize"
    let! answer = Wire.post server.Address "/summarize" """{"text": "Word"}"""B
    Assert.Equal(200, answer.Status)
}

[<Fact>]
let ``a bare build works, without a feed in the environment`` () : Task =
    dotnet [ "build"; "Bento.slnx"; "--verbosity"; "quiet" ]

[<Fact>]
let ``the README's question gets the README's answer`` () : Task = task {
    let readme = File.ReadAllText(Path.Combine(root, "README.md"))

    let shown pattern =
        Regex.Match(readme, pattern).Groups[1].Value

    let question = shown @"-d '(\{.*\})'"
    Assert.NotEmpty question
    use! server = Server.Start summarize
    let! answer = Wire.post server.Address "/summarize" (Encoding.UTF8.GetBytes question)
    Assert.Equal(shown @"```json\n(.*)\n```", answer.Body)
}
