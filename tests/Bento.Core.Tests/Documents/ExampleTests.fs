/// Examples that are made from shapes alone. That endpoints take them is tested where there are endpoints.
module Bento.Tests.ExampleTests

open Xunit
open Bento

let private fieldOf shape constraints : FieldShape = {
    Name = "field"
    Alias = None
    Member = "Field"
    Shape = shape
    Required = true
    Default = None
    Constraints = constraints
}

let private recordOf fields =
    Shape.Record {
        Name = "It"
        Type = typeof<obj>
        Fields = fields
        Closed = false
    }

let private example shape =
    Example.ofShape shape |> Option.map _.ToJsonString()

let private whole = Shape.Integer(-100m, 100m)

[<Fact>]
let ``a range holds the example in`` () =
    let within minimum maximum shape =
        example (recordOf [ fieldOf shape [ Constraint.Range(minimum, maximum) ] ])

    Assert.Equal(Some """{"field":5}""", within 4.5 9. whole)
    Assert.Equal(Some """{"field":-3}""", within -9. -2.5 whole)
    Assert.Equal(None, within 0.2 0.8 whole)
    Assert.Equal(Some """{"field":0.25}""", within 0. 0.25 (Shape.Number NumberFormat.Double))

[<Fact>]
let ``a length is kept`` () =
    let long minimum maximum shape =
        example (recordOf [ fieldOf shape [ Constraint.Length(minimum, maximum) ] ])

    Assert.Equal(Some """{"field":"texttt"}""", long 6 9 (Shape.Text TextFormat.Plain))
    Assert.Equal(Some """{"field":"te"}""", long 0 2 (Shape.Text TextFormat.Plain))
    Assert.Equal(Some """{"field":[true,true]}""", long 2 5 (Shape.Sequence Shape.Boolean))

[<Fact>]
let ``a pattern has no example, and only a field that must be there takes the whole with it`` () =
    let patterned =
        fieldOf (Shape.Text TextFormat.Plain) [ Constraint.Pattern "^[0-9]{7}$" ]

    Assert.Equal(None, example (recordOf [ patterned ]))
    Assert.Equal(Some "{}", example (recordOf [ { patterned with Required = false } ]))

    Assert.Equal(
        Some """{"field":"1234567"}""",
        example (
            recordOf [
                {
                    patterned with
                        Default = Some "\"1234567\""
                }
            ]
        )
    )

[<Fact>]
let ``a tensor's example has its dimensions, unless they are many`` () =
    let tensor dimensions =
        example (
            Shape.Tensor {
                Element = ElementType.Single
                Dimensions = Some dimensions
            }
        )

    Assert.Equal(Some "[[0.5,0.5]]", tensor [ -1; 2 ])
    Assert.Equal(Some "0.5", tensor [])
    Assert.Equal(None, tensor [ 1; 3; 224; 224 ])

[<Fact>]
let ``a union's example is of its first case`` () =
    let union =
        Shape.Union {
            Name = "Form"
            Type = typeof<obj>
            Closed = false
            Cases = [
                {
                    Name = "Circle"
                    Fields = [ fieldOf (Shape.Number NumberFormat.Double) [] ]
                }
                { Name = "Point"; Fields = [] }
            ]
        }

    Assert.Equal(Some """{"type":"Circle","field":0.5}""", example union)

type Written = { Text: string; Count: int option }

let private writtenAs text count =
    let id name =
        $"P:Bento.Tests.ExampleTests.Written.{name}"

    let it = service { api "write" (fun (written: Written) -> written.Count) }
    let shape = (Service.require it).Card.Endpoints.Head.Input.Shape

    let documentation = {
        Documentation.none with
            Examples =
                dict [ id "Text", text; id "Count", count ]
                |> System.Collections.Generic.Dictionary
    }

    Example.documented documentation shape |> Option.map _.ToJsonString()

[<Fact>]
let ``an example of a field that a person gave is taken as it is`` () =
    Assert.Equal(Some """{"text":"7","count":7}""", writtenAs "7" "7")

[<Fact>]
let ``an example that its field does not take is passed over`` () =
    for count in [ "many"; "1.5"; "{"; "7 7"; "\"7\"" ] do
        Assert.Equal(Some """{"text":"So","count":1}""", writtenAs "So" count)
