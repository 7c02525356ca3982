namespace Bento.Cli

open System
open System.IO
open System.Reflection
open System.Runtime.Loader
open Bento
open Bento.CSharp
open Bento.CSharp.Reading
open Bento.OnnxRuntime

/// The user's assembly beside its own dependencies. Bento, FSharp.Core and tensors are the command's own, so that their types are one.
type private TargetLoadContext(path: string) =
    inherit AssemblyLoadContext("bento target")

    let resolver = AssemblyDependencyResolver path

    let shared = [
        typeof<Definition>.Assembly
        typeof<HttpHandler>.Assembly
        typeof<BentoService>.Assembly
        typeof<InferenceSession>.Assembly
        typeof<option<int>>.Assembly
        typeof<System.Numerics.Tensors.Tensor<int>>.Assembly
    ]

    override this.Load(name) =
        if shared |> List.exists (fun assembly -> assembly.GetName().Name = name.Name) then
            null
        else
            match resolver.ResolveAssemblyToPath name with
            | null -> null
            | path -> this.LoadFromAssemblyPath path

    override this.LoadUnmanagedDll(name) =
        match resolver.ResolveUnmanagedDllToPath name with
        | null -> IntPtr.Zero
        | path -> this.LoadUnmanagedDllFromPath path

/// Finds the services of an assembly.
[<RequireQualifiedAccess>]
module internal Loading =

    /// The ONNX Runtime to load: what the code chose, and where neither it nor the environment did, what is among the target's
    /// packages, where the command's own assembly would not look.
    let runtimeOf (variable: string | null) (chosen: string option) (path: string) : string option =
        if chosen.IsSome || not (String.IsNullOrEmpty variable) then
            chosen
        else
            AssemblyDependencyResolver(path).ResolveUnmanagedDllToPath "onnxruntime"
            |> Option.ofObj

    let private chooseRuntime path =
        if not OrtLibrary.IsLoaded then
            let variable = Environment.GetEnvironmentVariable "BENTO_ORT_LIBRARY"
            OrtLibrary.Path <- runtimeOf variable (Option.ofObj OrtLibrary.Path) path |> Option.toObj

    let private load path =
        let path = Path.GetFullPath path

        try
            let assembly = (TargetLoadContext path).LoadFromAssemblyPath path
            chooseRuntime path
            assembly
        with :? BadImageFormatException ->
            raise (CliException $"{path} is not a .NET assembly.")

    let private exportedTypes (assembly: Assembly) =
        try
            assembly.GetExportedTypes()
        with
        | :? FileNotFoundException
        | :? FileLoadException
        | :? TypeLoadException as problem ->
            raise (CliException $"{assembly.Location} does not load: {problem.Message}")

    let private value (property: PropertyInfo) =
        try
            match property.GetValue null with
            | :? Definition as definition -> Some definition
            | :? BentoService as service -> Some service.Definition
            | _ -> None
        with :? TargetInvocationException as problem ->
            let cause = problem.GetBaseException()

            raise (
                CliException $"{property.DeclaringType}.{property.Name} raised {cause.GetType().Name}: {cause.Message}"
            )

    let private holdsService (property: PropertyInfo) =
        typeof<Definition>.IsAssignableFrom property.PropertyType
        || property.PropertyType = typeof<BentoService>

    /// All services of an assembly: values of F#, classes of C# and what their builder made.
    let servicesOf (assembly: Assembly) : Definition list =
        [
            for kind in exportedTypes assembly do
                if ClassDescription.IsService kind then
                    ClassDescription.Of kind

                for property in kind.GetProperties(BindingFlags.Public ||| BindingFlags.Static) do
                    if holdsService property then
                        yield! value property |> Option.toList
        ]
        |> List.distinct

    /// All services of the assembly at a path.
    let definitions (path: string) : Definition list = servicesOf (load path)

    /// The service asked for, or the only one, of those found at a path.
    let choose (target: Target) (path: string) (found: Definition list) : Definition =
        let names = found |> List.map _.Name |> String.concat ", "

        match target.Service, found with
        | _, [] ->
            raise (
                CliException
                    $"{path} has no service; wanted a public value at the top of a module, as in: let hello = service {{ … }}, or a public class marked [Service]"
            )
        | None, [ one ] -> one
        | None, _ ->
            raise (
                CliException $"{path} has several services, {names}; say which, as in {target.Path}:{found.Head.Name}"
            )
        | Some name, _ ->
            match found |> List.tryFind (fun definition -> definition.Name = name) with
            | Some definition -> definition
            | None -> raise (CliException $"{path} has no service \"{name}\"; it has {names}.")
