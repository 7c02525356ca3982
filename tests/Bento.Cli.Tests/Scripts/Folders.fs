/// Folders that are there for one test alone.
module Bento.Tests.Folders

open System
open System.IO
open System.Threading.Tasks
open Xunit

/// Longer than anything here takes, however busy the machine is.
let patience = TimeSpan.FromMinutes 1.

let cancellation () = TestContext.Current.CancellationToken

let inFolder (test: string -> Task<unit>) : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-cli-"

    try
        do! test folder.FullName
    finally
        folder.Delete true
}

/// Writes a file into a folder, and gives its path.
let write folder name (text: string) =
    let path = Path.Combine(folder, name)
    Directory.CreateDirectory(string (Path.GetDirectoryName path)) |> ignore
    File.WriteAllText(path, text)
    path
