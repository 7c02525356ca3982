/// A text as the model sees it: how often each of 5,000 buckets of byte pairs occurs in it.
module Classify.Buckets

open System.Text

/// How many buckets there are.
let count = 5_000

// Only so many pairs count; the model was trained on the beginnings of files.
let private mostPairs = 10_000

let private k0 = 0xc3a5c85c97cb3127UL
let private k2 = 0x9ae16a3b2f90404fUL

/// FarmHash's Fingerprint64 of the three bytes "a b", as TensorFlow hashed the words of two bytes.
let private fingerprint (first: byte) (second: byte) =
    let y = uint64 first + (uint64 ' 'B <<< 8)
    let z = 3UL + (uint64 second <<< 2)
    let mixed = (y * k2) ^^^ (z * k0)
    (mixed ^^^ (mixed >>> 47)) * k2

let private bucket first second =
    int (fingerprint first second % uint64 count)

/// How many bytes of a text can count at all.
let mostBytes = mostPairs + 1

/// The counts of a text, written over what `counts` held.
let countInto (counts: System.Span<float32>) (text: string) =
    let bytes = Encoding.UTF8.GetBytes text
    counts.Clear()

    for place in 0 .. min mostPairs (bytes.Length - 1) - 1 do
        let bucket = bucket bytes[place] bytes[place + 1]
        counts[bucket] <- counts[bucket] + 1f
