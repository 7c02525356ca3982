namespace Bento.Cli

open System
open System.IO
open System.Security.Cryptography
open System.Threading
open System.Threading.Tasks

/// Waits for the content of files to change, however an editor saves them: in place, in bursts, or by a rename over them.
/// The system's notices only shorten the waiting; what counts is the content.
[<Sealed>]
type internal Watching(files: unit -> string list) =

    /// How long nothing may be written before a save counts as whole.
    static let settling = TimeSpan.FromMilliseconds 50.

    /// How often to look where the system gives no notices, as on network drives.
    static let looking = TimeSpan.FromSeconds 1.

    let notices = new SemaphoreSlim 0

    let contentOf (file: string) =
        try
            Convert.ToHexString(SHA256.HashData(File.ReadAllBytes file))
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ""

    let look () =
        files () |> List.map (fun file -> file, contentOf file)

    let mutable known = look ()
    let mutable watchers: Map<string, FileSystemWatcher> = Map.empty

    let notice _ = notices.Release() |> ignore

    let watcher (folder: string) =
        let watcher = new FileSystemWatcher(folder)
        watcher.Changed.Add notice
        watcher.Created.Add notice
        watcher.Renamed.Add(fun _ -> notices.Release() |> ignore)
        watcher.EnableRaisingEvents <- true
        watcher

    /// A folder that cannot be watched is looked at all the same.
    let watch () =
        for folder in
            known
            |> List.map (fun (file, _) -> string (Path.GetDirectoryName file))
            |> List.distinct do
            if Directory.Exists folder && not (watchers.ContainsKey folder) then
                try
                    watchers <- watchers.Add(folder, watcher folder)
                with
                | :? IOException
                | :? ArgumentException -> ()

    let rec settled (cancellation: CancellationToken) : Task<(string * string) list> = task {
        let before = look ()
        do! Task.Delay(settling, cancellation)
        let after = look ()

        return!
            if before = after then
                Task.FromResult after
            else
                settled cancellation
    }

    do watch ()

    /// Ends when the content is another than it was the last time, or at first.
    member this.Changed(cancellation: CancellationToken) : Task<unit> = task {
        let! _ = notices.WaitAsync(looking, cancellation)

        while notices.Wait 0 do
            ()

        if look () = known then
            return! this.Changed cancellation
        else
            let! now = settled cancellation

            // An editor that writes anew takes the old content away first; a moment later there is the new one.
            if now = known then
                return! this.Changed cancellation
            else
                known <- now
                watch ()
    }

    interface IDisposable with
        member _.Dispose() =
            watchers |> Map.iter (fun _ watcher -> watcher.Dispose())
            notices.Dispose()
