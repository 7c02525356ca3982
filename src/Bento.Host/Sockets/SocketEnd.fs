namespace Bento

open System
open System.Net.WebSockets
open System.Text
open Microsoft.AspNetCore.Http

/// Why a socket ends. The first reason there is counts.
[<RequireQualifiedAccess; NoComparison>]
type internal SocketEnd =
    /// The handler has nothing more to say.
    | Done
    /// The caller has said that it closes.
    | Closed
    /// The connection broke: there is nobody to tell.
    | Lost
    /// The caller broke the protocol, which the socket itself has told.
    | Broken
    | Unreadable of reason: string
    | Idle of TimeSpan
    | TooLarge of most: Memory
    /// The handler raised: the status of its own or 500, and what the caller may know of it.
    | Failed of status: int * reason: string
    /// The service stops.
    | Draining

/// How a socket is closed: a status, and a few words for a person.
[<RequireQualifiedAccess>]
module internal SocketEnd =

    /// A control frame has no room for more, in bytes.
    [<Literal>]
    let longestReason = 123

    /// RFC 6455 leaves it to the registry, and .NET has no name for it.
    let private serviceRestart = enum<WebSocketCloseStatus> 1012

    /// As much of a text as a close frame holds: whole letters, and dots where something is left out.
    let fit (text: string) : string =
        if Encoding.UTF8.GetByteCount text <= longestReason then
            text
        else
            let kept = StringBuilder()
            let mutable left = longestReason - Encoding.UTF8.GetByteCount "…"

            for letter in text.EnumerateRunes() do
                left <- left - letter.Utf8SequenceLength

                if left >= 0 then
                    kept.Append letter |> ignore

            kept.Append('…').ToString()

    /// What a refused message had, the first fault standing for all.
    let reasonOf (refusal: Refusal) =
        match refusal.Faults with
        | first :: others when not others.IsEmpty -> $"{first.Message} ({others.Length} more)"
        | _ -> refusal.Detail

    /// What the log and the figures have of a socket that did not end well; 101 stands for all others.
    let outcome (ending: SocketEnd) : int option =
        match ending with
        | SocketEnd.Done
        | SocketEnd.Closed
        | SocketEnd.Draining -> None
        | SocketEnd.Lost -> Some Refusal.callerLeft.Status
        | SocketEnd.Broken
        | SocketEnd.Unreadable _ -> Some StatusCodes.Status400BadRequest
        | SocketEnd.Idle _ -> Some StatusCodes.Status504GatewayTimeout
        | SocketEnd.TooLarge _ -> Some StatusCodes.Status413PayloadTooLarge
        | SocketEnd.Failed(status, _) -> Some status

    /// What is sent to close; nothing where there is nobody to send it to.
    let close (ending: SocketEnd) : struct (WebSocketCloseStatus * string) option =
        match ending with
        | SocketEnd.Lost
        | SocketEnd.Broken -> None
        | SocketEnd.Done
        | SocketEnd.Closed -> Some(struct (WebSocketCloseStatus.NormalClosure, ""))
        | SocketEnd.Unreadable reason -> Some(struct (WebSocketCloseStatus.InvalidPayloadData, fit reason))
        | SocketEnd.Idle span ->
            Some(struct (WebSocketCloseStatus.PolicyViolation, $"No message came or went for {Spans.text span}."))
        | SocketEnd.TooLarge most ->
            Some(
                struct (WebSocketCloseStatus.MessageTooBig, $"A message is larger than {most}, the most that is taken.")
            )
        | SocketEnd.Failed(_, reason) -> Some(struct (WebSocketCloseStatus.InternalServerError, fit reason))
        | SocketEnd.Draining -> Some(struct (serviceRestart, "The service stops; connect again."))
