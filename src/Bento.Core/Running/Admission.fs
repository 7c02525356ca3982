namespace Bento

/// The place of one who waits, in the order of arrival.
type internal Ticket = int64

/// What happens at the door of a service. Times are ticks of a clock that only goes forward, whichever it is.
[<RequireQualifiedAccess; Struct>]
type internal AdmissionEvent =
    /// Somebody comes who has time until then.
    | Arrival of deadline: int64
    /// Somebody who was let in has ended.
    | End of at: int64
    /// The time of one who waits is over.
    | Timeout of late: Ticket
    /// One who waits has left.
    | Disconnect of gone: Ticket

/// What is done about it.
[<RequireQualifiedAccess; Struct>]
type internal Decision =
    /// The one who came is let in.
    | Admit
    /// The one who came is to wait.
    | Wait of ticket: Ticket
    /// The one who came is turned away.
    | Refuse
    /// One who waited is let in.
    | Call of called: Ticket
    /// One who waited is told that the time is over.
    | Expire of expired: Ticket
    /// One who waited is forgotten.
    | Forget of forgotten: Ticket

/// Who is in and who waits: a value that only `Admission.step` moves.
[<Struct; NoComparison; NoEquality>]
type internal Admission = {
    /// How many may be in at once.
    Concurrency: int
    /// How many may wait at once.
    Queue: int
    InWork: int
    Waiting: int
    /// Those who wait, with their deadlines.
    Line: Map<Ticket, int64>
    Next: Ticket
}

/// The rule of admission, as a pure automaton: never more in work than may be, first come first served among those who
/// wait, turned away only when both are full. Nothing is allocated while nobody waits.
[<RequireQualifiedAccess>]
module internal Admission =

    let create concurrency queue = {
        Concurrency = concurrency
        Queue = queue
        InWork = 0
        Waiting = 0
        Line = Map.empty
        Next = 0L
    }

    let private admit = [ Decision.Admit ]
    let private refuse = [ Decision.Refuse ]

    let private leave ticket admission = {
        admission with
            Waiting = admission.Waiting - 1
            Line = Map.remove ticket admission.Line
    }

    let private enqueue deadline (admission: Admission) =
        struct ({
                    admission with
                        Waiting = admission.Waiting + 1
                        Line = Map.add admission.Next deadline admission.Line
                        Next = admission.Next + 1L
                },
                [ Decision.Wait admission.Next ])

    let private arrive deadline (admission: Admission) =
        if admission.InWork < admission.Concurrency then
            struct ({
                        admission with
                            InWork = admission.InWork + 1
                    },
                    admit)
        elif admission.Waiting < admission.Queue then
            enqueue deadline admission
        else
            struct (admission, refuse)

    /// The place goes to the first who still has time, or is free.
    let rec private hand now (admission: Admission) decisions =
        if admission.Waiting = 0 then
            struct ({
                        admission with
                            InWork = admission.InWork - 1
                    },
                    decisions)
        else
            let ticket, deadline = Map.minKeyValue admission.Line
            let admission = leave ticket admission

            if deadline <= now then
                hand now admission (decisions @ [ Decision.Expire ticket ])
            else
                struct (admission, decisions @ [ Decision.Call ticket ])

    /// One who does not wait any more, having been called just before, is none of the line's business.
    let private withdraw ticket decision (admission: Admission) =
        if Map.containsKey ticket admission.Line then
            struct (leave ticket admission, [ decision ])
        else
            struct (admission, [])

    let step event (admission: Admission) : struct (Admission * Decision list) =
        match event with
        | AdmissionEvent.Arrival deadline -> arrive deadline admission
        | AdmissionEvent.End _ when admission.InWork = 0 -> invalidOp "A place that nobody has cannot be given back."
        | AdmissionEvent.End now -> hand now admission []
        | AdmissionEvent.Timeout ticket -> withdraw ticket (Decision.Expire ticket) admission
        | AdmissionEvent.Disconnect ticket -> withdraw ticket (Decision.Forget ticket) admission
