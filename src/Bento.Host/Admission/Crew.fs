namespace Bento

/// Which worker gets the next request: the one with the fewest in work, and of several such each in its turn.
[<Sealed>]
type internal Crew(count: int) =
    let turn = obj ()
    let loads: int[] = Array.zeroCreate count
    let mutable last = count - 1

    let choose () =
        let mutable best = (last + 1) % count

        for step in 2..count do
            let other = (last + step) % count

            if loads[other] < loads[best] then
                best <- other

        last <- best
        loads[best] <- loads[best] + 1
        best

    /// The place of the worker that is to do the next piece of work.
    member _.Take() =
        if count = 1 then 0 else lock turn choose

    /// A piece of work of that worker's has ended.
    member _.Release(index: int) =
        if count > 1 then
            lock turn (fun () -> loads[index] <- loads[index] - 1)
