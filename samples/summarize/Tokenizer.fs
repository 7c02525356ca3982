namespace Summarize

open System
open System.Collections.Generic
open System.IO
open System.Text.Json

/// SentencePiece's unigram model: a text becomes the sequence of pieces whose scores add up highest.
/// Pieces come in order of their ids, with the logarithms of their probabilities.
type Tokenizer(pieces: (string * float) seq) =
    let reserved = 6
    let unknown = 0
    let unknownCost = 20.
    let maxLength = 128
    let blank = '▁'

    // The ids are in order of falling score. The published file lost the scores of some pieces with a colon: they are null
    // or no logarithms of probabilities. A lost score lies next to its neighbour's, so it is taken to be that one.
    let scores =
        pieces
        |> Seq.map snd
        |> Seq.scan (fun previous score -> if score <= previous then score else previous) 0.
        |> Seq.tail
        |> Array.ofSeq

    // A trie: the child of a node by the next letter, and the piece that ends in a node, or -1.
    let children = Dictionary<struct (int * char), int>()
    let pieceAt = ResizeArray [ -1 ]

    let child node letter =
        match children.TryGetValue(struct (node, letter)) with
        | true, next -> next
        | _ -> -1

    let insert id piece =
        let step node letter =
            match child node letter with
            | -1 ->
                children[struct (node, letter)] <- pieceAt.Count
                pieceAt.Add -1
                pieceAt.Count - 1
            | next -> next

        let last = Seq.fold step 0 piece

        if pieceAt[last] < 0 then
            pieceAt[last] <- id

    do
        pieces
        |> Seq.iteri (fun id (piece, _) ->
            if id >= reserved then
                insert id piece)

    /// Reads a vocabulary: a JSON array of [piece, score].
    static member Load(path: string) =
        let read (entry: JsonElement) =
            match List.ofSeq (entry.EnumerateArray()) with
            | [ piece; score ] when score.ValueKind = JsonValueKind.Null -> string (piece.GetString()), nan
            | [ piece; score ] -> string (piece.GetString()), score.GetDouble()
            | _ -> raise (JsonException $"{entry} is no pair.")

        try
            use vocabulary = JsonDocument.Parse(File.ReadAllBytes path |> ReadOnlyMemory)
            Tokenizer [ for entry in vocabulary.RootElement.EnumerateArray() -> read entry ]
        with
        | :? JsonException
        | :? InvalidOperationException as problem ->
            let message =
                $"{path} is not a vocabulary, a JSON array of [piece, score]: {problem.Message}"

            raise (InvalidDataException(message, problem))

    /// The ids of a text's pieces, at most 128. A run of characters that no piece holds is one 0.
    member _.Encode(text: string) =
        let symbols =
            match Normalization.nfkc text with
            | "" -> ""
            | normal -> $"{blank}{normal.Replace(' ', blank)}"

        // Viterbi, left to right: the best score up to each place, and the piece on the way there.
        let best = Array.create (symbols.Length + 1) -infinity
        let from = Array.zeroCreate<int>(symbols.Length + 1)
        let id = Array.zeroCreate<int>(symbols.Length + 1)
        best[0] <- 0.

        let offer start after piece score =
            if best[start] + score > best[after] then
                best[after] <- best[start] + score
                from[after] <- start
                id[after] <- piece

        for start in 0 .. symbols.Length - 1 do
            offer start (start + 1) unknown -unknownCost
            let mutable node = child 0 symbols[start]
            let mutable after = start + 1

            while node >= 0 do
                let piece = pieceAt[node]

                if piece >= 0 then
                    offer start after piece scores[piece]

                node <-
                    if after < symbols.Length then
                        child node symbols[after]
                    else
                        -1

                after <- after + 1

        let ids = Stack<int>()
        let mutable place = symbols.Length

        while place > 0 do
            let isRepeated = ids.Count > 0 && ids.Peek() = unknown && id[place] = unknown

            if not isRepeated then
                ids.Push id[place]

            place <- from[place]

        ids |> Seq.truncate maxLength |> Array.ofSeq
