module Summarize.Tests.TokenizerTests

open System
open System.IO
open FsCheck
open FsCheck.FSharp
open Xunit
open Summarize
open Summarize.Tests.Model

let private encode text = tokenizer.Value.Encode text

/// A vocabulary with the pieces given after six reserved ones.
let private ofPieces pieces =
    Tokenizer(List.init 6 (fun index -> $"reserved{index}", 0.) @ pieces)

[<Fact>]
let ``every text of the fixture has the ids of the reference`` () =
    Assert.NotEmpty fixture.Cases

    for case in fixture.Cases do
        Assert.Equal<int>(case.Ids, encode case.Text)

[<Fact>]
let ``no text, no ids`` () = Assert.Empty(encode "")

[<Fact>]
let ``a run of unknown characters is one 0`` () =
    Assert.Equal<int>([ 30; 0 ], encode "量子力学")
    Assert.Equal<int>([ 30; 0; 2303 ], encode "😀🎉 ok")

[<Fact>]
let ``halves of surrogate pairs are unknown characters`` () =
    Assert.Equal<int>(encode "a子b", encode "a\ud800b")
    Assert.Equal<int>([ 30; 0 ], encode "\udc00\ud800")

[<Fact>]
let ``a line break is an unknown character`` () =
    Assert.Equal<int>(encode "a子b", encode "a\r\nb")

[<Fact>]
let ``texts that look alike have the same ids`` () =
    Assert.Equal<int>(encode "Naïve café", encode "Nai\u0308ve cafe\u0301")
    Assert.Equal<int>(encode "fine 12", encode "ﬁne\u00a0①②")

[<Fact>]
let ``ids end at 128`` () =
    Assert.Equal(128, (encode (String.replicate 200 "word ")).Length)

[<Fact>]
let ``the path with the best total wins, not the longest piece`` () =
    let tokenizer = ofPieces [ "▁a", -1.; "bc", -1.5; "▁ab", -2.; "c", -3. ]
    Assert.Equal<int>([ 6; 7 ], tokenizer.Encode "abc")

[<Fact>]
let ``an unknown character costs more than any piece`` () =
    let tokenizer = ofPieces [ "▁", -1.; "a", -19.; "b", -19.5; "ab", -30. ]
    Assert.Equal<int>([ 6; 9 ], tokenizer.Encode "ab")
    Assert.Equal<int>([ 6; 0; 8 ], tokenizer.Encode "xb")

[<Fact>]
let ``reserved pieces are never read from a text`` () =
    let tokenizer = ofPieces [ "▁", -1. ]
    Assert.Equal<int>([ 6; 0 ], tokenizer.Encode "reserved1")

[<Fact>]
let ``a score that was lost is that of the piece before`` () =
    let repaired = ofPieces [ "▁", -1.; ":", nan; "3", -4.; "0", -4.; ":30", 30. ]
    let complete = ofPieces [ "▁", -1.; ":", -1.; "3", -4.; "0", -4.; ":30", -4. ]

    for text in [ ":30"; "::3"; "3:0" ] do
        Assert.Equal<int>(complete.Encode text, repaired.Encode text)

    // "▁", "12", ":30"
    Assert.Equal<int>([ 575; 4177 ], encode "12:30")

[<Fact>]
let ``any text has ids of the vocabulary, and no two 0 in a row`` () =
    let holds text =
        let ids = encode text

        ids.Length <= 128
        && ids |> Array.forall (fun id -> id = 0 || id > 5 && id < 8000)
        && ids |> Seq.pairwise |> Seq.forall ((<>) (0, 0))

    Check.One(Config.QuickThrowOnFailure.WithMaxTest 1000, Prop.forAll (Arb.fromGen Texts.any) holds)

[<Fact>]
let ``known pieces spell their text`` () =
    let letters = Gen.elements [ 'a' .. 'z' ] |> Gen.nonEmptyListOf
    let text = Gen.resize 30 letters |> Gen.map (List.map string >> String.concat "")

    let tokenizer =
        ofPieces (("▁", -5.) :: [ for letter in 'a' .. 'z' -> string letter, -5. ])

    let holds (text: string) =
        List.ofArray (tokenizer.Encode text) = 6 :: [ for letter in text -> 7 + int letter - int 'a' ]

    Check.One(Config.QuickThrowOnFailure, Prop.forAll (Arb.fromGen text) holds)

[<Fact>]
let ``a megabyte without a space takes no time to speak of`` () =
    for text in
        [
            String('a', 1_000_000)
            String('子', 1_000_000)
            String.replicate 100_000 "international"
            "e" + String.replicate 500_000 "\u0301\u0323"
        ] do
        let watch = Diagnostics.Stopwatch.StartNew()
        Assert.InRange((encode text).Length, 1, 128)
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds 10., $"{text[..10]}… took {watch.Elapsed}")

[<Theory>]
[<InlineData "{}">]
[<InlineData "[1, 2]">]
[<InlineData "[[\"a\"">]
[<InlineData "[[\"a\", \"b\"]]">]
[<InlineData "[[\"a\"]]">]
let ``a file that is no vocabulary is refused by name`` (content: string) =
    let path = Path.GetTempFileName()

    try
        File.WriteAllText(path, content)

        let problem =
            Assert.Throws<InvalidDataException>(fun () -> Tokenizer.Load path |> ignore)

        Assert.Contains(path, problem.Message)
    finally
        File.Delete path
