module Summarize.Tests.NormalizationTests

open FsCheck
open FsCheck.FSharp
open Xunit
open Summarize

let private becomes (wanted: string) (text: string) =
    Assert.Equal(wanted, Normalization.nfkc text)

[<Fact>]
let ``this process normalizes nothing by itself`` () =
    Assert.Equal("ﬁ", "ﬁ".Normalize System.Text.NormalizationForm.FormKC)

[<Fact>]
let ``compatibility characters become plain ones`` () =
    "ﬁne ①② ½ ™ … ｆｕｌｌ 𝐁𝐨𝐥𝐝 ㎏" |> becomes "fine 12 1⁄2 TM ... full Bold kg"
    "a\u00a0b\u2003c" |> becomes "a b c"

[<Fact>]
let ``marks join the letters before them`` () =
    "cafe\u0301" |> becomes "café"
    "A\u030a \u212b" |> becomes "Å Å"
    "\u1e9b\u0323" |> becomes "\u1e69"

[<Fact>]
let ``marks are put in order, and one of a class keeps others of it from joining`` () =
    "e\u0301\u0323" |> becomes "\u1eb9\u0301"
    "e\u0323\u0301" |> becomes "\u1eb9\u0301"
    "a\u0305\u0301" |> becomes "a\u0305\u0301"
    "a\u034f\u0301" |> becomes "a\u034f\u0301"

[<Fact>]
let ``Hangul comes apart and together by arithmetic`` () =
    "\u1112\u1161\u11ab\u1100\u1173\u11af" |> becomes "한글"
    "한글" |> becomes "한글"
    "ﾡ" |> becomes "\u1100"

[<Fact>]
let ``composites that Unicode excludes stay apart`` () =
    "\u0958" |> becomes "\u0915\u093c"
    "\u0344" |> becomes "\u0308\u0301"

[<Fact>]
let ``halves of surrogate pairs become the replacement character`` () =
    "a\ud800b\udc00" |> becomes "a\ufffdb\ufffd"
    "😀" |> becomes "😀"

[<Fact>]
let ``normalizing twice is normalizing once`` () =
    let holds text =
        Normalization.nfkc (Normalization.nfkc text) = Normalization.nfkc text

    Check.One(Config.QuickThrowOnFailure.WithMaxTest 1000, Prop.forAll (Arb.fromGen Texts.any) holds)

[<Fact>]
let ``ASCII stays as it is`` () =
    Check.QuickThrowOnFailure(fun (bytes: byte[]) ->
        let text = System.String(bytes |> Array.map (fun value -> char (value &&& 127uy)))
        Normalization.nfkc text = text)
