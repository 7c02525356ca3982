module Bento.Tests.SdkTests

open System.Threading.Tasks
open Xunit
open Bento.Cli

let private two =
    "8.0.404 [/usr/share/dotnet/sdk]\n10.0.401 [/usr/share/dotnet/sdk]\n"

[<Fact>]
let ``an SDK that builds today's projects is well`` () =
    let finding = Sdk.finding ".NET 10.0.12" (Some two)
    Assert.Equal(Condition.Ok, finding.Condition)
    Assert.Equal(".NET 10.0.12, SDK 10.0.401.", finding.Sentence)

[<Fact>]
let ``a preview and a later major are SDKs too`` () =
    let finding =
        Sdk.finding ".NET 11.0.0" (Some "11.0.100-preview.1.2 [C:\\Program Files\\dotnet\\sdk]\r\n")

    Assert.Equal(Condition.Ok, finding.Condition)
    Assert.Contains("SDK 11.0.100-preview.1.2", finding.Sentence)

[<Fact>]
let ``older SDKs only, or none, are a warning: built assemblies are served all the same`` () =
    let older =
        Sdk.finding ".NET 10.0.12" (Some "8.0.404 [/usr/share/dotnet/sdk]\n9.0.100 [/usr/share/dotnet/sdk]\n")

    Assert.Equal(Condition.Warning, older.Condition)
    Assert.Contains("the newest SDK is 9.0.100", older.Sentence)

    for listed in [ None; Some ""; Some "nonsense" ] do
        let none = Sdk.finding ".NET 10.0.12" listed
        Assert.Equal(Condition.Warning, none.Condition)
        Assert.Contains("no SDK is here", none.Sentence)
        Assert.Contains("https://dot.net/download", string none.Mend)

[<Fact>]
let ``the SDK that builds these tests is found`` () : Task = task {
    let! finding = Sdk.here ()
    Assert.Equal(Condition.Ok, finding.Condition)
}
