module Generate.Tests.TokenizerTests

open System.Text
open FsCheck
open FsCheck.FSharp
open Xunit
open Generate
open Generate.Tests.Model

[<Fact>]
let ``a text comes back from its tokens unchanged`` () =
    Check.QuickThrowOnFailure(fun (letters: char list) ->
        // Half of a surrogate pair is no text, and has no bytes of its own.
        let text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Array.ofList letters))
        textOf (tokenizer.Value.Encode text) = text)

[<Theory>]
[<InlineData("My fellow Americans, tonight", 9)>]
[<InlineData("", 0)>]
[<InlineData(" the", 1)>]
let ``what the vocabulary knows takes few tokens`` (text: string, count: int) =
    let ids = tokenizer.Value.Encode text
    Assert.True(ids.Length <= count, $"{ids.Length} tokens")
    Assert.Equal(text, textOf ids)

[<Fact>]
let ``no text becomes the token between two texts`` () =
    let ids = tokenizer.Value.Encode "one<|endoftext|>two"
    Assert.DoesNotContain(tokenizer.Value.EndOfText, ids)
    Assert.Equal("one<|endoftext|>two", textOf ids)

[<Fact>]
let ``a letter of several tokens is given when it is whole`` () =
    let ids = tokenizer.Value.Encode "日"
    Assert.True(ids.Length > 1)
    let decoder = TextDecoder tokenizer.Value
    let pieces = ids |> Array.map decoder.Add
    Assert.All(Array.truncate (ids.Length - 1) pieces, fun piece -> Assert.Equal("", piece))
    Assert.Equal("日", Array.last pieces)
    Assert.Equal("", decoder.End())

[<Fact>]
let ``a letter that never becomes whole is a replacement character`` () =
    let decoder = TextDecoder tokenizer.Value
    let first = Array.head (tokenizer.Value.Encode "日")
    Assert.Equal("", decoder.Add first)
    Assert.Equal("\uFFFD", decoder.End())
