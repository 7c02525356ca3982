/// Quantities: what is read, what is refused, and that printing and reading agree.
module Bento.Tests.UnitsTests

open System
open Xunit
open FsCheck.FSharp
open Bento

let coresRead: TheoryData<string, int64> =
    TheoryData<string, int64>(
        [
            struct ("200m", 200L)
            struct ("1m", 1L)
            struct ("1500m", 1500L)
            struct ("2", 2000L)
            struct ("0.5", 500L)
            struct (".5", 500L)
            struct ("0.001", 1L)
            struct ("2.0", 2000L)
            struct ("9223372036854775807m", Int64.MaxValue)
        ]
    )

[<Theory; MemberData(nameof coresRead)>]
let ``cores are read in thousandths`` (text: string, thousandths: int64) =
    Assert.Equal(Ok(Millicores thousandths), Cores.parse text)

[<Theory>]
[<InlineData "">]
[<InlineData " ">]
[<InlineData " 1">]
[<InlineData "1 ">]
[<InlineData "-1">]
[<InlineData "+1">]
[<InlineData "0">]
[<InlineData "0m">]
[<InlineData "1e3">]
[<InlineData "0.0001">]
[<InlineData "0.5m">]
[<InlineData "1,000">]
[<InlineData "1M">]
[<InlineData "m">]
[<InlineData ".">]
[<InlineData "NaN">]
[<InlineData "Infinity">]
[<InlineData "9223372036854775807">]
[<InlineData "99999999999999999999999999999999">]
[<InlineData(null: string | null)>]
let ``cores that are no amount are refused`` (text: string) =
    Assert.True(Result.isError (Cores.parse text))

let memoryRead: TheoryData<string, int64> =
    TheoryData<string, int64>(
        [
            struct ("1", 1L)
            struct ("1048576", 1L <<< 20)
            struct ("1k", 1_000L)
            struct ("1KB", 1_000L)
            struct ("1Ki", 1L <<< 10)
            struct ("1KiB", 1L <<< 10)
            struct ("1M", 1_000_000L)
            struct ("1MB", 1_000_000L)
            struct ("512Mi", 512L <<< 20)
            struct ("500MiB", 500L <<< 20)
            struct ("1G", 1_000_000_000L)
            struct ("4Gi", 4L <<< 30)
            struct ("1.5Gi", 3L <<< 29)
            struct ("0.5KiB", 512L)
            struct ("2T", 2_000_000_000_000L)
            struct ("2TiB", 2L <<< 40)
            struct ("9223372036854775807", Int64.MaxValue)
        ]
    )

[<Theory; MemberData(nameof memoryRead)>]
let ``memory is read in bytes`` (text: string, bytes: int64) =
    Assert.Equal(Ok(Bytes bytes), Memory.parse text)

[<Theory>]
[<InlineData "">]
[<InlineData " 1">]
[<InlineData "1 GiB">]
[<InlineData "500MB1">]
[<InlineData "GiB">]
[<InlineData "-1">]
[<InlineData "0">]
[<InlineData "0Gi">]
[<InlineData "1e3">]
[<InlineData "0.5">]
[<InlineData "0.1Ki">]
[<InlineData "1gi">]
[<InlineData "1K">]
[<InlineData "1B">]
[<InlineData "200m">]
[<InlineData "NaN">]
[<InlineData "9223372036854775808">]
[<InlineData "9223372036854775807Gi">]
[<InlineData(null: string | null)>]
let ``memory that is no amount is refused`` (text: string) =
    Assert.True(Result.isError (Memory.parse text))

[<Fact>]
let ``a refusal says what is wanted`` () =
    Assert.Equal(Error "cores above zero in steps of a thousandth, such as 2, 0.5 or \"500m\"", Cores.parse "many")

    Assert.Equal(
        Error "whole bytes above zero with no unit, or with one such as MiB, Mi, GiB, Gi, MB or M: \"500MiB\"",
        Memory.parse "much"
    )

[<Theory>]
[<InlineData(2000L, "2")>]
[<InlineData(500L, "500m")>]
[<InlineData(1500L, "1500m")>]
let ``cores are printed as Kubernetes writes them`` (thousandths: int64, text: string) =
    Assert.Equal(text, string (Millicores thousandths))

[<Theory>]
[<InlineData(1L, "1")>]
[<InlineData(1024L, "1KiB")>]
[<InlineData(1025L, "1025")>]
[<InlineData(524288000L, "500MiB")>]
[<InlineData(1610612736L, "1536MiB")>]
[<InlineData(4294967296L, "4GiB")>]
let ``memory is printed in the largest whole unit`` (bytes: int64, text: string) =
    Assert.Equal(text, string (Bytes bytes))

/// Amounts of all sizes, round ones among them.
let private amounts =
    Gen.oneof [
        Gen.choose64 (1L, 10_000L)
        Gen.choose64 (1L, Int64.MaxValue)
        Gen.map2
            (fun (mantissa: int64) exponent -> mantissa <<< exponent)
            (Gen.choose64 (1L, 1_000L))
            (Gen.choose (0, 50))
    ]
    |> Arb.fromGen

[<Fact>]
let ``printed cores are read as the same amount`` () =
    Laws.holdsFor amounts (fun amount ->
        let cores = Millicores amount
        Cores.parse (string cores) = Ok cores)

[<Fact>]
let ``printed memory is read as the same amount`` () =
    Laws.holdsFor amounts (fun amount ->
        let memory = Bytes amount
        Memory.parse (string memory) = Ok memory)

[<Fact>]
let ``a larger unit is more bytes`` () =
    let units = [ ""; "k"; "Ki"; "M"; "Mi"; "G"; "Gi"; "T"; "Ti" ]

    Laws.holdsFor (Arb.fromGen (Gen.choose (1, 100_000))) (fun number ->
        units
        |> List.map (fun unit -> Memory.parse $"{number}{unit}")
        |> List.pairwise
        |> List.forall (fun (smaller, larger) ->
            match smaller, larger with
            | Ok(Bytes smaller), Ok(Bytes larger) -> smaller < larger
            | _ -> false))

[<Fact>]
let ``spans read as they are written`` () =
    Assert.Equal(TimeSpan(0, 0, 0, 0, 1500), milliseconds 1500)
    Assert.Equal(TimeSpan(0, 0, 90), seconds 90)
    Assert.Equal(TimeSpan(2, 0, 0), minutes 120)
