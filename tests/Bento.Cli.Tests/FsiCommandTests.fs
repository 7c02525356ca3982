/// What `bento fsi` has fsi refer to.
module Bento.Tests.FsiCommandTests

open System
open System.IO
open Xunit
open Bento.Cli

let private named (option: string) =
    FsiCommand.references ()
    |> List.filter (fun line -> line.StartsWith(option, StringComparison.Ordinal))
    |> List.map (fun line -> line.Substring option.Length)

[<Fact>]
let ``every assembly and folder that is named is there`` () =
    for file in named "-r:" do
        Assert.True(File.Exists file, file)

    for folder in named "--lib:" do
        Assert.True(Directory.Exists folder, folder)

[<Fact>]
let ``Bento and what applications name of ASP.NET Core are among them`` () =
    let names = named "-r:" |> List.map (Path.GetFileNameWithoutExtension >> string)

    for wanted in
        [
            "Bento.Core"
            "Bento.Host"
            "Bento.Onnx"
            "Microsoft.AspNetCore"
            "Microsoft.AspNetCore.Http.Abstractions"
            "Microsoft.AspNetCore.Routing"
            "Microsoft.Extensions.DependencyInjection.Abstractions"
            "Microsoft.Extensions.Hosting.Abstractions"
            "Microsoft.Extensions.Logging"
        ] do
        Assert.Contains(wanted, names)
