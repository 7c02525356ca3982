/// What is published of a shape, to the letter.
module Bento.Tests.JsonSchemaTests

open System
open System.ComponentModel.DataAnnotations
open System.Text.Json.Nodes
open Xunit
open Bento

type Passage = { Text: string; Sentences: int option }

type Mood =
    | Glad
    | Sad

type Score = { Value: float; Note: string option }

let private shapeOf (kind: Type) =
    match Codecs.ofType WireRules.defaults "input" kind |> Result.map _.Shape with
    | Ok shape -> shape
    | Error faults -> invalidOp $"%A{faults}"

let private assertSame (wanted: string) (given: JsonObject) =
    Assert.True(JsonNode.DeepEquals(JsonNode.Parse wanted, given), $"Wanted {wanted}, given {given.ToJsonString()}")

let kinds: TheoryData<Type, string, string> =
    TheoryData<Type, string, string>(
        [
            struct (typeof<unit>, """{"type":["object","null"]}""", """{"type":"null"}""")
            struct (typeof<bool>, """{"type":"boolean"}""", """{"type":"boolean"}""")
            struct (typeof<byte>,
                    """{"type":"integer","minimum":0,"maximum":255}""",
                    """{"type":"integer","minimum":0,"maximum":255}""")
            struct (typeof<float>,
                    """{"type":"number","format":"double"}""",
                    """{"type":["number","null"],"format":"double"}""")
            struct (typeof<decimal>, """{"type":"number"}""", """{"type":"number"}""")
            struct (typeof<string option>, """{"type":["string","null"]}""", """{"type":["string","null"]}""")
            struct (typeof<Guid>, """{"type":"string","format":"uuid"}""", """{"type":"string","format":"uuid"}""")
            struct (typeof<bool list>,
                    """{"type":"array","items":{"type":"boolean"}}""",
                    """{"type":"array","items":{"type":"boolean"}}""")
            struct (typeof<Map<string, bool>>,
                    """{"type":"object","additionalProperties":{"type":"boolean"}}""",
                    """{"type":"object","additionalProperties":{"type":"boolean"}}""")
            struct (typeof<Score>,
                    """{"type":"object","properties":{"value":{"type":"number","format":"double"},"note":{"type":["string","null"]}},"required":["value"]}""",
                    """{"type":"object","properties":{"value":{"type":["number","null"],"format":"double"},"note":{"type":"string"}},"required":["value"],"additionalProperties":false}""")
        ]
    )

[<Theory; MemberData(nameof kinds)>]
let ``a type is published as what is taken and as what is sent`` (kind: Type, input: string, output: string) =
    let shape = shapeOf kind
    assertSame input (JsonSchema.input shape)
    assertSame output (JsonSchema.output shape)

[<Fact>]
let ``whole numbers of 32 and 64 bits say so`` () =
    assertSame
        """{"type":"integer","format":"int32","minimum":-2147483648,"maximum":2147483647}"""
        (JsonSchema.input (shapeOf typeof<int>))

    assertSame
        """{"type":"integer","format":"int64","minimum":-9223372036854775808,"maximum":9223372036854775807}"""
        (JsonSchema.input (shapeOf typeof<int64>))

[<Fact>]
let ``an optional value in a list may be null on both ways`` () =
    let wanted = """{"type":"array","items":{"type":["boolean","null"]}}"""
    assertSame wanted (JsonSchema.input (shapeOf typeof<bool option list>))
    assertSame wanted (JsonSchema.output (shapeOf typeof<bool option list>))

[<Fact>]
let ``an optional choice may be null`` () =
    let wanted = """{"type":["string","null"],"enum":["Glad","Sad",null]}"""
    assertSame wanted (JsonSchema.input (shapeOf typeof<Mood option>))
    assertSame wanted (JsonSchema.output (shapeOf typeof<Mood voption>))

type Ticket = {
    [<Required; RegularExpression "[A-Z]{3}">]
    Code: string
    [<Bento.Pattern "a"; Required; RegularExpression "^[a-c]+$">]
    Row: string
    [<Bento.Length(2, 10); MaxLength 5>]
    Name: string
    [<Bento.Length(2, 4); MinLength 3; MaxLength 8>]
    Seats: int list
    [<Bento.Length(1, 9); MinLength 2>]
    Prices: Map<string, bool>
}

[<Fact>]
let ``all that is said of one field is published`` () =
    let schema = JsonSchema.input (shapeOf typeof<Ticket>)

    assertSame
        """{
            "code":{"type":"string","pattern":"^(?:[A-Z]{3})$","allOf":[{"pattern":"\\S"}]},
            "row":{"type":"string","pattern":"a","allOf":[{"pattern":"^[a-c]+$"},{"pattern":"\\S"}]},
            "name":{"type":"string","minLength":2,"maxLength":5},
            "seats":{"type":"array","items":{"type":"integer","format":"int32","minimum":-2147483648,"maximum":2147483647},"minItems":3,"maxItems":4},
            "prices":{"type":"object","additionalProperties":{"type":"boolean"},"minProperties":2,"maxProperties":9}
        }"""
        ((nonNull schema["properties"]).AsObject())
