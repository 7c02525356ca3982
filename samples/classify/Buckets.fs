/// A text as the model sees it: how often each of 5,000 buckets of byte pairs occurs in it.
module Classify.Buckets

open System
open System.Buffers
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
let countInto (counts: Span<float32>) (text: string) =
    counts.Clear()

    // Each character is a byte at least, and half of a pair at the end is behind all that counts.
    let characters = text.AsSpan(0, min text.Length (mostBytes + 1))

    let bytes =
        ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount characters.Length)

    try
        let length = Encoding.UTF8.GetBytes(characters, Span bytes)

        for place in 0 .. min mostPairs (length - 1) - 1 do
            let bucket = bucket bytes[place] bytes[place + 1]
            counts[bucket] <- counts[bucket] + 1f
    finally
        ArrayPool<byte>.Shared.Return bytes
