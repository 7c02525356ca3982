/// Keys that a caller chooses so that they would all have one hash.
module Bento.Tests.SeededComparerTests

open System
open System.Collections.Generic
open System.Collections.Immutable
open System.Text
open System.Threading.Tasks
open Xunit
open Bento

type Place = { Row: int64; Column: int64 }

type Spot =
    | Nowhere
    | At of Place * weights: int64 list

[<CustomEquality; NoComparison>]
type Loose = {
    Name: string
    Note: string
} with

    override this.Equals other =
        match other with
        | :? Loose as other -> this.Name = other.Name
        | _ -> false

    override this.GetHashCode() = hash this.Name

let private read<'T> (json: string) : 'T =
    match Codecs.ofType WireRules.defaults "it" typeof<'T> with
    | Error faults -> failwith $"%A{faults}"
    | Ok codec ->
        match (codec :?> Codec<'T>).Decode(ReadOnlyMemory(Encoding.UTF8.GetBytes json)) with
        | Ok value -> value
        | Error faults -> failwith $"%A{faults}"

let private numbers = [| for number in 1L .. 200_000L -> number ||| (number <<< 32) |]

let private guids = [|
    for number in numbers -> Guid(Array.append (BitConverter.GetBytes number) (Array.zeroCreate 8))
|]

let private object keys =
    keys
    |> Seq.map (fun key -> $"\"{key}\":0")
    |> String.concat ","
    |> sprintf "{%s}"

let private list (items: string seq) = $"""[{String.concat "," items}]"""

/// One after the other they would be compared with all that came before, which takes minutes.
let private soon (count: unit -> int) : Task = task {
    let! found =
        Task.Run(count).WaitAsync(TimeSpan.FromSeconds 20., TestContext.Current.CancellationToken)

    Assert.Equal(numbers.Length, found)
}

[<Fact>]
let ``what is chosen to collide has one hash in NET`` () =
    Assert.Single(numbers |> Seq.map hash |> Seq.distinct) |> ignore
    Assert.Single(guids |> Seq.map _.GetHashCode() |> Seq.distinct) |> ignore

[<Fact>]
let ``a map whose keys are chosen to collide is read like any other`` () : Task = task {
    do! soon (fun () -> (read<Dictionary<int64, int>>(object numbers)).Count)
    do! soon (fun () -> (read<Map<int64, int>>(object numbers)).Count)
    do! soon (fun () -> (read<Dictionary<Guid, int>>(object guids)).Count)
}

[<Fact>]
let ``a set that is chosen to collide is read like any other`` () : Task = task {
    do! soon (fun () -> (read<HashSet<int64>>(list (Seq.map string numbers))).Count)
    do! soon (fun () -> (read<HashSet<Guid>>(list (guids |> Seq.map (fun guid -> $"\"{guid}\"")))).Count)
}

[<Fact>]
let ``what is equal stays equal however it is written`` () =
    Assert.Single(read<HashSet<decimal>> "[1,1.0,1.00,100e-2]") |> ignore
    Assert.Single(read<HashSet<decimal>> "[0,0.0,-0.00]") |> ignore
    Assert.Single(read<HashSet<float>> "[0,-0.0]") |> ignore
    Assert.Single(read<HashSet<float32>> "[0.5,5e-1]") |> ignore

    Assert.Single(read<HashSet<DateTimeOffset>> """["2026-01-31T12:00:00Z","2026-01-31T13:00:00+01:00"]""")
    |> ignore

    Assert.Equal(3, (read<HashSet<TimeSpan>> """["PT1S","PT2S","PT1M","PT60S"]""").Count)

// -- what is made of others --------------------------------------------------------------------------

/// Of values that .NET gives one hash, or hardly more, a set gives each its own.
let private isSeeded<'T> (item: int64 -> string) =
    let few = Array.truncate 2_000 numbers
    let read = read<HashSet<'T>>(list (Seq.map item few))

    let hashes (comparer: IEqualityComparer<'T>) =
        read |> Seq.distinctBy comparer.GetHashCode |> Seq.length

    Assert.Equal(few.Length, read.Count)
    Assert.InRange(hashes EqualityComparer.Default, 1, few.Length / 100)
    Assert.InRange(hashes read.Comparer, few.Length - 10, few.Length)

[<Fact>]
let ``records, tuples, unions and structs that are chosen to collide have hashes of their own`` () =
    let place number =
        $$"""{"row":{{number}},"column":{{number}}}"""

    let spot number = $$"""{"x":{{number}},"y":{{number}}}"""
    isSeeded<Place> place
    isSeeded<struct (int64 * bool)>(fun number -> $"[{number},true]")
    isSeeded<int64 * int64>(fun number -> $"[{number},{number}]")
    isSeeded<CSharp.Types.Spot> spot
    isSeeded<CSharp.Types.Mark>(fun number -> $$"""{"x":1,"note":"{{number}}"}""")
    isSeeded<Spot>(fun number -> $$"""{"type":"At","item1":{{place number}},"weights":[{{number}}]}""")

[<Fact>]
let ``what is made of equal parts stays equal`` () =
    Assert.Single(read<HashSet<decimal * float>> "[[1,0],[1.0,-0.0]]") |> ignore
    Assert.Equal(2, (read<HashSet<int option>> "[1,null,1,null]").Count)

    Assert.Single(read<HashSet<Place>> """[{"row":1,"column":2},{"column":2,"row":1}]""")
    |> ignore

    Assert.Single(read<HashSet<CSharp.Types.Mark>> """[{"x":1,"note":"2"},{"note":"2","x":1}]""")
    |> ignore

    Assert.Single(read<HashSet<CSharp.Types.Spot>> """[{"x":1,"y":2},{"x":1,"y":2}]""")
    |> ignore

    Assert.Equal(2, (read<HashSet<int list>> "[[1,2],[2,1],[1,2]]").Count)

    Assert.Single(read<HashSet<int list * Map<string, int>>> """[[[1],{"a":1,"b":2}],[[1],{"b":2,"a":1}]]""")
    |> ignore

[<Fact>]
let ``an equality of one's own is kept`` () =
    Assert.Single(read<HashSet<Loose>> """[{"name":"a","note":"1"},{"name":"a","note":"2"}]""")
    |> ignore

[<Fact>]
let ``what is equal by its items has one hash where keys may be of any type`` () =
    let comparer = SeededComparer.structural<obj>()

    let pairs: (obj * obj) list = [
        [| 1; 2 |], [| 1; 2 |]
        ImmutableArray.Create(1L, 2L), ImmutableArray.Create(1L, 2L)
        (1, [| "a" |]), (1, [| "a" |])
        { Row = 1L; Column = 2L }, { Row = 1L; Column = 2L }
    ]

    for left, right in pairs do
        Assert.True(comparer.Equals(left, right))
        Assert.Equal(comparer.GetHashCode left, comparer.GetHashCode right)

[<Fact>]
let ``a key with NaN in it is equal to itself and to no other`` () =
    let comparer = SeededComparer.structural<obj>()

    let makers: (unit -> obj) list = [ (fun () -> nan); (fun () -> (1, nan)); (fun () -> [| nan |]) ]

    for make in makers do
        let key = make ()
        Assert.True(comparer.Equals(key, key))
        Assert.False(comparer.Equals(key, make ()))
