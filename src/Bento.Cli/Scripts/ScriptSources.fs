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

    let private folderOf (file: string) = string (Path.GetDirectoryName file)

    let private namesIn (directive: string) (file: string) = directives directive (read file)

    /// The folders that a file's `#I` adds.
    let private includedBy (file: string) =
        namesIn "I" file
        |> List.map (fun given -> Path.GetFullPath(given, folderOf file))

    let private placesIn (folders: string list) (name: string) =
        folders
        |> List.map (fun folder -> Path.GetFullPath(name, folder))
        |> List.distinct

    /// What `#load` can mean in a file: F# takes the first that is there, of included folders and then of the file's own.
    let private loadedBy (included: string list) (file: string) =
        namesIn "load" file
        |> List.collect (fun name ->
            let places = placesIn (included @ [ folderOf file ]) name

            match List.filter File.Exists places with
            | [] -> [ List.last places ]
            | there -> there)

    /// The script and every file that it loads, also those that are missing. Where a name has several files, each is among
    /// them: which of them counts is for the compiler to say.
    let files (script: string) : string list =
        let rec follow (seen: string list) (included: string list) (waiting: string list) =
            match waiting with
            | [] -> List.rev seen
            | _ when seen.Length >= MostFiles ->
                raise (CliException $"{script} loads more than {MostFiles} files; serve a project instead.")
            | next :: rest when List.contains next seen -> follow seen included rest
            | next :: rest ->
                // What a file includes counts for those that are loaded after it, too.
                let included = List.distinct (included @ includedBy next)
                follow (next :: seen) included (loadedBy included next @ rest)

        follow [] [] [ Path.GetFullPath script ]

    /// What each `#r "x.dll"` of a script's files can mean, in the order in which F# looks.
    let private referenced (files: string list) : string list list =
        let included = files |> List.collect includedBy |> List.distinct

        [
            for file in files do
                for name in namesIn "r" file do
                    if name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) then
                        placesIn (included @ [ folderOf files.Head; folderOf file ]) name
                        |> List.filter File.Exists
        ]

    /// The assemblies on the disk that the script's files refer to.
    let assemblies (files: string list) : string list =
        referenced files |> List.choose List.tryHead |> List.distinct

    /// The same, and those that they stand before.
    let possibleAssemblies (files: string list) : string list =
        referenced files |> List.concat |> List.distinct
