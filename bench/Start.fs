/// `bench start`: how long it takes from the start of a process to its first answer, for a script over the packages beside
/// a script that starts Kestrel and nothing else, and for a script that `bento serve` has compiled before beside the same
/// service from a project.
module Bento.Bench.Start

open System
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Text
open System.Text.Json
open System.Text.RegularExpressions
open System.Threading
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Bento.Bench

/// A folder for scripts whose caches are its own, since those of the user may hold older packages of the same version.
[<Sealed>]
type private Place() =
    let folder = Directory.CreateTempSubdirectory("bento-start-").FullName
    let home = Path.Combine(folder, "home")
    let packages = Path.GetFullPath "artifacts/packages"

    do
        let user = Environment.GetFolderPath Environment.SpecialFolder.UserProfile
        let own = Path.Combine(".nuget", "NuGet", "NuGet.Config")

        if not (Directory.Exists packages) then
            invalidOp $"There are no packages in {packages}; `dotnet fsi build.fsx pack` makes them."

        // Where this user gets packages from.
        Directory.CreateDirectory(Path.Combine(home, ".nuget", "NuGet")) |> ignore

        if File.Exists(Path.Combine(user, own)) then
            File.Copy(Path.Combine(user, own), Path.Combine(home, own))

        File.WriteAllText(
            Path.Combine(folder, "NuGet.config"),
            $"""<configuration><packageSources><add key="bento" value="{packages}" /></packageSources></configuration>"""
        )

    member _.Write (name: string) (text: string) =
        let path = Path.Combine(folder, name)
        Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
        File.WriteAllText(path, text)

    /// A program in this folder whose output is read.
    member _.Start (program: string) (arguments: string list) : Process =
        let start =
            ProcessStartInfo(
                program,
                arguments,
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        for name, value in
            [
                "HOME", home
                "DOTNET_CLI_HOME", home
                "NUGET_PACKAGES", Path.Combine(home, ".nuget", "packages")
                "DOTNET_NOLOGO", "1"
                "BENTO__SERVER__PORT", "0"
            ] do
            start.Environment[name] <- value

        nonNull (Process.Start start)

    interface IDisposable with
        member _.Dispose() = Directory.Delete(folder, true)

let private echoing =
    """
open Bento
let echoing = service { api "echo" (fun (text: string) -> text) }
"""

let private ofBento (version: string) =
    $"#r \"nuget: Bento, {version}\"\n{echoing}\nServe.run echoing\n"

let private project (version: string) =
    $"""<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
  <ItemGroup><Compile Include="Echo.fs" /></ItemGroup>
  <ItemGroup><PackageReference Include="Bento" Version="{version}" /></ItemGroup>
</Project>"""

/// The least that answers, with the references that it needs.
let private bare () =
    let folder = Path.GetDirectoryName typeof<WebApplication>.Assembly.Location

    let references =
        [
            "Microsoft.AspNetCore"
            "Microsoft.AspNetCore.Hosting.Abstractions"
            "Microsoft.AspNetCore.Http.Abstractions"
            "Microsoft.AspNetCore.Routing"
            "Microsoft.AspNetCore.Http.Features"
            "Microsoft.AspNetCore.Routing.Abstractions"
            "Microsoft.Extensions.Hosting.Abstractions"
            "Microsoft.Extensions.Logging"
            "Microsoft.Extensions.Logging.Abstractions"
        ]
        |> List.map (fun name -> $"#r \"{name}.dll\"\n")
        |> String.concat ""

    $"#I @\"{folder}\"\n{references}"
    + """
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.Hosting
open Microsoft.Extensions.Logging

let builder = WebApplication.CreateSlimBuilder()
builder.Logging.ClearProviders() |> ignore
let app = builder.Build()
app.Urls.Add "http://127.0.0.1:0"
app.MapPost("/echo", RequestDelegate(fun http -> http.Request.Body.CopyToAsync http.Response.Body)) |> ignore
app.Start()
printfn "%s" (Seq.head app.Urls)
app.WaitForShutdown()
"""

let private answer (client: HttpClient) (address: string) : Task = task {
    use body = new StringContent("\"x\"", Encoding.UTF8, "application/json")
    use! answer = client.PostAsync(address + "/echo", body)
    answer.EnsureSuccessStatusCode() |> ignore
}

/// Seconds from the start of a process until it has answered once. It is ended again.
let private untilAnswered (client: HttpClient) (start: unit -> Process) () : Task<float> = task {
    let begun = Stopwatch.GetTimestamp()
    use running = start ()
    // What is not read would stop it in the end.
    let errors = running.StandardError.ReadToEndAsync()
    let mutable address = ""

    while address = "" do
        match! running.StandardOutput.ReadLineAsync() with
        | null ->
            let! errors = errors
            invalidOp $"It ended without an address:\n{errors}"
        | line -> address <- Regex.Match(line, @"http://127\.0\.0\.1:\d+").Value

    do! answer client address
    let time = Stopwatch.GetElapsedTime(begun).TotalSeconds
    let output = running.StandardOutput.ReadToEndAsync()
    use patience = new CancellationTokenSource(TimeSpan.FromMinutes 1.)
    Child.signal running.Id Child.terminate
    do! running.WaitForExitAsync patience.Token
    let! _ = output
    let! _ = errors
    return time
}

/// Builds the project in a folder of the place.
let private build (place: Place) (folder: string) : Task = task {
    use building =
        place.Start "dotnet" [ "build"; folder; "--configuration"; "Release"; "--verbosity"; "quiet" ]

    let errors = building.StandardError.ReadToEndAsync()
    let! output = building.StandardOutput.ReadToEndAsync()
    let! errors = errors
    do! building.WaitForExitAsync()

    if building.ExitCode <> 0 then
        invalidOp $"The project does not build.\n{output}\n{errors}"
}

/// What is started: its name in the table, and how.
let private starts (place: Place) (version: string) : Task<(string * (unit -> Process)) list> = task {
    place.Write "bento.fsx" (ofBento version)
    place.Write "bare.fsx" (bare ())
    place.Write "served.fsx" $"{echoing}\nServe.run echoing\n"
    place.Write "echo/Echo.fs" $"module Echo\n{echoing}"
    place.Write "echo/Echo.fsproj" (project version)
    do! build place "echo"
    let command = Path.GetFullPath "src/Bento.Cli/bin/Release/net10.0/bento.dll"

    let serve target () =
        place.Start "dotnet" [ command; "serve"; target ]

    return [
        "a script that starts Kestrel", (fun () -> place.Start "dotnet" [ "fsi"; "bare.fsx" ])
        "a script over the packages", (fun () -> place.Start "dotnet" [ "fsi"; "bento.fsx" ])
        "`bento serve` of an assembly", serve "echo/bin/Release/net10.0/Echo.dll"
        "`bento serve` of a script that was compiled before", serve "served.fsx"
    ]
}

let run (rounds: int) saved : Task<int> = task {
    let version =
        Regex.Match(File.ReadAllText "Directory.Build.props", "<Version>(.*)</Version>").Groups[1].Value

    use place = new Place()
    use client = new HttpClient()
    let! starts = starts place version
    let measures = starts |> List.map (fun (_, start) -> untilAnswered client start)

    // The first time, packages are got and caches are filled.
    for measure in measures do
        let! _ = measure ()
        ()

    let! times = Turns.rounds rounds measures

    let over = Turns.pairwise 3 times (fun round -> round[1] - round[0])
    let cached = Turns.pairwise 3 times (fun round -> round[3] / round[2])

    let table = [
        "| first answer after | median s | least s | most s |"
        "| --- | --- | --- | --- |"

        for index, (name, _) in List.indexed starts do
            let own = times |> List.map (List.item index)
            $"| %s{name} | %.3f{Results.median own} | %.3f{List.min own} | %.3f{List.max own} |"
    ]

    let json =
        JsonSerializer.Serialize {|
            cachedScriptOverServe = cached
            scriptOverBareSeconds = over
        |}

    Results.tell
        "start"
        "From the start of a process to its first answer; each waits until the one before has ended."
        table
        json
        saved

    return 0
}
