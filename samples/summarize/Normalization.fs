/// Unicode's normalization form KC. .NET's own needs ICU, which a process with invariant globalization goes without:
/// there `Normalize` hands a text back as it is.
module Summarize.Normalization

open System
open System.Collections.Generic
open System.IO
open System.Text

type private Tables = {
    Decompositions: Dictionary<int, int[]>
    Compositions: Dictionary<struct (int * int), int>
    Classes: Dictionary<int, int>
}

let private number (digits: string) = Convert.ToInt32(digits, 16)

let private range (digits: string) =
    match digits.Split '-' with
    | [| first; last |] -> number first, number last
    | _ -> number digits, number digits

/// nfkc.txt, whose head says how it is written.
let private tables =
    lazy
        (let tables = {
            Decompositions = Dictionary()
            Compositions = Dictionary()
            Classes = Dictionary()
         }

         let name = "Summarize.nfkc.txt"

         use resource =
             match typeof<Tables>.Assembly.GetManifestResourceStream name with
             | null -> raise (FileNotFoundException $"The assembly lacks its resource {name}.")
             | resource -> new StreamReader(resource)

         for line in resource.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries) do
             match line.Split ' ' |> List.ofArray with
             | [ "="; composite; first; second ] ->
                 tables.Decompositions[number composite] <- [| number first; number second |]
                 tables.Compositions[struct (number first, number second)] <- number composite
             | ">" :: source :: result ->
                 let first, last = range source
                 let result = result |> List.map number |> Array.ofList

                 for point in first..last do
                     tables.Decompositions[point] <- result |> Array.map ((+) (point - first))
             | [ "^"; source; combiningClass ] ->
                 let first, last = range source

                 for point in first..last do
                     tables.Classes[point] <- int combiningClass
             | _ -> ()

         tables)

let private classOf tables point =
    match tables.Classes.TryGetValue point with
    | true, combiningClass -> combiningClass
    | _ -> 0

// Hangul syllables are arithmetic: 19 leading consonants, 21 vowels, and 27 trailing consonants or none.
let private syllables, private leading, private vowels, private trailing =
    0xAC00, 0x1100, 0x1161, 0x11A7

let private isSyllable point =
    point >= syllables && point < syllables + 19 * 21 * 28

let rec private decompose tables (points: ResizeArray<int>) point =
    match tables.Decompositions.TryGetValue point with
    | true, parts -> parts |> Array.iter (decompose tables points)
    | _ when isSyllable point ->
        let index = point - syllables
        points.Add(leading + index / (21 * 28))
        points.Add(vowels + index / 28 % 21)

        if index % 28 > 0 then
            points.Add(trailing + index % 28)
    | _ -> points.Add point

/// Puts each run of combining marks in the order of their classes; marks of one class keep theirs.
let private reorder tables (points: ResizeArray<int>) =
    let mutable start = 0

    while start < points.Count do
        let mutable after = start

        while after < points.Count && classOf tables points[after] > 0 do
            after <- after + 1

        if after - start > 1 then
            points.GetRange(start, after - start)
            |> Seq.sortBy (classOf tables)
            |> Seq.iteri (fun index point -> points[start + index] <- point)

        start <- after + 1

let private composite tables first second =
    match tables.Compositions.TryGetValue(struct (first, second)) with
    | true, point -> ValueSome point
    | _ when
        first >= leading
        && first < leading + 19
        && second >= vowels
        && second < vowels + 21
        ->
        ValueSome(syllables + ((first - leading) * 21 + second - vowels) * 28)
    | _ when
        isSyllable first
        && (first - syllables) % 28 = 0
        && second > trailing
        && second < trailing + 28
        ->
        ValueSome(first + second - trailing)
    | _ -> ValueNone

/// Joins marks to the starter before them, unless a mark of the same or a higher class stands between.
let private compose tables (points: ResizeArray<int>) =
    let joined = ResizeArray<int> points.Count
    let mutable starter = -1
    let mutable between = -1

    for point in points do
        let combiningClass = classOf tables point

        let whole =
            if starter >= 0 && between < combiningClass then
                composite tables joined[starter] point
            else
                ValueNone

        match whole with
        | ValueSome whole -> joined[starter] <- whole
        | ValueNone ->
            if combiningClass = 0 then
                starter <- joined.Count
                between <- -1
            else
                between <- combiningClass

            joined.Add point

    joined

/// The text in form KC. Halves of surrogate pairs become U+FFFD.
let nfkc (text: string) =
    if Ascii.IsValid text then
        text
    else
        let tables = tables.Value
        let points = ResizeArray<int> text.Length

        for rune in text.EnumerateRunes() do
            decompose tables points rune.Value

        reorder tables points
        let result = StringBuilder text.Length

        for point in compose tables points do
            result.Append(Rune point) |> ignore

        result.ToString()
