namespace Bento

open System
open System.Collections.Generic
open System.Threading

module internal Labels =

    /// Labels as instruments take them.
    let tags (labels: (string * string) list) =
        labels
        |> List.map (fun (name, value) -> KeyValuePair<string, objnull>(name, value))
        |> Array.ofList

/// A histogram. Adding to it allocates nothing.
[<Sealed>]
type internal Distribution(bounds: float[], unit: float) =
    let counts = Array.zeroCreate<int64>(bounds.Length + 1)

    /// In whole units: floats cannot be added to by several threads at once.
    let mutable sum = 0L

    /// A distribution of spans, in seconds, told apart to a tenth of a microsecond.
    static member OfSeconds(bounds: float[]) = Distribution(bounds, 1e-7)

    member _.Add(value: float) =
        let mutable bucket = 0

        while bucket < bounds.Length && value > bounds[bucket] do
            bucket <- bucket + 1

        Interlocked.Increment &counts[bucket] |> ignore
        Interlocked.Add(&sum, int64 (Math.Round(value / unit))) |> ignore

    /// Values so far.
    member _.Count = counts |> Array.sumBy (fun count -> Volatile.Read &count)

    /// The samples of a histogram: buckets that each hold the ones before, their sum and their count.
    member _.Samples(labels: (string * string) list) : Sample list = [
        let upTo = Array.scan (+) 0L (Array.copy counts) |> Array.tail
        let limits = Array.append bounds [| Double.PositiveInfinity |]

        for limit, count in Array.zip limits upTo do
            {
                Suffix = "_bucket"
                Labels = labels @ [ "le", Exposition.number limit ]
                Value = float count
            }

        {
            Suffix = "_sum"
            Labels = labels
            Value = float (Volatile.Read &sum) * unit
        }

        {
            Suffix = "_count"
            Labels = labels
            Value = float (Array.last upTo)
        }
    ]
