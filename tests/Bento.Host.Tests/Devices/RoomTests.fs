module Bento.Hosting.Tests.RoomTests

open System.Threading.Tasks
open Xunit
open Bento

let private asking amount = service {
    resources { memory amount }
    name "asking"
    api "echo" (fun (text: string) -> text)
}

let private warnings (lines: Logs.Line list) =
    lines
    |> List.filter (fun line -> line.Level = Microsoft.Extensions.Logging.LogLevel.Warning)

[<Fact>]
let ``a service that asks for more memory than there is starts with a warning`` () : Task = task {
    use! app = App.hosting [ asking "900TiB" ]
    let! answer = Wire.postJson app.Client "/echo" "\"here\""
    Assert.Equal(200, answer.Status)
    let warning = Assert.Single(warnings app.Lines)
    Assert.Equal("Bento.asking", warning.Category)
    Assert.Contains("`memory \"921600GiB\"`", warning.Message)
    Assert.Contains(string (Room.here ()), warning.Message)
}

[<Fact>]
let ``a service that asks for what is there is not warned of`` () : Task = task {
    use! app = App.hosting [ asking "1MiB" ]
    Assert.Empty(warnings app.Lines)
}
