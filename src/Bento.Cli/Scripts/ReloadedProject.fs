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
        name.StartsWith('.')
        || List.contains name [ "bin"; "obj"; "artifacts"; "node_modules" ]

    let everyFile =
        EnumerationOptions(IgnoreInaccessible = true, AttributesToSkip = FileAttributes.None)

    /// A link may lead to a folder above, and so for ever on.
    let everyFolder =
        EnumerationOptions(IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint)

    let rec sourcesIn (folder: string) : string list =
        try
            [
                for file in Directory.GetFiles(folder, "*", everyFile) do
                    if kinds.Contains(string<string | null>(Path.GetExtension file)) then
                        file

                for below in Directory.GetDirectories(folder, "*", everyFolder) do
                    if not (isOutput (string<string | null>(Path.GetFileName below))) then
                        yield! sourcesIn below
            ]
        with :? DirectoryNotFoundException -> []

    let copies = new OutputCopies()

    /// What is watched: sources and settings of the project's own folder.
    member _.Sources() : string list = sourcesIn folder |> List.sort

    /// Builds the project as it is now, and finds its services.
    member _.Services() : Task<ScriptServices> = task {
        eprintfn "Building %s" project
        let! assembly = Build.assembly project

        return {
            Definitions = Loading.definitions (copies.Make assembly)
            Options = None
        }
    }

    /// What was built last has come on the air.
    member _.Taken() = copies.Taken()

    interface IDisposable with
        member _.Dispose() = (copies :> IDisposable).Dispose()
