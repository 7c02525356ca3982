module Summarize.Tests.SentencesTests

open System
open FsCheck
open FsCheck.FSharp
open Xunit
open Summarize

let private splitsInto (sentences: string list) =
    Assert.Equal<string>(sentences, Sentences.split (String.concat " " sentences))

let private notBlank (text: string) =
    text |> String.filter (Char.IsWhiteSpace >> not)

[<Fact>]
let ``a full stop, a question mark and an exclamation mark end sentences`` () =
    splitsInto [ "It rained."; "Did it?"; "It did!"; "Really?!"; "So there" ]

[<Fact>]
let ``a text without a stop is one sentence`` () = splitsInto [ "hello" ]

[<Fact>]
let ``a text without anything has no sentence`` () =
    Assert.Empty(Sentences.split "")
    Assert.Empty(Sentences.split " \r\n\t\n ")

[<Fact>]
let ``titles and initials end nothing`` () =
    splitsInto [
        "Mr. Smith met Dr. Jones."
        "J. R. R. Tolkien and George W. Bush did not."
        "Prof. X came, vs. Y."
    ]

[<Fact>]
let ``abbreviations inside a sentence end nothing`` () =
    splitsInto [
        "Fruit, e.g. Apples and pears, i.e. Two kinds."
        "It costs approx. 5 pounds."
        "See cf. Smith."
    ]

[<Fact>]
let ``abbreviations with numbers end nothing, and are words without them`` () =
    splitsInto [
        "See No. 5 and Fig. 3 on p. 12."
        "He said no."
        "She left on Jan. 5."
        "It was in Dec."
        "Then it ended."
    ]

[<Fact>]
let ``an ambiguous abbreviation ends a sentence before a word that begins one`` () =
    splitsInto [
        "The U.S. Senate met at 5 p.m. Monday."
        "He lives in the U.S."
        "The law changed."
    ]

    splitsInto [ "Acme Inc. Chairman Bob left."; "He works for Acme Inc."; "They pay well." ]

[<Fact>]
let ``decimals, versions and addresses stay whole`` () =
    splitsInto [
        "It cost 1.2 billion dollars, or $5.00."
        "See www.example.com or v1.2.3 now."
        "Take .5 of it."
    ]

[<Fact>]
let ``an ellipsis ends a sentence only before a capital`` () =
    splitsInto [ "Well... maybe so."; "And then..."; "Nothing."; "Wait… what?"; "Yes…"; "No." ]

[<Fact>]
let ``closing quotes, brackets and references belong to the sentence before`` () =
    splitsInto [
        "He said \"Stop.\""
        "\"Why?\" she asked."
        "(It was late.)"
        "“Go!”"
        "Done.[1][23]"
        "‘End.’"
    ]

[<Fact>]
let ``a stop before a small letter ends nothing`` () =
    splitsInto [ "Yahoo! is a company."; "The co. was small." ]

[<Fact>]
let ``Chinese and Japanese stops need no blank`` () =
    Assert.Equal<string>([ "今天很好。"; "你好吗？"; "「好！」"; "走" ], Sentences.split "今天很好。你好吗？「好！」走")

[<Fact>]
let ``a line break within a paragraph is a blank, an empty line ends a sentence`` () =
    let text = "A title\r\n\r\nOne line\r\nand another.\n \nThe\tlast  one"
    Assert.Equal<string>([ "A title"; "One line and another."; "The last one" ], Sentences.split text)

[<Fact>]
let ``the items of a list are sentences with their markers`` () =
    let text = "We need:\n- milk\n- two eggs\n1. Boil them.\n2) Eat."
    Assert.Equal<string>([ "We need:"; "- milk"; "- two eggs"; "1. Boil them."; "2) Eat." ], Sentences.split text)

[<Fact>]
let ``nothing but stops is one sentence`` () =
    Assert.Equal<string>([ "?!..." ], Sentences.split " ?!... ")

[<Fact>]
let ``splitting loses nothing and repeats nothing`` () =
    let fragments = [
        "Mr."
        "U.S."
        "e.g."
        "The"
        "no"
        "5"
        "."
        "..."
        "?"
        "!"
        "。"
        "\""
        ")"
        "["
        "]"
        " "
        "\n"
        "\r\n"
        "-"
        "A"
        "é"
    ]

    let texts =
        Gen.oneof [
            Gen.elements fragments |> Gen.listOf |> Gen.map (String.concat "")
            Texts.any
        ]

    let holds text =
        let sentences = Sentences.split text

        notBlank (String.concat "" sentences) = notBlank text
        && sentences
           |> Array.forall (fun sentence -> sentence <> "" && sentence = Sentences.tidy sentence)

    Check.One(Config.QuickThrowOnFailure.WithMaxTest 2000, Prop.forAll (Arb.fromGen texts) holds)

[<Fact>]
let ``a megabyte takes no time to speak of`` () =
    for text in
        [
            String('a', 1_000_000)
            String('.', 1_000_000)
            String.replicate 100_000 "Dr. A. So "
            String.replicate 500_000 ". "
            "a" + String(' ', 1_000_000)
            String.replicate 300_000 ".[1"
        ] do
        let watch = Diagnostics.Stopwatch.StartNew()
        Assert.NotEmpty(Sentences.split text)
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds 10., $"{text[..10]}… took {watch.Elapsed}")
