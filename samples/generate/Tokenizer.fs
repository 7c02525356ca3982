namespace Generate

open System
open System.Collections.Generic
open System.IO
open System.Text
open System.Text.Json
open System.Text.RegularExpressions

/// Byte-level BPE, as GPT-2 has it: every text becomes tokens and comes back from them unchanged.
[<Sealed>]
type Tokenizer private (ids: Dictionary<string, int>, ranks: Dictionary<struct (string * string), int>) =

    // The vocabulary is written in letters that can be seen: a byte that is no such letter has one from 256 on.
    static let letters =
        let seen byte =
            byte >= int '!' && byte <= int '~'
            || byte >= int '¡' && byte <= int '¬'
            || byte >= int '®' && byte <= 255

        let mutable next = 255

        Array.init 256 (fun byte ->
            if seen byte then
                char byte
            else
                next <- next + 1
                char next)

    static let bytes =
        Dictionary(
            letters
            |> Seq.indexed
            |> Seq.map (fun (byte, letter) -> KeyValuePair(letter, Operators.byte byte))
        )

    // Words with the blank before them, numbers, runs of other signs, and blanks: merges never cross these.
    static let words =
        Regex(
            @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
            RegexOptions.Compiled ||| RegexOptions.CultureInvariant
        )

    static let endOfText = "<|endoftext|>"

    let tokens =
        let tokens = Array.create ids.Count ""

        for entry in ids do
            tokens[entry.Value] <- entry.Key

        tokens

    let longest =
        tokens
        |> Seq.filter (fun token -> token <> endOfText)
        |> Seq.map _.Length
        |> Seq.max

    let rank (pieces: List<string>) place =
        match ranks.TryGetValue(struct (pieces[place], pieces[place + 1])) with
        | true, rank -> rank
        | _ -> Int32.MaxValue

    /// Joins the pair that was learnt first, as long as there is one.
    let rec merge (pieces: List<string>) =
        let places = seq { 0 .. pieces.Count - 2 }

        if pieces.Count > 1 then
            let best = places |> Seq.minBy (rank pieces)

            if rank pieces best < Int32.MaxValue then
                pieces[best] <- pieces[best] + pieces[best + 1]
                pieces.RemoveAt(best + 1)
                merge pieces

    let idsOf (word: string) =
        let pieces =
            Encoding.UTF8.GetBytes word
            |> Seq.map (fun byte -> string letters[int byte])
            |> List<string>

        merge pieces
        pieces |> Seq.map (fun piece -> ids[piece])

    /// Reads vocab.json, an object of token and id, and merges.txt, a pair of tokens a line, the first learnt first.
    static member Load(folder: string) =
        let vocabulary = Path.Combine(folder, "vocab.json")

        let ids =
            match JsonSerializer.Deserialize<Dictionary<string, int>>(File.ReadAllText vocabulary) with
            | null -> raise (InvalidDataException $"{vocabulary} is empty; wanted an object of token and id.")
            | ids -> ids

        let ranks = Dictionary()

        File.ReadLines(Path.Combine(folder, "merges.txt"))
        |> Seq.filter (fun line -> line <> "" && not (line.StartsWith "#version"))
        |> Seq.iteri (fun rank line ->
            let blank = line.IndexOf ' '
            ranks.Add(struct (line.Substring(0, blank), line.Substring(blank + 1)), rank))

        Tokenizer(ids, ranks)

    /// The token between two texts. No text that is encoded becomes it.
    member _.EndOfText = ids[endOfText]

    /// How many bytes of text one token holds at most.
    member _.LongestToken = longest

    member _.Encode(text: string) = [|
        for word in words.Matches text do
            yield! idsOf word.Value
    |]

    /// The bytes of a token: whole letters or parts of them.
    member _.Bytes(id: int) : byte[] =
        if id = ids[endOfText] then
            [||]
        else
            tokens[id] |> Seq.map (fun letter -> bytes[letter]) |> Array.ofSeq

/// Text out of tokens as they come: a letter is given when its last byte is there.
[<Sealed>]
type TextDecoder(tokenizer: Tokenizer) =
    let decoder = Encoding.UTF8.GetDecoder()

    let take (bytes: byte[]) flush =
        let letters =
            Array.zeroCreate<char>(decoder.GetCharCount(bytes, 0, bytes.Length, flush))

        let length = decoder.GetChars(bytes, 0, bytes.Length, letters, 0, flush)
        String(letters, 0, length)

    /// What the token adds to the text; nothing while a letter is incomplete.
    member _.Add(id: int) = take (tokenizer.Bytes id) false

    /// What is left at the end: a replacement character for a letter that never became whole, else nothing.
    member _.End() = take [||] true
