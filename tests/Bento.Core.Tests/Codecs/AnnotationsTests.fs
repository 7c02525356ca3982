module Bento.Tests.AnnotationsTests

open System
open System.ComponentModel.DataAnnotations
open System.Reflection
open System.Text
open System.Text.Json
open Xunit
open Bento

type Person = {
    [<StringLength(5, MinimumLength = 2)>]
    Name: string
    [<MinLength(1); MaxLength(2)>]
    Tags: string list
    [<MinLength(2)>]
    Scores: int[]
    [<RegularExpression "[A-Z]+|none">]
    Code: string
    [<System.ComponentModel.DataAnnotations.Range(0.5, 1.5)>]
    Weight: float
    [<Required>]
    Note: string
    [<Required(AllowEmptyStrings = true); DataType(DataType.Text)>]
    Blank: string
}

let private codec kind =
    Codecs.ofType WireRules.defaults "input" kind

let private person =
    match codec typeof<Person> with
    | Ok codec -> codec
    | Error faults -> failwith $"%A{faults}"

let private constraintsOf name =
    match person.Shape with
    | Shape.Record record -> (record.Fields |> List.find (fun field -> field.Name = name)).Constraints
    | other -> failwith $"%A{other}"

[<Fact>]
let ``what they ask for is asked for in our own words`` () =
    Assert.Equal<Constraint list>([ Constraint.Length(2, 5) ], constraintsOf "name")
    Assert.Equal<Constraint list>([ Constraint.Length(1, 2) ], constraintsOf "tags")
    Assert.Equal<Constraint list>([ Constraint.Length(2, Int32.MaxValue) ], constraintsOf "scores")
    Assert.Equal<Constraint list>([ Constraint.Pattern "^(?:[A-Z]+|none)$" ], constraintsOf "code")
    Assert.Equal<Constraint list>([ Constraint.Range(0.5, 1.5) ], constraintsOf "weight")
    Assert.Equal<Constraint list>([ Constraint.Pattern @"\S" ], constraintsOf "note")
    Assert.Empty(constraintsOf "blank")

let private judge (body: string) =
    match person.DecodeObject(ReadOnlyMemory(Encoding.UTF8.GetBytes body)) with
    | Ok _ -> []
    | Error faults -> faults |> List.map _.Message

[<Fact>]
let ``a body that keeps them is read`` () =
    Assert.Empty(
        judge """{"name":"Ada","tags":["a"],"scores":[1,2],"code":"none","weight":1.5,"note":"n","blank":""}"""
    )

[<Fact>]
let ``a body that breaks them all is told of them all`` () =
    Assert.Equal<string list>(
        [
            "body.name has 1 characters; wanted 2 to 5"
            "body.tags has 0 items; wanted 1 to 2"
            "body.scores has 1 items; wanted 2 or more"
            "body.code: the text does not match ^(?:[A-Z]+|none)$"
            "body.weight: 2 is out of range; wanted 0.5 to 1.5"
            "body.note: the text does not match \\S"
        ],
        judge """{"name":"A","tags":[],"scores":[1],"code":"NONE x","weight":2,"note":"  ","blank":""}"""
    )

type Expressions = {
    [<RegularExpression "^[a-z]+$">]
    Anchored: string
    [<RegularExpression "[a-z]+">]
    Free: string
    [<RegularExpression @"^\d\$">]
    Dollar: string
    [<RegularExpression @"^\d\\$">]
    Backslash: string
    [<RegularExpression @"^\d\\\$">]
    Both: string
    [<RegularExpression "^[a$]+$">]
    Class: string
    [<RegularExpression "^a$|^b$">]
    Either: string
    [<RegularExpression "^[^]a]$$">]
    Twice: string
}

[<Fact>]
let ``a regular expression takes of a text what it takes of it in .NET`` () =
    let texts = [
        for start in [ "a"; "abc"; "b"; "5$"; @"5\"; @"5\$"; "$"; "$a"; "]" ] do
            for rest in [ ""; "\n"; "\n\n"; " and more"; "\nabc"; "$" ] do
                start + rest
    ]

    for property in typeof<Expressions>.GetProperties() do
        let expression =
            property.GetCustomAttribute<RegularExpressionAttribute>() |> nonNull

        let field =
            match codec typeof<Expressions> |> Result.map _.Shape with
            | Ok(Shape.Record record) -> record.Fields |> List.find (fun field -> field.Member = property.Name)
            | other -> failwith $"%A{other}"

        for text in texts do
            let isTaken =
                Faults.ofField field (ReadOnlyMemory(JsonSerializer.SerializeToUtf8Bytes text))
                |> List.isEmpty

            Assert.True(
                (expression.IsValid text = isTaken),
                $"{expression.Pattern} on {JsonSerializer.Serialize text}: {isTaken}"
            )

[<Fact>]
let ``the dollar that is published is the one that was written`` () =
    Assert.Equal<string list>(
        [
            "^[a-z]+$"
            "^(?:[a-z]+)$"
            @"^(?:^\d\$)$"
            @"^\d\\$"
            @"^(?:^\d\\\$)$"
            "^[a$]+$"
            "^(?:^a$|^b$)$"
            "^(?:^[^]a]$$)$"
        ],
        match codec typeof<Expressions> |> Result.map _.Shape with
        | Ok(Shape.Record record) -> [
            for field in record.Fields do
                for one in field.Constraints do
                    match one with
                    | Constraint.Pattern pattern -> pattern
                    | other -> failwith $"%A{other}"
          ]
        | other -> failwith $"%A{other}"
    )

type Mistaken = {
    [<EmailAddress>]
    Address: string
    [<Required>]
    Maybe: string option
    [<System.ComponentModel.DataAnnotations.Range(0., 1., MinimumIsExclusive = true)>]
    Share: float
    [<System.ComponentModel.DataAnnotations.Range(typeof<DateTime>, "2026-01-01", "2026-12-31")>]
    Day: DateTime
}

[<Fact>]
let ``what nothing would check is refused`` () =
    match codec typeof<Mistaken> with
    | Ok _ -> failwith "It was taken."
    | Error faults ->
        Assert.Equal<string list>(
            [
                "input.address has EmailAddress, which nothing checks here; use Range, Length, StringLength or RegularExpression"
                "input.maybe has Required, and a type that says it may be null; take one of them away"
                "input.share has a Range without one of its ends; both ends of a range are in it"
                "input.day has a Range of DateTime, which is for numbers; give it two numbers"
            ],
            faults |> List.map (fun fault -> $"{fault.Path} {fault.Reason}")
        )

[<Fact>]
let ``a length without an end has none in the schema`` () =
    let schema = JsonSchema.input person.Shape
    let properties = (nonNull schema["properties"]).AsObject()
    let scores = (nonNull properties["scores"]).AsObject()
    Assert.Equal("2", string scores["minItems"])
    Assert.False(scores.ContainsKey "maxItems")
