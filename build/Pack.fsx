/// The packages: which there are, and what is in each.
module Pack

#load "Setup.fsx" "Nupkg.fsx"

open System
open System.IO
open System.Text.RegularExpressions
open System.Xml.Linq
open Shell
open Nupkg

let usualFolder = Path.Combine(artifacts, "packages")

/// The one place that says the version.
let version =
    XDocument.Load(inRoot "Directory.Build.props").Descendants(XName.Get "Version")
    |> Seq.exactlyOne
    |> _.Value

/// What belongs together has one version.
let private exactly = $"[%s{version}]"

let private readme id description =
    (File.ReadAllText(inRoot "build/package.md"))
        .Replace("{id}", id)
        .Replace("{description}", description)
        .Replace("{version}", version)
    |> Text

let private package id description files = {
    Id = id
    Version = version
    Description = description
    Type = None
    Dependencies = []
    Frameworks = []
    Files =
        [
            "README.md", readme id description
            "LICENSE", Content.File(inRoot "LICENSE")
        ]
        @ files
}

// What projects say of themselves --------------------------------------------------------------------------------------

type private Project = {
    Name: string
    Description: string
    /// The projects that it builds on.
    Projects: string list
    /// The packages of other makers.
    Packages: string list
    Frameworks: string list
    /// Where its build puts what it makes.
    Output: string
}

let private project name =
    let file =
        [ ".fsproj"; ".csproj" ]
        |> List.map (fun extension -> inRoot $"src/%s{name}/%s{name}%s{extension}")
        |> List.find File.Exists

    let document = XDocument.Load file

    let included kind = [
        for element in document.Descendants(XName.Get kind) do
            element.Attribute(XName.Get "Include").Value
    ]

    let references = Path.Combine(Path.GetDirectoryName file, "paket.references")

    {
        Name = name
        Description = (Seq.exactlyOne (document.Descendants(XName.Get "Description"))).Value
        Projects =
            included "ProjectReference"
            |> List.map (fun path -> Path.GetFileNameWithoutExtension(path.Replace('\\', '/')))
        Packages =
            if File.Exists references then
                File.ReadAllLines references
                |> Array.filter (not << String.IsNullOrWhiteSpace)
                |> List.ofArray
            else
                []
        Frameworks = included "FrameworkReference"
        Output = inRoot $"src/%s{name}/bin/Release/net10.0"
    }

/// The least version of a package of another maker that paket.dependencies allows.
let private leastVersion (package: string) =
    let line =
        Regex($@"^nuget {Regex.Escape package} (?:~> )?(\S+)\s*$", RegexOptions.Multiline)
            .Match(File.ReadAllText(inRoot "paket.dependencies"))

    if not line.Success then
        fail $"paket.dependencies gives no version of %s{package}, which a package needs"

    line.Groups[1].Value

let private libraryOf (project: Project) =
    let file extension =
        $"lib/net10.0/%s{project.Name}%s{extension}",
        Content.File(Path.Combine(project.Output, project.Name + extension))

    {
        package project.Name project.Description [ file ".dll"; file ".xml" ] with
            Dependencies = [
                for name in project.Projects do
                    name, exactly
                for name in project.Packages do
                    name, leastVersion name
            ]
            Frameworks = project.Frameworks
    }

// The packages ----------------------------------------------------------------------------------------------------------

let private noticesOfOnnxRuntime = [
    for name in [ "LICENSE"; "ThirdPartyNotices.txt" ] do
        $"notices/onnxruntime/%s{name}", Content.File(inRoot $"build/notices/onnxruntime/%s{name}")
]

let private nativeName platform = $"Bento.Onnx.Native.%s{platform}"

let private native (platform: string, library: string) =
    package (nativeName platform) $"ONNX Runtime for %s{platform}, as Microsoft builds it (MIT)." [
        $"runtimes/%s{platform}/native/%s{Path.GetFileName library}", Content.File library
        yield! noticesOfOnnxRuntime
    ]

/// What scripts are shown of ASP.NET Core when they ask for it.
let private targetsForScripts = [
    for place in [ "build"; "buildTransitive" ] do
        $"%s{place}/Bento.Host.targets", Content.File(inRoot "src/Bento.Host/Scripts/Bento.Host.targets")
]

/// What the compiler and editors load of a package, which is built for more than this .NET.
let private analyzers = [
    for name in [ "Bento.CSharp.Analyzers"; "Bento.CSharp.CodeFixes" ] do
        $"analyzers/dotnet/cs/%s{name}.dll",
        Content.File(inRoot $"src/%s{name}/bin/Release/netstandard2.0/%s{name}.dll")
]

let private libraries () = [
    libraryOf (project "Bento.Core")
    libraryOf (project "Bento.Onnx")

    let host = libraryOf (project "Bento.Host")

    {
        host with
            Files = host.Files @ targetsForScripts
    }

    let facade = libraryOf (project "Bento.CSharp")

    // A project in C# has one package to name, so ONNX Runtime comes with this one, and what judges its classes.
    {
        facade with
            Dependencies = List.singleton ("Bento", exactly)
            Files = facade.Files @ analyzers
    }
]

