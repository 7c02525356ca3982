/// A machine that has the packages of this repository and nothing else of it.
module Bento.EndToEnd.Packages

open System
open System.IO
open System.Threading.Tasks
open System.Xml.Linq
open Bento.EndToEnd.Programs

/// What `dotnet fsi build.fsx pack` has made.
let made = Path.Combine(root, "artifacts", "packages")

let version =
    let document = XDocument.Load(Path.Combine(root, "Directory.Build.props"))
    (Seq.exactlyOne (document.Descendants "Version")).Value

/// Where NuGet keeps what it has got for this user.
let private cache =
    match Environment.GetEnvironmentVariable "NUGET_PACKAGES" with
    | null
    | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".nuget", "packages")
    | folder -> folder

/// The packages of other makers that ours want, which the build of this repository has got.
let private ofOthers = [
    "fsharp.core"
    "swashbuckle.aspnetcore.swaggerui"
    "system.numerics.tensors"
    "yamldotnet"
]

/// A home and a folder that begin empty but for NuGet's sources. With the home, NuGet's and fsi's caches are new: those of
/// the user may hold packages of the same version with other bytes.
[<Sealed>]
type Machine() =
    let place = Directory.CreateTempSubdirectory("bento-packages-").FullName
    let inPlace name = Path.Combine(place, name)
    let folder = (Directory.CreateDirectory(inPlace "work")).FullName
    let home = (Directory.CreateDirectory(inPlace "home")).FullName
    let others = (Directory.CreateDirectory(inPlace "others")).FullName

    do
        for package in ofOthers do
            for file in Directory.EnumerateFiles(Path.Combine(cache, package), "*.nupkg", SearchOption.AllDirectories) do
                File.Copy(file, Path.Combine(others, string (Path.GetFileName file)), true)

        File.WriteAllText(
            Path.Combine(folder, "NuGet.config"),
            $"""<configuration>
  <packageSources>
    <clear />
    <add key="bento" value="{made}" />
    <add key="others" value="{others}" />
  </packageSources>
</configuration>
"""
        )

    let environment = [
        "HOME", home
        "USERPROFILE", home
        "DOTNET_CLI_HOME", home
        "NUGET_PACKAGES", Path.Combine(home, ".nuget", "packages")
        "DOTNET_NOLOGO", "1"
        "DOTNET_CLI_TELEMETRY_OPTOUT", "1"
        "DOTNET_GENERATE_ASPNET_CERTIFICATE", "false"
        "BENTO_HOME", (string (Path.GetDirectoryName testTools))
        "BENTO__SERVER__PORT", "0"
        // A build that leaves a server behind would keep this folder open.
        "MSBUILDDISABLENODEREUSE", "1"
        "UseSharedCompilation", "false"
    ]

    /// Where a newcomer works.
    member _.Folder = folder

    member _.Environment = environment

    /// A program on the way, in that folder.
    member _.Start(file: string, [<ParamArray>] arguments: string[]) =
        new Program(file, List.ofArray arguments, environment, folder)

    /// Runs a program to its end: its exit code and what it said.
    member this.Run(file: string, [<ParamArray>] arguments: string[]) : Task<int * string> = task {
        use program = this.Start(file, arguments)
        let! code = program.Exit()
        return code, program.Output
    }

    /// Runs a program that must succeed, and gives what it said.
    member this.Must(file: string, [<ParamArray>] arguments: string[]) : Task<string> = task {
        let! code, output = this.Run(file, arguments)

        if code <> 0 then
            let line = String.Join(' ', arguments)
            invalidOp $"`{file} {line}` ended with {code}:\n{output}"

        return output
    }

    /// Puts a script into the folder.
    member _.Write(name: string, text: string) =
        File.WriteAllText(Path.Combine(folder, name), text)

    /// Puts a file of the repository into the folder.
    member this.Copy(path: string) =
        this.Write(string (Path.GetFileName path), File.ReadAllText(Path.Combine(root, path)))

    interface IDisposable with
        member _.Dispose() = Directory.Delete(place, true)

/// One machine for all tests: to get the packages anew for each would take half a minute.
let machine =
    let machine = new Machine()

    AppDomain.CurrentDomain.ProcessExit.Add(fun _ ->
        try
            (machine :> IDisposable).Dispose()
        with :? IOException ->
            ())

    machine

/// The command from its package, in a folder of that machine.
let private installed =
    lazy
        (task {
            let tools = Path.Combine(machine.Folder, "tools")

            let! _ =
                machine.Must("dotnet", "tool", "install", "Bento.Cli", "--version", version, "--tool-path", tools)

            return Path.Combine(tools, "bento")
        })

let command () : Task<string> = installed.Value

/// Where the program serves, once it says so.
let address (program: Program) : Task<Uri> = task {
    let! line = program.Heard @"http://127\.0\.0\.1:\d+"
    return Uri line.Value
}

/// Asks a program that serves, has it end, and sees to it that it ends well.
let asked (program: Program) (path: string) (body: string) : Task<Wire.Answer> = task {
    let! address = address program
    let! answer = Wire.post address path (Text.Encoding.UTF8.GetBytes body)
    program.Signal terminate
    let! code = program.Exit()

    if code <> 0 then
        invalidOp $"It ended with {code}:\n{program.Output}"

    return answer
}
