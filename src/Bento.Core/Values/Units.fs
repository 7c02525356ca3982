namespace Bento

open System
open System.Globalization

/// Numbers with a unit behind them, as Kubernetes writes them.
module internal Quantity =

    /// The number and the factor of its suffix; the longest suffix wins, and none is a factor of one.
    let private split (suffixes: (string * decimal) list) (text: string) =
        suffixes
        |> List.filter (fun (suffix, _) -> text.EndsWith(suffix, StringComparison.Ordinal))
        |> List.sortByDescending (fun (suffix, _) -> suffix.Length)
        |> List.tryHead
        |> Option.map (fun (suffix, factor) -> text.Substring(0, text.Length - suffix.Length), factor)
        |> Option.defaultValue (text, 1m)

    /// A whole number of the smallest unit, above zero and within an int64.
    let parse suffixes (text: string) =
        let digits, factor =
            if String.IsNullOrEmpty text then
                "", 1m
            else
                split suffixes text

        match Decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) with
        | true, number when number > 0m && number <= decimal Int64.MaxValue / factor ->
            let amount = number * factor

            if amount = Decimal.Truncate amount then
                Some(int64 amount)
            else
                None
        | _ -> None

/// Processor cores, counted in thousandths.
[<Struct>]
type Cores =
    | Millicores of int64

    override this.ToString() =
        let (Millicores thousandths) = this

        if thousandths % 1000L = 0L then
            string (thousandths / 1000L)
        else
            $"{thousandths}m"

[<RequireQualifiedAccess>]
module Cores =

    let private wanted =
        "cores above zero in steps of a thousandth, such as 2, 0.5 or \"500m\""

    /// Reads cores such as "2", "0.5" or "200m". The error says what would have been accepted.
    let parse (text: string) : Result<Cores, string> =
        match Quantity.parse [ "", 1000m; "m", 1m ] text with
        | Some thousandths -> Ok(Millicores thousandths)
        | None -> Error wanted

/// An amount of memory, in bytes.
[<Struct>]
type Memory =
    | Bytes of int64

    override this.ToString() =
        let (Bytes bytes) = this

        [ "GiB", 1L <<< 30; "MiB", 1L <<< 20; "KiB", 1L <<< 10 ]
        |> List.tryFind (fun (_, size) -> bytes >= size && bytes % size = 0L)
        |> Option.map (fun (unit, size) -> $"{bytes / size}{unit}")
        |> Option.defaultValue $"{bytes}"

[<RequireQualifiedAccess>]
module Memory =

    let private suffixes =
        let binary =
            [ "K"; "M"; "G"; "T" ]
            |> List.mapi (fun power letter -> letter, 1L <<< (10 * (power + 1)))

        let decimal =
            [ "k"; "M"; "G"; "T" ]
            |> List.mapi (fun power letter -> letter, pown 1000L (power + 1))

        [
            for letter, factor in binary do
                letter + "i", Decimal factor
                letter + "iB", Decimal factor

            for letter, factor in decimal do
                letter, Decimal factor
                letter.ToUpperInvariant() + "B", Decimal factor
        ]

    /// Reads an amount such as "500MiB", "512Mi", "4G" or "1048576". The error says what would have been accepted.
    let parse (text: string) : Result<Memory, string> =
        match Quantity.parse suffixes text with
        | Some bytes -> Ok(Bytes bytes)
        | None -> Error "whole bytes above zero with no unit, or with one such as MiB, Mi, GiB, Gi, MB or M: \"500MiB\""

/// Spans of time that read well inside the blocks of a service.
[<AutoOpen>]
module Spans =

    /// That many milliseconds.
    let milliseconds (amount: int) = TimeSpan.FromMilliseconds(float amount)

    /// That many seconds.
    let seconds (amount: int) = TimeSpan.FromSeconds(float amount)

    /// That many minutes.
    let minutes (amount: int) = TimeSpan.FromMinutes(float amount)
