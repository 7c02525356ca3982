module Bento.Tests.BuildTests

open System.IO
open System.Threading.Tasks
open Xunit
open Bento.Cli

[<Fact>]
let ``without the SDK a project is refused with the way out`` () : Task = task {
    let! problem =
        Assert.ThrowsAsync<CliException>(fun () -> Build.run "bento-no-such-program" [ "build" ] :> Task)

    Assert.Equal("`bento-no-such-program` did not start; install the .NET SDK to build projects.", problem.Message)
}

[<Fact>]
let ``what a program writes to its errors is no part of its output`` () : Task = task {
    let! code, output, errors = Build.run "dotnet" [ "no-such-command" ]
    Assert.NotEqual(0, code)
    Assert.NotEqual<string>("", errors)
    Assert.DoesNotContain(errors, output)
}

[<Fact>]
let ``a project of several frameworks is refused with the way out`` () : Task = task {
    let folder = Directory.CreateTempSubdirectory "bento-build-"

    try
        let project = Path.Combine(folder.FullName, "Several.proj")

        // As the SDK's own: a build of all frameworks, and no one TargetPath.
        File.WriteAllText(project, """<Project><Target Name="Build" /></Project>""")

        let! problem =
            Assert.ThrowsAsync<CliException>(fun () -> Build.assembly project :> Task)

        Assert.Contains("has several target frameworks", problem.Message)
    finally
        folder.Delete true
}
