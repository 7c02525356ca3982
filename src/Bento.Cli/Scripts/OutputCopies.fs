namespace Bento.Cli

open System
open System.IO

/// Copies of a project's output, which its next build writes over. Some of those that were on the air are kept, as they may
/// have requests still, and code to load for them.
[<Sealed>]
type internal OutputCopies() =

    /// How many that were on the air are kept.
    static let most = 3

    /// Those that were on the air, the last one first.
    let mutable served: DirectoryInfo list = []

    let mutable fresh: DirectoryInfo option = None

    /// Those that could not be deleted, as on Windows while they are loaded.
    let mutable left: DirectoryInfo list = []

    let isDeleted (folder: DirectoryInfo) =
        try
            folder.Delete true
            true
        with
        | :? IOException
        | :? UnauthorizedAccessException -> false

    let discard (folders: DirectoryInfo list) =
        left <- left @ folders |> List.filter (fun folder -> not (isDeleted folder))

    let rec copy (source: string) (destination: string) =
        Directory.CreateDirectory destination |> ignore

        for file in Directory.GetFiles source do
            File.Copy(file, Path.Combine(destination, string (Path.GetFileName file)))

        for below in Directory.GetDirectories source do
            copy below (Path.Combine(destination, string (Path.GetFileName below)))

    /// Copies the folder of an assembly, and gives the assembly's path there. A copy that never came on the air goes.
    member _.Make(assembly: string) : string =
        discard (Option.toList fresh)
        let made = Directory.CreateTempSubdirectory "bento-reload-"
        fresh <- Some made
        copy (string (Path.GetDirectoryName assembly)) made.FullName
        Path.Combine(made.FullName, string (Path.GetFileName assembly))

    /// What was copied last has come on the air.
    member _.Taken() =
        let all = Option.toList fresh @ served
        fresh <- None
        served <- List.truncate most all
        discard (List.skip served.Length all)

    interface IDisposable with
        member _.Dispose() = discard (Option.toList fresh @ served)
