/// Where ASP.NET Core lies beside a runtime.
module Bento.Hosting.Tests.SharedFrameworkTests

open System.IO
open Xunit
open Bento

/// An installation with these versions of ASP.NET Core, and the folder of the runtime in it.
let private found (runtime: string) (installed: string list) : string option =
    let place = Directory.CreateTempSubdirectory "bento-shared-"

    try
        let inPlace (parts: string list) =
            (Directory.CreateDirectory(Path.Combine(Array.ofList (place.FullName :: "shared" :: parts)))).FullName

        for version in installed do
            inPlace [ "Microsoft.AspNetCore.App"; version ] |> ignore

        SharedFramework.folder (
            inPlace [ "Microsoft.NETCore.App"; runtime ]
            + string Path.DirectorySeparatorChar
        )
        |> Option.map (Path.GetFileName >> string)
    finally
        place.Delete true

[<Fact>]
let ``that of the runtime's own version is taken`` () =
    Assert.Equal(Some "10.0.9", found "10.0.9" [ "10.0.2"; "10.0.9"; "10.0.12"; "11.0.0" ])

[<Fact>]
let ``else the latest of the same major version is taken, as numbers go`` () =
    Assert.Equal(Some "10.0.12", found "10.0.10" [ "9.0.1"; "10.0.9"; "10.0.12"; "11.0.0"; "notes" ])

[<Fact>]
let ``of another major version none is taken`` () =
    Assert.Equal(None, found "10.0.10" [ "9.0.1"; "11.0.0" ])
    Assert.Equal(None, found "10.0.10" [])
    Assert.Equal(None, found "of-our-own" [ "10.0.1" ])

[<Fact>]
let ``a process that has it already is left alone`` () = SharedFramework.ensure ()
