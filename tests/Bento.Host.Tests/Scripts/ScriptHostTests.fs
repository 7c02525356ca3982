/// Scripts whose services somebody else serves.
module Bento.Hosting.Tests.ScriptHostTests

open Xunit
open Bento

let private adding = service { api "add" (fun (number: int) -> number + 1) }

[<Fact>]
let ``a service that is to be served is given to who adopts it, with the options it was given`` () =
    let adopted = ResizeArray<(int * string) option * string>()

    let adopt (options: ServeOptions option) (definition: Definition) =
        adopted.Add(options |> Option.map (fun options -> options.Port, options.Host), definition.Name)

    ScriptHost.adopt <- Some adopt

    try
        Serve.run adding
        adding |> Serve.runWith { Serve.options with Port = 3111 }
    finally
        ScriptHost.adopt <- None

    Assert.Equal<((int * string) option * string) list>(
        [ None, "adding"; Some(3111, "127.0.0.1"), "adding" ],
        List.ofSeq adopted
    )
