namespace Bento.Cli

open System
open System.IO
open System.Reflection
open System.Runtime.ExceptionServices
open System.Runtime.Loader
open Bento
open Bento.OnnxRuntime

/// What a script gave to `Serve.run` or `Serve.runWith`, or else has at the top of it, in its order.
[<NoComparison; NoEquality>]
type internal ScriptServices = {
    Definitions: Definition list
    /// Those of `Serve.runWith`.
    Options: ServeOptions option
}

/// A script's assembly beside its packages. What the command has is the command's own, so that types are one.
[<Sealed>]
type private ScriptLoadContext(compiled: CompiledScript) =
    inherit AssemblyLoadContext("bento script")

    let bare (path: string) =
        string<string | null>(Path.GetFileNameWithoutExtension path)

    let isNamed (name: string) (path: string) =
        bare path = name || bare path = $"lib{name}" || bare path = bare name

    override this.Load(name) =
        match compiled.References |> List.tryFind (fun path -> bare path = string name.Name) with
        | None -> null
        | Some path -> this.LoadFromAssemblyPath path

    override this.LoadUnmanagedDll(name) =
        match compiled.Natives |> List.tryFind (isNamed name) with
        | Some path -> this.LoadUnmanagedDllFromPath path
        | None -> IntPtr.Zero

/// Runs a script for the services in it.
[<RequireQualifiedAccess>]
module internal ScriptLoading =

    /// Runs code with `Serve.run` handing over its service in place of serving it, and gives what was handed over. What
    /// the code defined counts where nothing was.
    let adopting (run: unit -> unit) (defined: unit -> Definition list) : ScriptServices =
        let adopted = ResizeArray<Definition>()
        let mutable options = None

        ScriptHost.adopt <-
            Some(fun given definition ->
                options <- Option.orElse options given
                adopted.Add definition)

        try
            run ()
        finally
            ScriptHost.adopt <- None

        {
            Definitions = if adopted.Count > 0 then List.ofSeq adopted else defined ()
            Options = options
        }

    let private chooseRuntime (compiled: CompiledScript) =
        let variable = Environment.GetEnvironmentVariable "BENTO_ORT_LIBRARY"

        if
            not OrtLibrary.IsLoaded
            && isNull OrtLibrary.Path
            && String.IsNullOrEmpty variable
        then
            OrtLibrary.Path <-
                compiled.Natives
                |> List.tryFind (fun path ->
                    (string (Path.GetFileNameWithoutExtension path)).EndsWith("onnxruntime", StringComparison.Ordinal))
                |> Option.toObj

    /// The services of a compiled script. What its top level raises, this raises.
    let services (compiled: CompiledScript) : ScriptServices =
        let context = ScriptLoadContext compiled
        chooseRuntime compiled
        let assembly = context.LoadFromAssemblyPath compiled.Assembly

        let run () =
            match assembly.EntryPoint with
            | null -> ()
            | entry ->
                let arguments: obj array =
                    if entry.GetParameters().Length = 0 then
                        [||]
                    else
                        [| Array.empty<string> |]

                try
                    entry.Invoke(null, arguments) |> ignore
                with :? TargetInvocationException as problem ->
                    match problem.InnerException with
                    | null -> ExceptionDispatchInfo.Throw problem
                    | inner -> ExceptionDispatchInfo.Throw inner

        adopting run (fun () -> Loading.servicesOf assembly)
