namespace Bento.Cli

open System
open System.IO
open System.Text.RegularExpressions

/// The files that a script consists of, by its directives. A directive in a comment or in a string counts too: a file too
/// many is watched and hashed for nothing, one too few would leave an old service on the air.
[<RequireQualifiedAccess>]
module internal ScriptSources =

    /// More than that is no script, but a circle that links make.
    [<Literal>]
    let private MostFiles = 1_000

    let private quoted = Regex("""@?"+([^"]+)"+""", RegexOptions.CultureInvariant)

    /// What lines such as `#load "a.fsx" "b.fsx"` name.
    let directives (name: string) (text: string) : string list = [
        for line in text.Split '\n' do
            let line = line.TrimStart()

            if line.StartsWith($"#{name}", StringComparison.Ordinal) then
                for found in quoted.Matches line do
                    found.Groups[1].Value
    ]

    let private read (file: string) =
        try
            File.ReadAllText file
        with
        | :? IOException
        | :? UnauthorizedAccessException -> ""

    let private firstIn (folders: string list) (name: string) =
        let places = folders |> List.map (fun folder -> Path.GetFullPath(name, folder))
        places |> List.tryFind File.Exists |> Option.defaultValue places.Head

    let private folderOf (file: string) = string (Path.GetDirectoryName file)

    /// A file's text, and the paths that its directives of one kind name.
    let private named (directive: string) (file: string) =
        let text = read file
        let folder = folderOf file

        let folders =
            folder
            :: (directives "I" text |> List.map (fun given -> Path.GetFullPath(given, folder)))

        directives directive text |> List.map (firstIn folders)

    /// The script and every file that it loads, also those that are missing.
    let files (script: string) : string list =
        let rec follow (seen: string list) (waiting: string list) =
            match waiting with
            | [] -> List.rev seen
            | _ when seen.Length >= MostFiles ->
                raise (CliException $"{script} loads more than {MostFiles} files; serve a project instead.")
            | next :: rest when List.contains next seen -> follow seen rest
            | next :: rest -> follow (next :: seen) (rest @ named "load" next)

        follow [] [ Path.GetFullPath script ]

    /// The assemblies on the disk that the script's files refer to.
    let assemblies (files: string list) : string list =
        files
        |> List.collect (named "r")
        |> List.filter (fun path -> path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) && File.Exists path)
        |> List.distinct
