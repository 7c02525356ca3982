namespace Bento.Cli

open System
open System.IO
open System.Threading.Tasks
open Bento

/// A project that is built again after each save. Each build is loaded from a copy, as the next one writes over it.
[<Sealed>]
type internal ReloadedProject(project: string) =

    let project = Path.GetFullPath project
    let folder = string (Path.GetDirectoryName project)

    let kinds =
        Set [ ".fs"; ".fsi"; ".cs"; ".fsproj"; ".csproj"; ".props"; ".targets"; ".json" ]

    let isOutput (name: string) =
        name = "bin" || name = "obj" || name.StartsWith('.')

    let rec sourcesIn (folder: string) : string list = [
        for file in Directory.GetFiles folder do
            if kinds.Contains(string<string | null>(Path.GetExtension file)) then
                file

        for below in Directory.GetDirectories folder do
            if not (isOutput (string<string | null>(Path.GetFileName below))) then
                yield! sourcesIn below
    ]

    let mutable copies: DirectoryInfo list = []

    let rec copy (source: string) (destination: string) =
        Directory.CreateDirectory destination |> ignore

        for file in Directory.GetFiles source do
            File.Copy(file, Path.Combine(destination, string (Path.GetFileName file)))

        for below in Directory.GetDirectories source do
            copy below (Path.Combine(destination, string (Path.GetFileName below)))

    let copied (assembly: string) =
        let made = Directory.CreateTempSubdirectory "bento-reload-"
        copies <- made :: copies
        copy (string (Path.GetDirectoryName assembly)) made.FullName
        Path.Combine(made.FullName, string (Path.GetFileName assembly))

    /// What is watched: sources and settings of the project's own folder.
    member _.Sources() : string list =
        try
            sourcesIn folder |> List.sort
        with :? DirectoryNotFoundException -> []

    /// Builds the project as it is now, and finds its services.
    member _.Services() : Task<ScriptServices> = task {
        eprintfn "Building %s" project
        let! assembly = Build.assembly project

        return {
            Definitions = Loading.definitions (copied assembly)
            Options = None
        }
    }

    interface IDisposable with
        member _.Dispose() =
            for copy in copies do
                try
                    copy.Delete true
                with
                | :? IOException
                | :? UnauthorizedAccessException -> ()
