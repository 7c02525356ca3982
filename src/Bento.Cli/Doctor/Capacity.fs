namespace Bento.Cli

open System
open System.Globalization
open System.IO
open System.Text.RegularExpressions

/// Processors, memory and disk room: how much there is for services.
[<RequireQualifiedAccess>]
module internal Capacity =

    let private mebibyte = 1L <<< 20
    let private gibibyte = 1L <<< 30

    /// What a service with the smallest of models takes, and some room.
    let private leastMemory = 256L * mebibyte

    /// An amount as a person reads it: "7.7 GiB".
    let amount (bytes: int64) =
        let unit, size =
            if bytes >= gibibyte then "GiB", gibibyte
            elif bytes >= mebibyte then "MiB", mebibyte
            else "KiB", 1024L

        (float bytes / float size).ToString("0.#", CultureInfo.InvariantCulture)
        + " "
        + unit

    /// `MemTotal` of /proc/meminfo, in bytes.
    let totalMemory (meminfo: string) =
        match Regex.Match(meminfo, @"^MemTotal:\s+([0-9]{1,15}) kB", RegexOptions.Multiline) with
        | line when line.Success -> Some(Int64.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture) * 1024L)
        | _ -> None

    /// The number of processors in `Cpus_allowed_list` of /proc/self/status, such as 0-3,8.
    let allowedProcessors (status: string) =
        let count (range: string) =
            match range.Split '-' |> Array.map (fun text -> Int32.TryParse text) with
            | [| true, _ |] -> Some 1
            | [| (true, first); (true, last) |] when first <= last -> Some(last - first + 1)
            | _ -> None

        match Regex.Match(status, @"^Cpus_allowed_list:\s*(\S+)\s*$", RegexOptions.Multiline) with
        | line when line.Success ->
            let counts = line.Groups[1].Value.Split ',' |> Array.map count

            if Array.contains None counts then
                None
            else
                Some(Array.sumBy (Option.defaultValue 0) counts)
        | _ -> None

    let processors (present: int) (limits: CgroupLimits) =
        let counted =
            if present = 1 then
                "1 processor"
            else
                $"{present} processors"

        match limits.Processors with
        | Some quota when quota < float present ->
            let quota = quota.ToString("0.##", CultureInfo.InvariantCulture)
            let sentence = $"{counted}, of which the control group leaves {quota}."

            if limits.Processors < Some 1. then
                Finding.warning
                    "processors"
                    sentence
                    "Less than one processor is throttled while it answers; give the container 1 or more."
            else
                Finding.ok "processors" sentence
        | _ -> Finding.ok "processors" $"{counted}, and no control group takes any away."

    let memory (present: int64) (limits: CgroupLimits) =
        let usable = limits.Memory |> Option.fold min present

        let sentence =
            if usable < present then
                $"{amount present}, of which the control group leaves {amount usable}."
            else
                $"{amount present}, and no control group takes any away."

        if usable < leastMemory then
            Finding.warning "memory" sentence "A service with a model wants 256 MiB or more; give the container more."
        else
            Finding.ok "memory" sentence

    /// Whether there is room in BENTO_HOME, where natives and models are kept.
    let disk (home: string) (room: Result<int64, string>) =
        match room with
        | Error reason ->
            Finding.warning
                "disk"
                $"{home} cannot be written to: {reason}"
                "Have BENTO_HOME name a folder of this user; models and native libraries are kept there."
        | Ok bytes when bytes < gibibyte ->
            Finding.warning
                "disk"
                $"{amount bytes} are free for {home}."
                "Models and native libraries are kept there; make room, or have BENTO_HOME name another folder."
        | Ok bytes -> Finding.ok "disk" $"{amount bytes} are free for {home}."

    // -- of this machine -----------------------------------------------------------------------------

    let private read file =
        try
            Some(File.ReadAllText file)
        with
        | :? IOException
        | :? UnauthorizedAccessException -> None

    let private home () =
        match Environment.GetEnvironmentVariable "BENTO_HOME" with
        | null
        | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
        | folder -> Path.GetFullPath folder

    /// The folder, or the nearest one above it that is there already.
    let rec private nearest (folder: string) =
        match Path.GetDirectoryName folder with
        | NonNull above when not (Directory.Exists folder) -> nearest above
        | _ -> folder

    let private roomIn (folder: string) =
        try
            let nearest = nearest folder
            let probe = Path.Combine(nearest, $".bento-{Guid.NewGuid():N}")
            File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose()
            Ok(DriveInfo(nearest).AvailableFreeSpace)
        with
        | :? IOException
        | :? UnauthorizedAccessException
        | :? ArgumentException as problem -> Error problem.Message

    let private processorsHere () =
        // The runtime's own count is rounded up from the quota.
        read "/proc/self/status"
        |> Option.bind allowedProcessors
        |> Option.defaultValue Environment.ProcessorCount

    /// Looks at this machine.
    let here () : Finding list =
        let limits = Cgroup.limits read

        let total =
            read "/proc/meminfo"
            |> Option.bind totalMemory
            |> Option.defaultWith (fun () -> GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)

        let home = home ()

        [
            processors (processorsHere ()) limits
            memory total limits
            disk home (roomIn home)
        ]
