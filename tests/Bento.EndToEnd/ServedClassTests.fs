/// Classes of C# that the command serves: from a project, from its folder and from what was built of it.
module Bento.EndToEnd.ServedClassTests

open System
open System.IO
open System.Net
open System.Net.Http
open System.Text
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private reference name =
    let file = Path.Combine(AppContext.BaseDirectory, $"%s{name}.dll")
    $"""<Reference Include="{file}" />"""

let private project =
    let references =
        [ "Bento.Core"; "Bento.Host"; "Bento.CSharp" ]
        |> List.map reference
        |> String.concat "\n    "

    $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <TargetFramework>net10.0</TargetFramework>
    <Nullable>enable</Nullable>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <FrameworkReference Include="Microsoft.AspNetCore.App" />
    {references}
  </ItemGroup>
</Project>"""

/// With one more method in the class.
let private code (method: string) =
    $"""using Bento.CSharp;

namespace Words;

public sealed record Tally(int Words, string Longest);

[Service(Description = "Counts words.")]
public sealed class WordCounter
{{
    private readonly char[] _between = [' ', '\n'];

    [Api]
    public async Task<Tally> CountAsync(string text, int most = 100, CancellationToken cancellation = default)
    {{
        await Task.Delay(1, cancellation);
        var words = text.Split(_between, StringSplitOptions.RemoveEmptyEntries).Take(most).ToArray();
        return new(words.Length, words.MaxBy(word => word.Length) ?? "");
    }}

    [Api]
    {method}
}}
"""

let private good = "public string Join(string[] words) => string.Join(' ', words);"
let private bad = "public void Forget(string text) => _between[0] = text[0];"

let private madeIn folder method =
    write folder "WordCounter.cs" (code method) |> ignore
    write folder "Words.csproj" project

let private ask (server: Server) (path: string) (body: string) : Task<HttpStatusCode * string> = task {
    use content = new StringContent(body, Encoding.UTF8, "application/json")
    use! response = server.Client.PostAsync(path, content)
    let! text = response.Content.ReadAsStringAsync()
    return response.StatusCode, text
}

/// Asks whatever the target is for what a caller may get of it, and ends it as a user does.
let private answers (target: string) : Task = task {
    use! server = Server.Start target
    let! answer = ask server "/count" """{"text": "a bent bento", "most": 2}"""
    Assert.Equal((HttpStatusCode.OK, """{"words":2,"longest":"bent"}"""), answer)
    let! answer = ask server "/count" """{"text": "a bent bento"}"""
    Assert.Equal((HttpStatusCode.OK, """{"words":3,"longest":"bento"}"""), answer)
    let! status, text = ask server "/count" """{"most": 2}"""
    Assert.Equal(HttpStatusCode.BadRequest, status)
    Assert.Contains("body.text is missing", text)
    let! answer = ask server "/join" """{"words": ["a", "b"]}"""
    Assert.Equal((HttpStatusCode.OK, "a b"), answer)
    let! document = server.Client.GetStringAsync "/docs.json"
    Assert.Contains("Counts words.", document)
    server.Program.Signal terminate
    let! code = server.Program.Exit()
    Assert.True((code = 0), server.Program.Output)
}

[<Fact>]
let ``a class is served from its project, from its folder and from its built assembly`` () : Task =
    within (fun folder -> task {
        let project = madeIn folder good
        do! answers project
        do! answers folder
        let built = Path.Combine(folder, "bin", "Release", "net10.0", "Words.dll")
        do! answers built
        do! answers $"{built}:word_counter"
    })

/// Without the analyzers, which find it when the project is built: NewcomerTests has them.
[<Fact>]
let ``a mistake in a class is told with its member, its file and its line`` () : Task =
    within (fun folder -> task {
        let project = madeIn folder bad
        let! code, output = runBento [ "serve"; project; "--port"; "0" ]
        Assert.True((code = 1), $"Exit code {code}: {output}")

        Assert.Contains(
            "WordCounter.cs(20): `Forget` returns nothing, and a caller wants an answer; return data, Task<T> or IAsyncEnumerable<T>",
            output
        )

        Assert.DoesNotContain("   at ", output)
    })
