namespace Bento.Cli

open System
open Bento
open System.IO
open System.Reflection
open System.Security.Cryptography
open System.Text
open System.Text.RegularExpressions

/// A script's assembly in the cache, with what it refers to. All of it is kept under a name made of the script's content.
type internal CompiledScript = {
    Assembly: string
    /// The assemblies of packages and of `#r "x.dll"`.
    References: string list
    Natives: string list
}

[<RequireQualifiedAccess>]
module internal CompiledScript =

    [<Literal>]
    let AssemblyName = "script.dll"

    [<Literal>]
    let ReferencesName = "references.txt"

    let private home () =
        match Environment.GetEnvironmentVariable "BENTO_HOME" with
        | null
        | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
        | folder -> Path.GetFullPath folder

    /// Where compiled scripts are kept.
    let cache () = Path.Combine(home (), "scripts")

    /// A build of Bento, and not only its version: what it inlines into a script differs from one to the next.
    let private bento =
        [ typeof<Definition>.Assembly; typeof<ServeOptions>.Assembly ]
        |> List.map (fun assembly -> $"{assembly.GetName().Version} {assembly.ManifestModule.ModuleVersionId}")

    let private stamp (path: string) =
        if File.Exists path then
            $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes path))}"
        else
            $"{path} is missing"

    /// The name of what is made of these files by this compiler. Where they lie is a part of it, as `__SOURCE_DIRECTORY__`
    /// and the lines of traces are.
    let key (compiler: string) (files: string list) : string =
        let parts =
            (compiler :: bento)
            @ List.map stamp files
            @ List.map stamp (ScriptSources.possibleAssemblies files)

        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(String.Join('\n', parts))))

    /// Where packages have native code, for one platform each. A home may have a folder named `native` too.
    let private isNative (path: string) =
        Regex.IsMatch(path, @"[\\/]runtimes[\\/][^\\/]+[\\/]native[\\/]", RegexOptions.CultureInvariant)

    /// What is in a folder of the cache; nothing where it is not whole, or a package that it refers to is gone.
    let find (folder: string) : CompiledScript option =
        let assembly = Path.Combine(folder, AssemblyName)
        let references = Path.Combine(folder, ReferencesName)

        if File.Exists assembly && File.Exists references then
            let paths = File.ReadAllLines references |> List.ofArray

            if paths |> List.forall File.Exists then
                let natives, managed = paths |> List.partition isNative

                Some {
                    Assembly = assembly
                    References = managed
                    Natives = natives
                }
            else
                None
        else
            None
