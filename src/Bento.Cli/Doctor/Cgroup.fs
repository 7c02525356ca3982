namespace Bento.Cli

open System
open System.Globalization
open System.Text.RegularExpressions

/// What a Linux control group leaves of the machine; nothing where it sets no limit.
type internal CgroupLimits = {
    Processors: float option
    /// In bytes.
    Memory: int64 option
}

/// Reads the limits of this process's control groups, of version 1 and 2 and of both at once.
[<RequireQualifiedAccess>]
module internal Cgroup =

    /// A hierarchy of groups that is mounted: its controllers (none in version 2), what of it is mounted, and where.
    type private Mount = {
        Controllers: string list
        Root: string
        Point: string
    }

    let private lines (text: string option) =
        (defaultArg text "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
        |> List.ofArray

    /// Blanks and the like are written in octal there.
    let private unescape (text: string) =
        Regex.Replace(text, @"\\([0-7]{3})", fun code -> string (char (Convert.ToInt32(code.Groups[1].Value, 8))))

    /// `36 25 0:30 /root /point options … - cgroup source super,options`
    let private mounts (mountinfo: string option) = [
        for line in lines mountinfo do
            match line.Split(" - ", 2) with
            | [| before; after |] ->
                match List.ofArray (before.Split ' '), List.ofArray (after.Split ' ') with
                | _ :: _ :: _ :: root :: point :: _, kind :: _ :: options :: _ ->
                    let mount controllers = {
                        Controllers = controllers
                        Root = unescape root
                        Point = (unescape point).TrimEnd '/'
                    }

                    match kind with
                    | "cgroup2" -> mount []
                    | "cgroup" -> mount (List.ofArray (options.Split ','))
                    | _ -> ()
                | _ -> ()
            | _ -> ()
    ]

    /// `4:memory:/path`, and `0::/path` in version 2.
    let private groups (self: string option) = [
        for line in lines self do
            match line.Split(':', 3) with
            | [| _; ""; path |] -> [], path
            | [| _; controllers; path |] -> List.ofArray (controllers.Split ','), path
            | _ -> ()
    ]

    /// The folders of a group and of those above it, as far as they can be seen from here. In a namespace of its own a
    /// process may be told a path that is not below what is mounted; then the mount itself is its group.
    let private folders (mount: Mount) (path: string) =
        let root = mount.Root.TrimEnd '/'

        let below =
            if path.Split('/') |> Array.contains ".." then
                ""
            elif path = root || path.StartsWith(root + "/", StringComparison.Ordinal) then
                path.Substring root.Length
            else
                ""

        below.Split('/', StringSplitOptions.RemoveEmptyEntries)
        |> Array.scan (fun above name -> above + "/" + name) mount.Point
        |> List.ofArray

    let private number (text: string) =
        match Int64.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, value -> Some value
        | _ -> None

    let private share quota period =
        match number quota, number period with
        | Some quota, Some period when quota > 0L && period > 0L -> Some(float quota / float period)
        | _ -> None

    /// Version 1 says "no limit" as the largest number of whole pages.
    let private noLimit = 1L <<< 60

    let private amount text =
        number text |> Option.filter (fun bytes -> bytes > 0L && bytes < noLimit)

    let private processors (read: string -> string option) isSecond folder =
        if isSecond then
            read (folder + "/cpu.max")
            |> Option.bind (fun text ->
                match text.Trim().Split ' ' with
                | [| quota; period |] -> share quota period
                | _ -> None)
        else
            Option.map2 share (read (folder + "/cpu.cfs_quota_us")) (read (folder + "/cpu.cfs_period_us"))
            |> Option.flatten

    let private memory (read: string -> string option) isSecond folder =
        read (folder + (if isSecond then "/memory.max" else "/memory.limit_in_bytes"))
        |> Option.bind amount

    let private least values =
        match List.choose id values with
        | [] -> None
        | some -> Some(List.min some)

    /// The tightest limits of the process's groups and of those above them, by the text of files.
    let limits (read: string -> string option) : CgroupLimits =
        let mounts = mounts (read "/proc/self/mountinfo")
        let groups = groups (read "/proc/self/cgroup")

        let seen controller = [
            for mount in mounts do
                let isSecond = mount.Controllers.IsEmpty

                if isSecond || List.contains controller mount.Controllers then
                    for controllers, path in groups do
                        if
                            (if isSecond then
                                 controllers.IsEmpty
                             else
                                 List.contains controller controllers)
                        then
                            for folder in folders mount path do
                                isSecond, folder
        ]

        {
            Processors =
                seen "cpu"
                |> List.map (fun (isSecond, folder) -> processors read isSecond folder)
                |> least
            Memory =
                seen "memory"
                |> List.map (fun (isSecond, folder) -> memory read isSecond folder)
                |> least
        }
