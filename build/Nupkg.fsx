/// Writes NuGet packages: the same bytes for the same files, whenever and wherever that is done. `dotnet pack` puts the
/// time and a random name into each.
module Nupkg

open System
open System.IO
open System.IO.Compression
open System.Text
open System.Xml.Linq

type Content =
    | File of path: string
    | Text of string

type Package = {
    Id: string
    Version: string
    Description: string
    /// Of a package that is no library, such as "DotnetTool".
    Type: string option
    /// Each package and the range of versions that it is wanted in.
    Dependencies: (string * string) list
    /// Shared frameworks that must be there, such as ASP.NET Core.
    Frameworks: string list
    /// Where each file is in the package, and what is in it.
    Files: (string * Content) list
}

let private element (space: XNamespace) name (content: obj list) =
    XElement(space + name, Array.ofList content)

let private attribute name (value: string) =
    XAttribute(XName.Get name, value) :> obj

let private nuspec (package: Package) =
    let make =
        element (XNamespace.Get "http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd")

    let forFramework name content =
        make name [ make "group" (attribute "targetFramework" "net10.0" :: content) ]

    let metadata: obj list = [
        make "id" [ package.Id ]
        make "version" [ package.Version ]
        make "authors" [ "The Bento authors" ]
        make "license" [ attribute "type" "expression"; "Apache-2.0" ]
        make "readme" [ "README.md" ]
        make "description" [ package.Description ]
        make "tags" [ "machine-learning model-serving onnx inference fsharp" ]

        for kind in Option.toList package.Type do
            make "packageTypes" [ make "packageType" [ attribute "name" kind ] ]

        if package.Type.IsNone then
            forFramework "dependencies" [
                for id, range in package.Dependencies do
                    make "dependency" [ attribute "id" id; attribute "version" range ]
            ]

        if not package.Frameworks.IsEmpty then
            forFramework "frameworkReferences" [
                for framework in package.Frameworks do
                    make "frameworkReference" [ attribute "name" framework ]
            ]
    ]

    make "package" [ make "metadata" metadata ]

/// Which media type each kind of file has, as the container's format wants it said.
let private contentTypes (paths: string list) =
    let make =
        element (XNamespace.Get "http://schemas.openxmlformats.org/package/2006/content-types")

    let extensionOf (path: string) =
        (Path.GetExtension path).TrimStart('.').ToLowerInvariant()

    let withExtension, without =
        paths |> List.partition (fun path -> extensionOf path <> "")

    make "Types" [
        make "Default" [
            attribute "Extension" "rels"
            attribute "ContentType" "application/vnd.openxmlformats-package.relationships+xml"
        ]

        for extension in withExtension |> List.map extensionOf |> List.distinct |> List.sort do
            make "Default" [ attribute "Extension" extension; attribute "ContentType" "application/octet" ]

        for path in List.sort without do
            make "Override" [
                attribute "PartName" ("/" + path)
                attribute "ContentType" "application/octet"
            ]
    ]

let private relationships (package: Package) =
    let make =
        element (XNamespace.Get "http://schemas.openxmlformats.org/package/2006/relationships")

    make "Relationships" [
        make "Relationship" [
            attribute "Type" "http://schemas.microsoft.com/packaging/2010/07/manifest"
            attribute "Target" $"/%s{package.Id}.nuspec"
            attribute "Id" "manifest"
        ]
    ]

let private xml (root: XElement) =
    Text(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
        + root.ToString().ReplaceLineEndings "\n"
        + "\n"
    )

/// The first moment that a zip file knows of.
let private always = DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero)

/// Writes a package into a folder and gives the file's path.
let write (folder: string) (package: Package) =
    let files =
        (package.Id + ".nuspec", xml (nuspec package))
        :: List.sortWith (fun (one, _) (other, _) -> String.CompareOrdinal(one, other)) package.Files

    let parts = [
        yield "_rels/.rels", xml (relationships package)
        yield! files
        yield "[Content_Types].xml", xml (contentTypes (List.map fst files))
    ]

    Directory.CreateDirectory folder |> ignore
    let path = Path.Combine(folder, $"%s{package.Id}.%s{package.Version}.nupkg")
    use archive = new ZipArchive(File.Create path, ZipArchiveMode.Create)

    for name, content in parts do
        let entry = archive.CreateEntry(name, CompressionLevel.Optimal)
        entry.LastWriteTime <- always
        use target = entry.Open()

        match content with
        | Text text -> target.Write(Encoding.UTF8.GetBytes text)
        | File source ->
            use source = File.OpenRead source
            source.CopyTo target

    path
