namespace Bento.Cli

open System
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Runtime.InteropServices

/// The .NET that this command runs on, and the starting of other programs on it.
[<RequireQualifiedAccess>]
module internal Dotnet =

    /// Where it is.
    let folder =
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."))

    [<Literal>]
    let private Name = "dotnet"

    /// Its program, or whichever `dotnet` the system finds.
    let muxer =
        let file =
            Path.Combine(folder, (if OperatingSystem.IsWindows() then Name + ".exe" else Name))

        if File.Exists file then file else Name

    /// The same for commands of the SDK, which may be another .NET's.
    let sdk =
        if Directory.Exists(Path.Combine(folder, "sdk")) then
            muxer
        else
            Name

    /// Starts a program; where that cannot be, `missing` is what to say.
    let start (missing: string) (how: ProcessStartInfo) : Process =
        try
            match Process.Start how with
            | null -> raise (CliException missing)
            | running -> running
        with :? Win32Exception ->
            raise (CliException missing)