let private whole (natives: (string * string) list) = {
    package "Bento" "Serves models over HTTP from .NET: all that a script or a program needs, with ONNX Runtime." [] with
        Dependencies = [
            for name in [ "Bento.Core"; "Bento.Host"; "Bento.Onnx" ] do
                name, exactly
            for platform, _ in natives do
                nativeName platform, exactly
        ]
}

// The command: one package for each platform with its ONNX Runtime, and one that knows them all ---------------------------

let private settings (version: int) (command: XElement) (others: XElement list) =
    XElement(
        XName.Get "DotNetCliTool",
        XAttribute(XName.Get "Version", version),
        XElement(XName.Get "Commands", command),
        others
    )
    |> fun root -> Text(root.ToString().ReplaceLineEndings "\n" + "\n")

let private attributes (values: (string * string) list) =
    values |> List.map (fun (name, value) -> XAttribute(XName.Get name, value))

/// What a program's build has made that runs on every platform, and ONNX Runtime for one.
let private program (name: string) (place: string) (platform: string) (library: string option) = [
    for file in Directory.EnumerateFiles (project name).Output do
        match Path.GetExtension file with
        | ".dll"
        | ".json" -> $"%s{place}/%s{Path.GetFileName file}", Content.File file
        | _ -> ()

    for library in Option.toList library do
        $"%s{place}/runtimes/%s{platform}/native/%s{Path.GetFileName library}", Content.File library
]

let private commandFor (project: Project) (platform: string) (library: string option) =
    let place = $"tools/net10.0/%s{platform}"

    let command =
        XElement(XName.Get "Command", attributes [ "Name", "bento"; "EntryPoint", "bento.dll"; "Runner", "dotnet" ])

    {
        package $"Bento.Cli.%s{platform}" project.Description [
            $"%s{place}/DotnetToolSettings.xml", settings 1 command []

            yield! program "Bento.Cli" place platform library
            // The process that evaluates scripts for --reload, where the command looks for it.
            yield! program "Bento.Reload" $"%s{place}/reload" platform library

            if library.IsSome then
                yield! noticesOfOnnxRuntime
        ] with
            Type = Some "DotnetToolRidPackage"
    }

let private command (natives: (string * string) list) =
    let project = project "Bento.Cli"

    let packages = [
        for platform, library in natives do
            platform, commandFor project platform (Some library)
        // Other platforms bring an ONNX Runtime of their own.
        "any", commandFor project "any" None
    ]

    let known =
        XElement(
            XName.Get "RuntimeIdentifierPackages",
            [
                for platform, package in packages do
                    XElement(
                        XName.Get "RuntimeIdentifierPackage",
                        attributes [ "RuntimeIdentifier", platform; "Id", package.Id ]
                    )
            ]
        )

    let everywhere =
        settings 2 (XElement(XName.Get "Command", attributes (List.singleton ("Name", "bento")))) [ known ]

    let pointer = {
        package "Bento.Cli" project.Description (List.singleton ("tools/any/any/DotnetToolSettings.xml", everywhere)) with
            Type = Some "DotnetTool"
    }

    pointer :: List.map snd packages

// The beginnings that `bento new` makes, for `dotnet new` ----------------------------------------------------------------

let private starts = "src/Bento.Cli/New/Starts"

let private template (language: string) (shortName: string) =
    $$"""{
  "$schema": "http://json.schemastore.org/template",
  "author": "The Bento authors",
  "classifications": ["Web", "Machine learning"],
  "identity": "Bento.Templates.{{shortName}}",
  "groupIdentity": "Bento.Templates.{{shortName}}",
  "name": "Bento service",
  "shortName": "{{shortName}}",
  "sourceName": "NewService",
  "preferNameDirectory": true,
  "tags": { "language": "{{language}}", "type": "project" }
}
"""

let private templates () =
    let filesOf kind language shortName = [
        let place = $"content/%s{shortName}"
        $"%s{place}/.template.config/template.json", Text(template language shortName)

        for file in Directory.EnumerateFiles(inRoot $"%s{starts}/%s{kind}") do
            let text = (File.ReadAllText file).Replace("VERSION", version)
            $"%s{place}/%s{Path.GetFileNameWithoutExtension file}", Text text
    ]

    {
        package "Bento.Templates" "Services to begin with, for dotnet new: bento-fs and bento-cs." [
            yield! filesOf "fsharp" "F#" "bento-fs"
            yield! filesOf "csharp" "C#" "bento-cs"
        ] with
            Type = Some "Template"
    }

/// The projects whose builds are packed.
let projects = [ "src/Bento.Reload"; "src/Bento.CSharp"; "src/Bento.CSharp.CodeFixes" ]

/// Makes every package anew, of what has been built. Other files of the folder stay.
let pack (folder: string) =
    let natives = Setup.nativesOfAll ()

    let packages = [
        yield! libraries ()
        yield! List.map native natives
        whole natives
        yield! command natives
        templates ()
    ]

    for path in packages |> Array.ofList |> Array.Parallel.map (write folder) do
        printfn "%s" (Path.GetRelativePath(root, path))
