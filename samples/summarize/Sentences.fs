/// Splits text into sentences: English rules for the full stop, and the stops of Chinese and Japanese.
module Summarize.Sentences

open System
open System.Collections.Generic

let private set (words: string) =
    HashSet(words.Split ' ', StringComparer.OrdinalIgnoreCase)

/// Abbreviations that stand before a name or a list: their full stop ends nothing.
let private titles =
    set "mr mrs ms mx dr prof messrs sen rep gov gen col sgt capt cmdr lt maj rev hon vs e.g i.e eg ie cf viz approx ca"

/// Abbreviations when a number follows, and words otherwise.
let private numbered =
    set "no nos fig figs eq eqs ch sec vol p pp art jan feb mar apr jun jul aug sep sept oct nov dec"

/// Abbreviations that stand inside a sentence as well as at its end.
let private ambiguous =
    set "inc ltd co corp llc jr sr st mt ave al ph.d dept est bros"

/// Words that seldom are names: after an ambiguous abbreviation they begin a sentence.
let private starters =
    set (
        "the a an it he she they we i you its his her their our my this that these those there then in on at by for "
        + "from to with after before since when while as if because although but and or so however meanwhile also many "
        + "some most all both each another one what who how why where"
    )

let private isStop letter = ".!?…‼⁇⁈⁉".Contains(letter: char)
let private isWideStop letter = "。！？｡".Contains(letter: char)

let private isCloser letter =
    "\"'”’»)]}」』）】》〉".Contains(letter: char)

let private isOpener letter =
    "\"'“‘«([{¿¡「『（【《〈".Contains(letter: char)

let private isLineBreak letter =
    letter = '\n' || letter = '\r' || letter = '\u2028'

/// The first place from `start` on where the condition fails.
let rec private skip condition (text: string) start =
    if start < text.Length && condition text[start] then
        skip condition text (start + 1)
    else
        start

/// Past a reference such as [12] that stands right after a stop.
let rec private skipReferences (text: string) start =
    let digits = skip Char.IsAsciiDigit text (start + 1)

    if
        start < text.Length
        && text[start] = '['
        && digits > start + 1
        && digits < text.Length
        && text[digits] = ']'
    then
        skipReferences text (digits + 1)
    else
        start

/// The word before a full stop: back to a blank, a bracket or a quote, and not further than any abbreviation is long.
let private wordBefore (text: string) start stop =
    let isPart letter =
        Char.IsLetterOrDigit letter || letter = '.' || letter = '&'

    let mutable first = stop

    while first > start && stop - first < 12 && isPart text[first - 1] do
        first <- first - 1

    text[first .. stop - 1]

/// True for U.S, e.g and p.m (without the last full stop): single letters with full stops between them.
let private isDotted (word: string) =
    word.Length > 2
    && word.Length % 2 = 1
    && word
       |> Seq.indexed
       |> Seq.forall (fun (place, letter) -> if place % 2 = 0 then Char.IsLetter letter else letter = '.')

/// True where the text goes on with a word that begins sentences, and not with an initial, as the A in "J. A. Smith".
let private startsSentence (text: string) start =
    let last = skip Char.IsLetter text start
    let isInitial = last = start + 1 && last < text.Length && text[last] = '.'
    not isInitial && last - start < 12 && starters.Contains text[start .. last - 1]

/// Whether the single full stop at `stop` ends the sentence from `start`, when more text follows at `next`.
let private endsAtFullStop (text: string) start stop next =
    let word = wordBefore text start stop
    let isInitial = word.Length = 1 && Char.IsUpper word[0] && word <> "I"

    let isListMarker =
        word.Length = stop - start
        && (word.Length = 1 || word.Length < 4 && Seq.forall Char.IsAsciiDigit word)

    if isListMarker || titles.Contains word then
        false
    elif numbered.Contains word then
        not (Char.IsDigit text[next])
    elif isInitial || isDotted word || ambiguous.Contains word then
        startsSentence text next
    else
        true

/// Whether the stops from `stop` to `after`, closing quotes and brackets included, end the sentence from `start`.
let private endsSentence (text: string) start stop after =
    let blank = skip Char.IsWhiteSpace text after
    let next = skip isOpener text blank

    if next = text.Length then
        true
    elif blank = after then
        false
    elif Char.IsLower text[next] then
        false
    elif text[stop] = '.' && not (isStop text[stop + 1]) then
        endsAtFullStop text start stop next
    else
        true

/// Whether the blanks from `start` to `after` part two paragraphs, or stand before an item of a list.
let private partsText (text: string) start after =
    let breaks =
        seq { start .. after - 1 }
        |> Seq.filter (fun place ->
            isLineBreak text[place]
            && not (text[place] = '\n' && place > start && text[place - 1] = '\r'))
        |> Seq.truncate 2
        |> Seq.length

    let startsItem () =
        let marker = skip Char.IsAsciiDigit text after

        let last =
            if marker > after && marker - after < 4 then
                skip (fun letter -> letter = '.' || letter = ')') text marker
            else
                skip (fun letter -> "-*•–".Contains(letter: char)) text after

        last > marker && last < text.Length && Char.IsWhiteSpace text[last]

    breaks > 1
    || text.AsSpan(start, after - start).Contains '\u2029'
    || breaks = 1 && startsItem ()

/// The text with every run of blanks and line breaks as one space, and none at its ends.
let tidy (text: string) =
    String.Join(' ', text.Split(Array.empty<char>, StringSplitOptions.RemoveEmptyEntries))

/// The sentences of a text in order, each tidy. Together they hold every character of the text that is not blank, once.
let split (text: string) = [|
    let mutable start = 0
    let mutable place = 0

    while place < text.Length do
        let letter = text[place]

        if Char.IsWhiteSpace letter then
            let after = skip Char.IsWhiteSpace text place

            if place > start && partsText text place after then
                tidy text[start .. place - 1]
                start <- after
            elif place = start then
                start <- after

            place <- after
        elif isStop letter || isWideStop letter then
            let stops = skip (fun letter -> isStop letter || isWideStop letter) text place
            let after = skip isCloser text stops |> skipReferences text

            if isWideStop text[stops - 1] || endsSentence text start place after then
                tidy text[start .. after - 1]
                start <- after

            place <- after
        else
            place <- place + 1

    if start < text.Length then
        tidy text[start..]
|]
