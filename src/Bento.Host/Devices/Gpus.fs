namespace Bento

open System
open System.IO
open System.Text.RegularExpressions

/// A GPU as NVIDIA's driver shows it.
type internal Gpu = { Model: string; Uuid: string option }

/// The GPUs of a machine: those that the driver shows, and those of them that CUDA may use, in its order.
type internal Gpus = {
    Seen: Gpu list
    Usable: Gpu list
    /// What the environment variable `CUDA_VISIBLE_DEVICES` says, where it is set.
    VisibleDevices: string option
}

/// The part of a file system that tells of GPUs: the names in a folder, the text of a file.
[<NoComparison; NoEquality>]
type internal DriverFiles = {
    Names: string -> string list
    Read: string -> string option
}

/// Finds GPUs without loading anything of CUDA's.
[<RequireQualifiedAccess>]
module internal Gpus =

    let private folder = "/proc/driver/nvidia/gpus"

    /// Where is looked, as messages name it.
    let places = folder + "/* and /dev/nvidia[0-9]*"

    let private field (name: string) (information: string) =
        let line =
            Regex.Match(information, $@"^{Regex.Escape name}:[ \t]*(.+?)\s*$", RegexOptions.Multiline)

        if line.Success then Some line.Groups[1].Value else None

    /// The numbers of the device files. A container has those of its own GPUs only, and yet the driver's whole folder.
    let private deviceNumbers (files: DriverFiles) = [
        for name in files.Names "/dev" do
            match Regex.Match(name, @"^nvidia([0-9]{1,5})$") with
            | number when number.Success -> int number.Groups[1].Value
            | _ -> ()
    ]

    /// The GPUs of the driver's folder, each with the number of its device file.
    let private described (files: DriverFiles) = [
        for name in files.Names folder |> List.sort do
            let information =
                files.Read $"{folder}/{name}/information" |> Option.defaultValue ""

            let number =
                field "Device Minor" information
                |> Option.bind (fun text ->
                    match Int32.TryParse text with
                    | true, number -> Some number
                    | _ -> None)

            number,
            {
                Model = field "Model" information |> Option.defaultValue name
                // The driver writes question marks for what it has not asked the GPU yet: no name to tell GPUs by.
                Uuid =
                    field "GPU UUID" information
                    |> Option.filter (fun uuid -> not (uuid.Contains '?'))
            }
    ]

    let private seen files =
        match described files, deviceNumbers files with
        | [], numbers ->
            numbers
            |> List.sort
            |> List.map (fun number -> {
                Model = $"/dev/nvidia{number}"
                Uuid = None
            })
        // Device files may be made by the first use.
        | gpus, [] -> gpus |> List.map snd
        | gpus, numbers ->
            gpus
            |> List.filter (fun (number, _) ->
                match number with
                | Some number -> List.contains number numbers
                | None -> true)
            |> List.map snd

    /// The GPU that an entry of CUDA_VISIBLE_DEVICES means: a number, the beginning of a UUID, or a part of a GPU. A GPU
    /// comes with its place, for two of one make may be told by nothing else.
    let private meant (gpus: Gpu list) (entry: string) : (int option * Gpu) option =
        let places = List.indexed gpus

        match Int32.TryParse entry with
        | true, index -> List.tryItem index places |> Option.map (fun (place, gpu) -> Some place, gpu)
        | _ when entry.StartsWith("MIG-", StringComparison.Ordinal) -> Some(None, { Model = entry; Uuid = Some entry })
        | _ when entry.StartsWith("GPU-", StringComparison.Ordinal) ->
            match
                places
                |> List.filter (fun (_, gpu) ->
                    gpu.Uuid
                    |> Option.exists (fun uuid -> uuid.StartsWith(entry, StringComparison.OrdinalIgnoreCase)))
            with
            | [ place, gpu ] -> Some(Some place, gpu)
            | _ -> None
        | _ -> None

    /// CUDA reads the list up to the first entry that means nothing, and takes a GPU that is named twice for a mistake.
    let private visible (gpus: Gpu list) (variable: string) =
        let meant =
            variable.Split ','
            |> List.ofArray
            |> List.map (fun entry -> meant gpus (entry.Trim()))
            |> List.takeWhile Option.isSome
            |> List.choose id

        if List.distinct meant = meant then
            List.map snd meant
        else
            []

    /// Reads what there is from the driver's files and the variable.
    let look (files: DriverFiles) (visibleDevices: string option) : Gpus =
        let seen = seen files

        {
            Seen = seen
            Usable = visibleDevices |> Option.map (visible seen) |> Option.defaultValue seen
            VisibleDevices = visibleDevices
        }

    let private ofDisk = {
        Names =
            fun folder ->
                try
                    [
                        for path in Directory.EnumerateFileSystemEntries folder -> string (Path.GetFileName path)
                    ]
                with
                | :? IOException
                | :? UnauthorizedAccessException -> []
        Read =
            fun file ->
                try
                    Some(File.ReadAllText file)
                with
                | :? IOException
                | :? UnauthorizedAccessException -> None
    }

    /// What this machine has now.
    let here () =
        look ofDisk (Option.ofObj (Environment.GetEnvironmentVariable "CUDA_VISIBLE_DEVICES"))

    let private counted number =
        match number with
        | 0 -> "no GPU is"
        | 1 -> "1 GPU is"
        | several -> $"{several} GPUs are"

    /// How many there are and where was looked, as a clause.
    let describe (gpus: Gpus) =
        let seen = $"{counted gpus.Seen.Length} seen in {places}"

        match gpus.VisibleDevices with
        | Some variable when gpus.Usable.Length <> gpus.Seen.Length ->
            $"{seen}, of which CUDA_VISIBLE_DEVICES=\"{variable}\" leaves {gpus.Usable.Length}"
        | _ -> seen
