namespace Bento

open System
open System.IO
open System.Runtime.InteropServices
open System.Runtime.Loader

/// ASP.NET Core for processes that were started without it, as `dotnet fsi` is: its assemblies lie beside the runtime's own.
[<RequireQualifiedAccess>]
module internal SharedFramework =

    [<Literal>]
    let private Name = "Microsoft.AspNetCore.App"

    let private version (folder: string) =
        match Version.TryParse(string (Path.GetFileName folder)) with
        | true, (NonNull version) -> Some version
        | _ -> None

    /// The folder of ASP.NET Core that goes with a runtime in `…/shared/Microsoft.NETCore.App/VERSION`: of the same version,
    /// else the latest of the same major one.
    let folder (runtime: string) : string option =
        let runtime = Path.TrimEndingDirectorySeparator runtime
        let all = Path.GetFullPath(Path.Combine(runtime, "..", "..", Name))

        match version runtime with
        | Some running when Directory.Exists all ->
            Directory.GetDirectories all
            |> Array.choose (fun folder -> version folder |> Option.map (fun version -> version, folder))
            |> Array.filter (fun (version, _) -> version.Major = running.Major)
            |> Array.sortByDescending (fun (version, _) -> version = running, version)
            |> Array.tryHead
            |> Option.map snd
        | _ -> None

    let private isThere () =
        match AppContext.GetData "TRUSTED_PLATFORM_ASSEMBLIES" with
        | :? string as assemblies -> assemblies.Contains("Microsoft.AspNetCore.dll", StringComparison.OrdinalIgnoreCase)
        | _ -> false

    let private resolveFrom (folder: string) =
        AssemblyLoadContext.Default.add_Resolving (fun context name ->
            let file = Path.Combine(folder, $"{name.Name}.dll")

            if File.Exists file then
                context.LoadFromAssemblyPath file
            else
                null)

    let private ensured =
        lazy
            (if not (isThere ()) then
                 let runtime = RuntimeEnvironment.GetRuntimeDirectory()

                 match folder runtime with
                 | Some folder -> resolveFrom folder
                 | None ->
                     invalidOp
                         $"ASP.NET Core is not installed beside the .NET runtime in {runtime}; install the ASP.NET Core runtime of .NET {Environment.Version.Major}.")

    /// Sees to it that ASP.NET Core can be loaded. Whoever calls this must not name any of its types itself: a method is
    /// compiled, and its types loaded, before its first line runs.
    let ensure () = ensured.Force()
