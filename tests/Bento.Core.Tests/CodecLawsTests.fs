/// Laws over every type that travels and values nobody thought of.
module Bento.Tests.CodecLawsTests

open System
open System.Reflection
open System.Text
open FsCheck
open Xunit
open Bento
open Bento.Tests.Universe

let private codecOf rules (kind: Type) =
    match Codecs.ofType rules "it" kind with
    | Ok codec -> codec
    | Error faults -> failwith $"%A{faults}"

let private shown (bytes: byte[]) = Encoding.UTF8.GetString bytes

/// The laws at one type, which is known only when they are checked.
[<AbstractClass; Sealed>]
type Laws =

    static member ComesBack<'T>(rules: WireRules) =
        let codec = codecOf rules typeof<'T> :?> Codec<'T>

        let law (value: 'T) =
            let json = codec.Encode value

            match codec.Decode(ReadOnlyMemory json) with
            | Ok read ->
                Assert.True(same (box value) (box read), $"{typeof<'T>}: {shown json} came back as %A{read}")
                codec.Encode read = json
            | Error faults -> failwith $"{typeof<'T>}: {shown json} was refused: %A{faults}"

        Check.One(config, law)

    /// Every byte string is a value or has faults.
    static member NeverRaises<'T>(rules: WireRules) =
        let codec = codecOf rules typeof<'T> :?> Codec<'T>

        let law (value: 'T) (at: int) (changed: byte) (junk: byte[]) =
            let json = codec.Encode value
            let at = abs (at % json.Length)
            let flipped = Array.copy json
            flipped[at] <- changed

            [
                junk
                flipped
                json[..at]
                Array.append json junk
                Array.concat [ json[..at]; junk; json[at..] ]
            ]
            |> List.forall (fun body ->
                match codec.Decode(ReadOnlyMemory body) with
                | Ok _ -> true
                | Error faults -> not faults.IsEmpty)

        Check.One(config, law)

let private check name rules (kinds: Type list) =
    let law =
        nonNull (typeof<Laws>.GetMethod(name, BindingFlags.Static ||| BindingFlags.Public))

    for kind in kinds do
        try
            law.MakeGenericMethod(kind).Invoke(null, [| rules |]) |> ignore
        with :? TargetInvocationException as problem ->
            failwith $"{kind}: {problem.InnerException}"

let private snake = {
    WireRules.defaults with
        Naming = Snake
        Strict = true
}

[<Fact>]
let ``what is written is read as it was, of every type`` () =
    check "ComesBack" WireRules.defaults (sample 60)

[<Fact>]
let ``what is written in snake case by a strict service is read as it was`` () = check "ComesBack" snake (sample 20)

[<Fact>]
let ``no bytes at all make a decoder raise`` () =
    check "NeverRaises" WireRules.defaults (sample 30)
    check "NeverRaises" snake (sample 10)
