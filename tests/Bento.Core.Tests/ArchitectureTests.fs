/// What Core may lean on, and the surface that it shows.
module Bento.Tests.ArchitectureTests

open System
open System.IO
open System.Reflection
open System.Reflection.Metadata
open System.Reflection.PortableExecutable
open System.Runtime.CompilerServices
open System.Text.RegularExpressions
open Xunit
open Bento

let private core = typeof<Setting>.Assembly

[<Fact>]
let ``Core references FSharp.Core and the base class library only`` () =
    for reference in core.GetReferencedAssemblies() do
        let name = nonNull reference.Name
        Assert.True(name = "FSharp.Core" || name.StartsWith("System.", StringComparison.Ordinal), name)

/// The types outside of it that an assembly's code names.
let private typesUsed (assembly: Assembly) = [
    use file = IO.File.OpenRead assembly.Location
    use reader = new PEReader(file)
    let metadata = reader.GetMetadataReader()

    for handle in metadata.TypeReferences do
        let reference = metadata.GetTypeReference handle
        metadata.GetString reference.Namespace + "." + metadata.GetString reference.Name
]

[<Fact>]
let ``Core opens no file and reads no clock, network, console or environment`` () =
    // No System.IO.Directory: a request's own directory is made in process too, where there is no host to make it.
    let effects = [
        "System.Console"
        "System.Environment"
        "System.TimeProvider"
        "System.Diagnostics.Stopwatch"
        "System.Diagnostics.Process"
        "System.IO.File"
        "System.IO.FileStream"
    ]

    for used in typesUsed core do
        Assert.DoesNotContain(used, effects)
        Assert.False(used.StartsWith("System.Net.", StringComparison.Ordinal), used)

// -- the surface -------------------------------------------------------------------------------------

let private anyone =
    BindingFlags.Public
    ||| BindingFlags.Instance
    ||| BindingFlags.Static
    ||| BindingFlags.DeclaredOnly

/// Left out: nested types, which have lines of their own, and what the compiler writes for every record and union.
let private isWritten (one: MemberInfo) =
    match one with
    | :? Type -> false
    | :? MethodInfo as method ->
        not method.IsSpecialName
        && not (method.IsDefined typeof<CompilerGeneratedAttribute>)
    | _ -> true

let private withoutNamespaces text =
    Regex.Replace(text, @"\b(System|Microsoft)\.([A-Za-z]+\.)*", "")

let private membersOf (kind: Type) =
    kind.GetMembers anyone
    |> Array.filter isWritten
    |> Array.map (fun one -> withoutNamespaces $"  {(string one.MemberType).ToLowerInvariant()} {one}")
    |> Array.sortWith (fun first second -> String.CompareOrdinal(first, second))

/// Every public type and what it declares, one a line.
let private surface () =
    core.GetExportedTypes()
    |> Array.filter (fun kind -> kind.Name <> "Tags")
    |> Array.sortWith (fun first second -> String.CompareOrdinal(string first, string second))
    |> Array.collect (fun kind -> [| string kind; yield! membersOf kind |])
    |> String.concat "\n"

let private surfaceFile = Path.Combine(__SOURCE_DIRECTORY__, "Surface.txt")

/// After an intended change, run the tests once with BENTO_UPDATE_SURFACE=1 and read the difference of Surface.txt.
[<Fact>]
let ``the public surface is the one in Surface.txt`` () =
    let surface = surface () + "\n"

    if Environment.GetEnvironmentVariable "BENTO_UPDATE_SURFACE" = "1" then
        IO.File.WriteAllText(surfaceFile, surface)

    Assert.Equal((IO.File.ReadAllText surfaceFile).ReplaceLineEndings "\n", surface)
