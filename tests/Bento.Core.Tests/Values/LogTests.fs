/// The words of the log, each at its level.
module Bento.Tests.LogTests

open System
open Xunit
open Bento

/// A log that keeps its lines.
type Lines() =
    let lines = ResizeArray<LogLevel * string * exn | null>()
    member _.Written = List.ofSeq lines

    interface Log with
        member _.Write(level, message, cause) = lines.Add(level, message, cause)

[<Fact>]
let ``each word writes at its level`` () =
    let lines = Lines()
    let cause = Exception "cause"
    Log.debug "a" lines
    Log.information "b" lines
    Log.warning "c" lines
    Log.error "d" cause lines

    let written = lines.Written |> List.map (fun (level, message, _) -> level, message)

    Assert.Equal<(LogLevel * string) list>(
        [
            LogLevel.Debug, "a"
            LogLevel.Information, "b"
            LogLevel.Warning, "c"
            LogLevel.Error, "d"
        ],
        written
    )

    let _, _, kept = List.last lines.Written
    Assert.Same(cause, kept)

[<Fact>]
let ``the log that keeps nothing takes every line`` () = Log.error "d" (Exception()) Log.none
