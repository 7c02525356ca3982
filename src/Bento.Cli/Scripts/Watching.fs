namespace Bento.Cli

open System
open System.Collections.Generic
open System.IO
open System.Security.Cryptography
open System.Threading
open System.Threading.Tasks

/// A file as it was when it was last read.
[<Struct; NoEquality; NoComparison>]
type private Known = {
    Length: int64
    Written: DateTime
    Read: DateTime
    Content: string
}

/// Waits for the content of files to change, however an editor saves them: in place, in bursts, or by a rename over them.
/// The system's notices only shorten the waiting; what counts is the content.
[<Sealed>]
type internal Watching(files: unit -> string list) =

    /// How long nothing may be written before a save counts as whole.
    static let settling = TimeSpan.FromMilliseconds 50.

    /// How often to look where the system gives no notices, as on network drives.
    static let looking = TimeSpan.FromSeconds 1.

    let notices = new SemaphoreSlim 0

    /// How coarse a file's time may be: a second write so soon after the first may leave it as it was.
    static let coarseness = TimeSpan.FromSeconds 3.

    let read = Dictionary<string, Known>()

    let hashOf (file: string) =
        use stream =
            new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite ||| FileShare.Delete)

        Convert.ToHexString(SHA256.HashData stream)

    let readAnew (file: string) (info: FileInfo) =
        let moment = DateTime.UtcNow
        let content = hashOf file

        read[file] <- {
            Length = info.Length
            Written = info.LastWriteTimeUtc
            Read = moment
            Content = content
        }

        content

    /// What the file's length and time say is as it was is not read again.
    let contentOf (file: string) =
        try
            let info = FileInfo file

            match read.TryGetValue file with
            | true, known when
                info.Exists
                && known.Length = info.Length
                && known.Written = info.LastWriteTimeUtc
                && known.Read - known.Written > coarseness
                ->
                known.Content
            | _ when info.Exists -> readAnew file info
            | _ -> ""
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

    let rec changed (cancellation: CancellationToken) : Task<unit> = task {
        let! _ = notices.WaitAsync(looking, cancellation)

        while notices.Wait 0 do
            ()

        if look () = known then
            return! changed cancellation
        else
            let! now = settled cancellation

            // An editor that writes anew takes the old content away first; a moment later there is the new one.
            if now = known then
                return! changed cancellation
            else
                known <- now
                watch ()
    }

    /// What cannot be looked at now may be in a second. What keeps it from that is told once.
    let rec patiently (told: string) (cancellation: CancellationToken) : Task<unit> = task {
        let! problem = task {
            try
                do! changed cancellation
                return None
            with problem when not (problem :? OperationCanceledException) ->
                return Some problem.Message
        }

        match problem with
        | None -> ()
        | Some problem ->
            if problem <> told then
                eprintfn "bento: A save may go unseen: %s" problem

            do! Task.Delay(looking, cancellation)
            return! patiently problem cancellation
    }

    /// Ends when the content is another than it was the last time, or at first.
    member _.Changed(cancellation: CancellationToken) : Task<unit> = patiently "" cancellation

    /// Takes the content as it is now for what the next save changes.
    member _.Mark() =
        known <- look ()
        watch ()

    interface IDisposable with
        member _.Dispose() =
            watchers |> Map.iter (fun _ watcher -> watcher.Dispose())
            notices.Dispose()
