namespace Bento.Cli

open System
open System.IO
open System.Reflection
open System.Text.RegularExpressions
open Bento

/// What a new service can begin as.
[<RequireQualifiedAccess>]
type internal StartKind =
    | Script
    | FSharp
    | CSharp

/// Runnable beginnings of services. Their files are embedded in this assembly, each under `starts/KIND/`; the extension
/// `.start` keeps the repository's own tools from taking them for projects and sources.
[<RequireQualifiedAccess>]
module internal Start =

    let kinds = [
        "script", StartKind.Script
        "fsharp", StartKind.FSharp
        "csharp", StartKind.CSharp
    ]

    [<Literal>]
    let private longest = 64

    /// What a project may not be named: it would stand in for what it builds on, or be a device of Windows.
    let private isTaken (name: string) =
        Regex.IsMatch(
            name,
            @"^(bento|system|microsoft|fsharp|mscorlib|netstandard|con|prn|aux|nul|(com|lpt)[0-9])$",
            RegexOptions.IgnoreCase
        )

    /// A name with the characters that are wanted in the place of others, where that makes one.
    let private mended (name: string) =
        let name =
            Regex.Replace(name, @"[^A-Za-z0-9_]+", "_").Trim('_').TrimStart([| '0' .. '9' |])

        if name.Length > longest then
            name.Substring(0, longest)
        else
            name

    /// A name that can be a file's, a project's and a service's, or one sentence that says why not.
    let judge (name: string) : Result<string, string> =
        let shown = Regex.Replace(name, @"\p{C}", "?")

        let shown =
            if shown.Length > longest then
                shown.Substring(0, longest) + "…"
            else
                shown

        if isTaken name then
            Error $"\"{shown}\" is taken; give the service a name of its own, as in my_{name.ToLowerInvariant()}."
        elif Regex.IsMatch(name, $@"\A[A-Za-z][A-Za-z0-9_]{{0,{longest - 1}}}\z") then
            Ok name
        else
            let example =
                match mended name with
                | "" -> "greeting"
                | usable when isTaken usable -> "my_" + usable
                | usable -> usable

            Error
                $"\"{shown}\" is no name for a service; wanted a letter, then letters, digits and '_', {longest} characters at most, as in {example}."

    let private prefixOf kind =
        let word, _ = kinds |> List.find (fun (_, other) -> other = kind)
        $"starts/{word}/"

    [<Literal>]
    let private Suffix = ".start"

    let private here = Assembly.GetExecutingAssembly()

    let private text (resource: string) =
        match here.GetManifestResourceStream resource with
        | null -> invalidOp $"{resource} is not in {here.FullName}."
        | stream ->
            use reader = new StreamReader(stream)
            reader.ReadToEnd()

    /// The version of the packages that go with this command.
    let version =
        match here.GetCustomAttribute<AssemblyInformationalVersionAttribute>() with
        | null -> invalidOp $"{here.FullName} has no version."
        | version -> version.InformationalVersion

    /// The files of a beginning, by their paths below its folder.
    let files (kind: StartKind) (name: string) : (string * string) list =
        let prefix = prefixOf kind

        let fill (text: string) =
            text.Replace("VERSION", version).Replace("NewService", name)

        [
            for resource in here.GetManifestResourceNames() |> Array.sort do
                if resource.StartsWith(prefix, StringComparison.Ordinal) then
                    let path =
                        resource.Substring(prefix.Length, resource.Length - prefix.Length - Suffix.Length)

                    fill path, fill (text resource)
        ]

    /// Writes a beginning below a folder and gives the path of what is new there. Nothing that is there already is touched.
    let write (folder: string) (kind: StartKind) (name: string) : string =
        let place, created =
            match kind with
            | StartKind.Script -> folder, $"{name}.fsx"
            | StartKind.FSharp
            | StartKind.CSharp -> Path.Combine(folder, name), name

        let path = Path.Combine(folder, created)

        if Path.Exists path then
            raise (CliException $"{created} is there already; give another name, or take it away first.")

        try
            Directory.CreateDirectory place |> ignore

            for file, text in files kind name do
                use stream = new FileStream(Path.Combine(place, file), FileMode.CreateNew)
                use writer = new StreamWriter(stream)
                writer.Write text
        with
        | :? IOException
        | :? UnauthorizedAccessException as problem ->
            raise (CliException $"{created} cannot be written here: {problem.Message}")

        created
