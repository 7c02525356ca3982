/// Several services in one assembly, for what a single one cannot show.
module Bento.EndToEnd.Services

open System
open System.Linq
open System.Numerics.Tensors
open System.Text
open System.Threading.Tasks
open Bento
open OnnxWriter

type Message = { Text: string }
type Pause = { Milliseconds: int }

let echo = service { api "echo" (fun (message: Message) -> message) }

type Shift = { Rows: Tensor<float32>; By: float32 }

/// Takes and gives tensors, and texts that are long enough to be sent small.
let arithmetic = service {
    api "shift" (fun (shift: Shift) ->
        let values = Array.zeroCreate<float32>(int shift.Rows.FlattenedLength)
        shift.Rows.FlattenTo(Span values)
        Tensor.Create<float32>(Array.map ((+) shift.By) values, shift.Rows.Lengths))

    api "same" (fun (rows: Tensor<float32>) -> rows)

    api "repeat" (fun (message: Message) -> {
        Text = String.replicate 10_000 message.Text
    })
}

let pausing = service {
    api "pause" (fun (pause: Pause) -> task {
        do! Task.Delay pause.Milliseconds
        return pause
    })
}

type Letters = { Count: int; FailAfter: int option }

let private write (wanted: Letters) =
    Items.produce (fun emit cancellation -> task {
        for index in 0 .. wanted.Count - 1 do
            if wanted.FailAfter = Some index then
                invalidOp "The ink has run out."

            do! Task.Delay(200, cancellation)
            do! emit (string (char (int 'a' + index)))
    })

let writing = service {
    stream "letters" write
    stream "messages" (fun (wanted: Letters) -> (write wanted).Select(fun text -> { Text = text }))
}

type Upload = { Title: string; Note: File }

type Stored = {
    Title: string
    Name: string
    Text: string
}

let album = service {
    api "store" (fun (upload: Upload) -> {
        Title = upload.Title
        Name = upload.Note.Name
        Text = Encoding.UTF8.GetString(upload.Note.ReadAllBytes())
    })
}

type Speech = { Words: int; FailAt: int option }

/// Twenty words a second.
let speaking = service {
    stream "speak" (fun (speech: Speech) ->
        Items.produce (fun emit cancellation ->
            let speak: Task<unit> = task {
                for word in 1 .. speech.Words do
                    if speech.FailAt = Some word then
                        raise (BentoException(422, "The voice is gone."))

                    do! emit $"word{word} "
                    do! Task.Delay(50, cancellation)
            }

            speak))
}

/// More GPUs than any machine has.
let hungry = service {
    resources { gpu 999 }
    api "echo" (fun (message: Message) -> message)
}

let modest = service {
    resources {
        gpu 999
        fallback Cpu
    }

    init (fun (setup: Setup<unit>) -> { Text = string setup.Device })
    api "device" (fun (context: Context<Message>) () -> context.State)
}

let stubborn = service {
    api "pause" (fun (pause: Pause) -> task {
        do! Task.Delay pause.Milliseconds
        return pause
    })

    onShutdown (fun () -> task { do! Task.Delay 60_000 })
}

/// A model that takes one number at a time, in place of a batch's; it is written where a variable says.
let rigid = service {
    init (fun (setup: Setup<unit>) -> task {
        let file = Environment.GetEnvironmentVariable "RIGID_MODEL" |> nonNull
        let graph = Graph "rigid"
        let x = graph.Input("x", Float, [ Size 1 ])
        graph.Output("y", graph.Operator("Add", [ x; x ], []), Float, [ Size 1 ])
        IO.File.WriteAllBytes(file, graph.ToBytes())
        let run: float32[] -> float32[] = Onnx.batched (Onnx.load setup file)
        return run
    })

    api "double" (batched (fun (batch: BatchContext<float32[] -> float32[]>) (rows: float32[]) -> batch.State rows))
}

let failing = service {
    init (fun (_: Setup<unit>) -> "a state")
    onStartup (fun (_: string) -> invalidOp "The weights are not there.")
    api "echo" (fun (message: Message) -> message)
}
