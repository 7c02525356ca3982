namespace Bento

open System
open System.Collections.Generic

/// Equal as ever, with a hash that no caller can foresee: .NET's own of a number or a GUID is the same in every process, so
/// that keys chosen to collide would make a small body take minutes.
[<Sealed>]
type internal SeededComparer<'T when 'T: struct>(hash: 'T -> int) =
    interface IEqualityComparer<'T> with
        member _.Equals(left, right) =
            EqualityComparer<'T>.Default.Equals(left, right)

        member _.GetHashCode value = hash value

[<RequireQualifiedAccess>]
module internal SeededComparer =

    // HashCode has a seed of its own in each process.
    let private ofLong (value: int64) =
        HashCode.Combine(int value, int (value >>> 32))

    let private ofFloat (value: float) =
        ofLong (
            if value = 0. then
                0L
            else
                BitConverter.DoubleToInt64Bits value
        )

    /// Equal decimals may differ in how many zeros they end with; a division by one leaves none.
    let private ofDecimal (value: decimal) =
        if value = 0m then
            0
        else
            let parts = Decimal.GetBits(value / 1.0000000000000000000000000000m)
            HashCode.Combine(parts[0], parts[1], parts[2], parts[3])

    let private ofGuid (value: Guid) =
        let mutable value = value
        let bytes = ReadOnlySpan(&value)
        let mutable code = HashCode()
        code.AddBytes(Runtime.InteropServices.MemoryMarshal.AsBytes bytes)
        code.ToHashCode()

    let private entry (hash: 'T -> int) : KeyValuePair<Type, obj> =
        KeyValuePair(typeof<'T>, SeededComparer<'T> hash :> obj)

    let private byType =
        Dictionary<Type, obj>(
            [
                entry (fun (value: sbyte) -> ofLong (int64 value))
                entry (fun (value: byte) -> ofLong (int64 value))
                entry (fun (value: int16) -> ofLong (int64 value))
                entry (fun (value: uint16) -> ofLong (int64 value))
                entry (fun (value: int) -> ofLong (int64 value))
                entry (fun (value: uint32) -> ofLong (int64 value))
                entry (fun (value: int64) -> ofLong value)
                entry (fun (value: uint64) -> ofLong (int64 value))
                entry (fun (value: float32) -> ofFloat (float value))
                entry ofFloat
                entry ofDecimal
                entry ofGuid
                entry (fun (value: DateTime) -> ofLong value.Ticks)
                entry (fun (value: DateTimeOffset) -> ofLong value.UtcTicks)
                entry (fun (value: DateOnly) -> ofLong (int64 value.DayNumber))
                entry (fun (value: TimeOnly) -> ofLong value.Ticks)
                entry (fun (value: TimeSpan) -> ofLong value.Ticks)
            ]
        )

    /// For the keys of a map and what is in a set; a text's own hash has a seed already.
    let forType<'T> () : IEqualityComparer<'T> =
        match byType.TryGetValue typeof<'T> with
        | true, comparer -> unbox<IEqualityComparer<'T>> comparer
        | _ -> EqualityComparer<'T>.Default
