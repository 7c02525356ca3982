namespace Bento.Cli

open System
open System.IO

/// Why a command cannot go on, in words for the person who typed it.
[<Sealed>]
type internal CliException(message: string) =
    inherit Exception(message)

/// What is served: something on the disk, and which of its services.
type internal Target = { Path: string; Service: string option }

/// What the path of a target turned out to be.
[<RequireQualifiedAccess>]
type internal TargetKind =
    | Assembly of path: string
    | Project of file: string
    | Script of file: string

[<RequireQualifiedAccess>]
module internal Target =

    /// Reads `PATH` or `PATH:service`. The colon of a Windows drive is no separator.
    let parse (text: string) : Target =
        let colon = text.LastIndexOf ':'
        let name = text.Substring(colon + 1)
        let isName = colon > 1 && name <> "" && name.IndexOfAny [| '/'; '\\' |] < 0

        if isName && not (Path.Exists text) then
            {
                Path = text.Substring(0, colon)
                Service = Some name
            }
        else
            { Path = text; Service = None }

    let private hasExtension (extensions: string list) (path: string) =
        let given = string (Path.GetExtension path)

        extensions
        |> List.exists (fun extension -> extension.Equals(given, StringComparison.OrdinalIgnoreCase))

    let private projects = [ ".fsproj"; ".csproj" ]

    let private projectIn folder =
        match Directory.GetFiles folder |> Array.filter (hasExtension projects) with
        | [| project |] -> TargetKind.Project project
        | [||] ->
            raise (
                CliException
                    $"The folder {folder} holds no project; give a folder with a .fsproj or .csproj, or a built .dll."
            )
        | several ->
            let names =
                several
                |> Array.map (fun file -> string (Path.GetFileName file))
                |> String.concat ", "

            raise (CliException $"The folder {folder} holds several projects, {names}; give one of these files.")

    /// Finds out what is at the target's path.
    let kind (target: Target) : TargetKind =
        let path = target.Path

        if Directory.Exists path then
            projectIn path
        elif not (File.Exists path) then
            raise (CliException $"There is nothing at {path}; give a script, a project folder or a built .dll.")
        elif hasExtension projects path then
            TargetKind.Project path
        elif hasExtension [ ".dll" ] path then
            TargetKind.Assembly path
        elif hasExtension [ ".fsx" ] path then
            TargetKind.Script path
        else
            raise (CliException $"{path} is not something to serve; give a script, a project folder or a built .dll.")
