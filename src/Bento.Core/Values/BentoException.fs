namespace Bento

open System

/// A handler's own answer to its caller: the status and message are sent as they are.
[<Sealed>]
type BentoException(status: int, message: string) =
    inherit Exception(message)

    do
        if status < 400 || status > 599 then
            invalidArg (nameof status) $"{status} is not the status of a failure; give one from 400 to 599."

    /// The status of the answer, from 400 to 599.
    member _.Status = status
