/// Two services in one assembly, for what a single one cannot show.
module Bento.EndToEnd.Services

open System.Threading.Tasks
open Bento

type Message = { Text: string }
type Pause = { Milliseconds: int }

let echo = service { api "echo" (fun (message: Message) -> message) }

let pausing = service {
    api "pause" (fun (pause: Pause) -> task {
        do! Task.Delay pause.Milliseconds
        return pause
    })
}
