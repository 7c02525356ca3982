namespace Bento

open System
open System.Globalization
open System.Text

/// What a family of figures is, in the words of Prometheus.
[<RequireQualifiedAccess>]
type internal FamilyKind =
    | Counter
    | Gauge
    | Histogram

/// One figure of a family.
type internal Sample = {
    /// What follows the family's name, such as "_bucket"; usually nothing.
    Suffix: string
    Labels: (string * string) list
    Value: float
}

/// Figures under one name, which differ in their labels.
type internal Family = {
    Name: string
    Help: string
    Kind: FamilyKind
    Samples: Sample list
}

/// Figures as Prometheus reads them: its text format, version 0.0.4.
[<RequireQualifiedAccess>]
module internal Exposition =

    [<Literal>]
    let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    let sample labels value = {
        Suffix = ""
        Labels = labels
        Value = value
    }

    /// A family of a single figure that has no labels.
    let single kind name help value = {
        Name = name
        Help = help
        Kind = kind
        Samples = [ sample [] value ]
    }

    let number (value: float) =
        if Double.IsPositiveInfinity value then "+Inf"
        elif Double.IsNegativeInfinity value then "-Inf"
        else value.ToString("R", CultureInfo.InvariantCulture)

    let private escapedHelp (text: string) =
        text.Replace(@"\", @"\\").Replace("\n", @"\n")

    let private escapedLabel (text: string) =
        (escapedHelp text).Replace("\"", "\\\"")

    let private writeLabels (text: StringBuilder) labels =
        match labels with
        | [] -> ()
        | labels ->
            let pairs =
                labels |> List.map (fun (name, value) -> $"{name}=\"{escapedLabel value}\"")

            text.Append('{').AppendJoin(',', pairs).Append('}') |> ignore

    let private writeFamily (text: StringBuilder) family =
        let kind = (string family.Kind).ToLowerInvariant()
        text.Append($"# HELP {family.Name} {escapedHelp family.Help}\n") |> ignore
        text.Append($"# TYPE {family.Name} {kind}\n") |> ignore

        for sample in family.Samples do
            text.Append(family.Name).Append(sample.Suffix) |> ignore
            writeLabels text sample.Labels
            text.Append(' ').Append(number sample.Value).Append('\n') |> ignore

    /// The families, one after the other.
    let text (families: Family list) =
        let text = StringBuilder()
        families |> List.iter (writeFamily text)
        text.ToString()
