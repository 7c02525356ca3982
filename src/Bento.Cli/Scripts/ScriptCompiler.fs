namespace Bento.Cli

open System
open Bento
open System.IO
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder

/// From a script to its assembly, by the SDK's own compiler in a process of its own, once for each content.
[<RequireQualifiedAccess>]
module internal ScriptCompiler =

    /// `10.0.401` is an SDK for the runtime 10; a preview, with its hyphen, is not looked for.
    let private version (folder: string) =
        match Version.TryParse(string (Path.GetFileName folder)) with
        | true, NonNull version when version.Major = Environment.Version.Major -> Some(version, folder)
        | _ -> None

    /// The latest F# compiler among the SDKs under a .NET folder that fit the runtime.
    let compilerIn (dotnet: string) : string option =
        let sdks = Path.Combine(dotnet, "sdk")

        if Directory.Exists sdks then
            Directory.GetDirectories sdks
            |> Array.choose version
            |> Array.sortByDescending fst
            |> Array.map (fun (_, folder) -> Path.Combine(folder, "FSharp", "fsc.dll"))
            |> Array.tryFind File.Exists
        else
            None

    /// What a script can refer to without a word: ASP.NET Core, and the command's own Bento.
    let references () : string list =
        let aspNetCore =
            string (Path.GetDirectoryName typeof<WebApplication>.Assembly.Location)

        let own = AppContext.BaseDirectory

        let named = [
            "Bento.Core"
            "Bento.Host"
            "Bento.Onnx"
            "Bento.CSharp"
            "FSharp.Core"
            "System.Numerics.Tensors"
        ]

        List.ofArray (Directory.GetFiles(aspNetCore, "*.dll"))
        @ (named |> List.map (fun name -> Path.Combine(own, $"{name}.dll")))

    let private flags (assembly: string) = [
        "--nologo"
        "--target:exe"
        $"--out:{assembly}"
        "--optimize+"
        "--debug:portable"
        "--deterministic+"
        "--nowin32manifest"
        "--nocopyfsharpcore"
        "--targetprofile:netcore"
        "--utf8output"
        for reference in references () do
            $"-r:{reference}"
    ]

    /// The compiler lists each package that it took: its name, version and folder, and then where its files are.
    let private packages (folder: string) =
        let cache = Path.Combine(folder, "Cache")

        [
            if Directory.Exists cache then
                for file in Directory.GetFiles(cache, "*.resolvedReferences.paths") do
                    for line in File.ReadAllLines file do
                        line.Split ','
        ]

    let private filesOf (packages: string array list) = [
        for fields in packages do
            for field in Seq.skip (min 3 fields.Length) fields do
                if File.Exists field then
                    field
    ]

    let private ours (given: string) =
        (typeof<Definition>.Assembly.GetName().Version |> string).StartsWith(given + ".", StringComparison.Ordinal)

    /// A script for another Bento runs on this one, whose types are all that there are in the process.
    let private warnOfOthers script (packages: string array list) =
        packages
        |> List.tryPick (fun fields ->
            match List.ofArray fields with
            | "Bento.Core" :: version :: _ when not (ours version) -> Some version
            | _ -> None)
        |> Option.iter (fun version ->
            let own = typeof<Definition>.Assembly.GetName().Version
            eprintfn $"bento: {script} refers to Bento {version}, and is served by this command's own, {own}.")

    let private compileInto (compiler: string) (script: string) (folder: string) : Task<unit> = task {
        Directory.CreateDirectory folder |> ignore
        let answers = Path.Combine(folder, "arguments.rsp")
        File.WriteAllLines(answers, flags (Path.Combine(folder, CompiledScript.AssemblyName)))
        // NuGet.config is looked for from the folder that the compiler runs in.
        let! code, output, errors =
            Build.runIn (string (Path.GetDirectoryName script)) Dotnet.muxer [ "exec"; compiler; $"@{answers}"; script ]

        let told = $"{output}\n{errors}".Trim()

        if code <> 0 then
            raise (CliException $"{script} does not compile.\n{told}")

        if told <> "" then
            eprintfn "%s" told

        let packages = packages folder
        warnOfOthers script packages

        let own =
            references ()
            |> List.map (fun path -> string (Path.GetFileName path))
            |> Set.ofList

        let others =
            filesOf packages @ ScriptSources.assemblies (ScriptSources.files script)
            |> List.filter (fun path -> not (own.Contains(string (Path.GetFileName path))))
            |> List.distinct

        for left in [ "Cache"; "Projects" ] do
            let left = Path.Combine(folder, left)

            if Directory.Exists left then
                Directory.Delete(left, true)

        File.WriteAllLines(Path.Combine(folder, CompiledScript.ReferencesName), others)
    }

    /// Puts what was compiled in its place, unless another process was sooner.
    let private publish (made: string) (place: string) =
        match CompiledScript.find place with
        | Some _ -> Directory.Delete(made, true)
        | None ->
            if Directory.Exists place then
                Directory.Delete(place, true)

            try
                Directory.Move(made, place)
            with :? IOException when (CompiledScript.find place).IsSome ->
                Directory.Delete(made, true)

    let private compile (compiler: string) (script: string) (place: string) : Task<unit> = task {
        eprintfn "Compiling %s" script
        let cache = CompiledScript.cache ()
        let made = Path.Combine(cache, $".{Guid.NewGuid():N}")

        try
            do! compileInto compiler script made
            publish made place
        finally
            if Directory.Exists made then
                Directory.Delete(made, true)
    }

    /// The assembly of a script: from the cache, or compiled now.
    let rec assembly (script: string) : Task<CompiledScript> = task {
        let script = Path.GetFullPath script
        let compiler = compilerIn Dotnet.folder

        let key =
            CompiledScript.key (defaultArg compiler "no compiler") (ScriptSources.files script)

        let place = Path.Combine(CompiledScript.cache (), key)

        match CompiledScript.find place, compiler with
        | Some compiled, _ -> return compiled
        | None, None ->
            return
                raise (
                    CliException
                        $"{script} must be compiled, and there is no F# compiler in {Dotnet.folder}; install the .NET SDK {Environment.Version.Major}."
                )
        | None, Some compiler ->
            do! compile compiler script place

            // A save while the compiler read leaves it open which content it has seen.
            if CompiledScript.key compiler (ScriptSources.files script) <> key then
                if Directory.Exists place then
                    Directory.Delete(place, true)

                return! assembly script
            else

                match CompiledScript.find place with
                | Some compiled -> return compiled
                | None -> return raise (CliException $"{place} was taken away while {script} was compiled; try again.")
    }
