/// Callers who break the protocol, by accident or not, frame by frame.
module Bento.Hosting.Tests.HostileSocketTests

open System
open System.Collections.Generic
open System.Net.Http
open System.Text
open System.Text.Json
open System.Threading.Tasks
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento
open Bento.Hosting.Tests.Holding
open Bento.Hosting.Tests.Talking
open Bento.Hosting.Tests.Wire

let private echoing = service {
    traffic {
        bodyLimit "1MiB"
        concurrency 100
    }

    name "echoing"
    socket "echo" (fun (texts: IAsyncEnumerable<string>) -> texts)
}

let private bytesOf (words: string) =
    JsonSerializer.SerializeToUtf8Bytes words

/// Whatever was done, the service answers the next caller and has lost no place.
let private served (ask: Server -> Task<unit>) : Task = task {
    let! server, client = App.serving echoing
    use _ = server
    do! ask server
    do! inWork client 0.
    use! socket = talk server "/echo"
    do! say socket "\"next\""
    let! said = hear socket
    Assert.Equal(Text "\"next\"", said)
}

let private text (text: string) = Encoding.UTF8.GetBytes text

[<Fact>]
let ``a message in pieces, with a ping between them, is one message`` () =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        do! socket.Send(frame false Opcode.text (text "\"one "))
        do! socket.Send(frame true Opcode.ping (text "there?"))
        do! socket.Send(frame false Opcode.continuation (text "tw"))
        do! socket.Send(frame true Opcode.continuation (text "o\""))
        let! struct (opcode, payload) = socket.Next()
        Assert.Equal(Opcode.pong, opcode)
        Assert.Equal<byte[]>(text "there?", payload)
        let! struct (opcode, payload) = socket.Next()
        Assert.Equal(Opcode.text, opcode)
        Assert.Equal<byte[]>(text "\"one two\"", payload)
    })

[<Fact>]
let ``however a message is cut, it is the same message`` () : Task = task {
    let! server, _ = App.serving echoing
    use _ = server
    use! socket = RawSocket.Open server "/echo"

    let law (letters: char list, cuts: byte list) =
        let whole = bytesOf (String(Array.ofList letters))
        // Half a letter is none, and comes back as a mark for one.
        let said = JsonSerializer.Deserialize<string>(ReadOnlySpan whole)
        let places = cuts |> List.map (fun cut -> int cut * whole.Length / 256) |> List.sort
        let edges = [ 0 ] @ places @ [ whole.Length ]

        let pieces =
            edges
            |> List.pairwise
            |> List.map (fun (first, last) -> whole[first .. last - 1])

        let send: Task<bool> = task {
            for index, piece in List.indexed pieces do
                let opcode = if index = 0 then Opcode.text else Opcode.continuation
                do! socket.Send(frame (index = pieces.Length - 1) opcode piece)

            let! struct (opcode, payload) = socket.Next()

            return
                opcode = Opcode.text
                && JsonSerializer.Deserialize<string>(ReadOnlySpan payload) = said
        }

        send.Result

    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess true, law)
}

[<Fact>]
let ``text that is no UTF-8 ends the socket, in one piece and in two`` () =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        do! socket.Send(frame true Opcode.text [| 0x22uy; 0xC3uy; 0x28uy; 0x22uy |])
        let! status = socket.Close()
        Assert.Equal(Some 1007, status)
        use! socket = RawSocket.Open server "/echo"
        do! socket.Send(frame false Opcode.text [| 0x22uy; 0xE6uy |])
        do! socket.Send(frame true Opcode.continuation [| 0x22uy |])
        let! status = socket.Close()
        Assert.Equal(Some 1007, status)
    })

/// Frames that no caller may send.
let forbidden: TheoryData<string, byte[]> =
    TheoryData<string, byte[]>(
        [
            struct ("no mask", unmaskedFrame Opcode.text (text "\"hello\""))
            struct ("an unknown kind", frame true 3uy [||])
            struct ("an unknown kind of control", frame true 11uy [||])
            struct ("a continuation of nothing", frame true Opcode.continuation (text "\"x\""))
            struct ("a control frame in pieces", frame false Opcode.ping (text "x"))
            struct ("a control frame that is too long", frame true Opcode.ping (Array.zeroCreate 126))
            struct ("a bit without a meaning", frame true (0x40uy ||| Opcode.text) (text "\"x\""))
            struct ("a length below zero", frameHead true Opcode.text UInt64.MaxValue)
            struct ("a close with half a status", frame true Opcode.close [| 3uy |])
            struct ("a close with a status that is none", frame true Opcode.close [| 3uy; 0xEDuy |])
            struct ("a new message within another",
                    Array.append (frame false Opcode.text (text "\"a")) (frame true Opcode.text (text "b\"")))
        ]
    )

[<Theory; MemberData(nameof forbidden)>]
let ``a frame that is forbidden ends the socket and nothing else`` (what: string, bytes: byte[]) =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        do! socket.Send bytes
        let! status = socket.Close()
        Assert.True((status = Some 1002), $"{what}: {status}")
    })

[<Fact>]
let ``a frame that claims to be huge is read no further than the limit`` () =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        do! socket.Send(frameHead true Opcode.text 0x7FFF_FFFF_FFFF_FFFFUL)
        do! socket.Send(masked (Array.create (1 <<< 20) 0x20uy))
        do! socket.Send(masked [| 0x20uy |])
        let! status = socket.Close()
        Assert.Equal(Some 1009, status)
    })

[<Fact>]
let ``ten thousand pings are answered, and a message after them`` () =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        let count = 10_000

        let sending: Task<unit> = task {
            for number in 1..count do
                do! socket.Send(frame true Opcode.ping (BitConverter.GetBytes number))

            do! socket.Send(frame true Opcode.text (text "\"after\""))
        }

        for number in 1..count do
            let! struct (opcode, payload) = socket.Next()
            Assert.Equal(Opcode.pong, opcode)
            Assert.Equal(number, BitConverter.ToInt32(payload, 0))

        do! sending
        let! struct (opcode, payload) = socket.Next()
        Assert.Equal(Opcode.text, opcode)
        Assert.Equal<byte[]>(text "\"after\"", payload)
    })

[<Fact>]
let ``a silent caller is asked whether it is there`` () =
    served (fun server -> task {
        use! socket = RawSocket.Open server "/echo"
        let! struct (opcode, _) = socket.Next()
        Assert.Equal(Opcode.ping, opcode)
    })

[<Fact>]
let ``callers that vanish, within a message or between, lose no place`` () =
    served (fun server -> task {
        for number in 1..50 do
            let! socket = RawSocket.Open server "/echo"

            if number % 2 = 0 then
                do! socket.Send(frame false Opcode.text (text "\"half"))

            if number % 3 = 0 then
                (socket :> IDisposable).Dispose()
            else
                socket.Vanish()
    })

[<Fact>]
let ``whatever bytes come, the socket ends with its caller and the service goes on`` () : Task = task {
    let! server, client = App.serving echoing
    use _ = server

    let law (bytes: byte[]) =
        let send: Task<unit> = task {
            use! socket = RawSocket.Open server "/echo"

            try
                do! socket.Send bytes
            with :? IO.IOException ->
                ()
        }

        send.Wait()
        true

    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest 200, law)
    do! inWork client 0.
    use! socket = talk server "/echo"
    do! say socket "\"next\""
    let! said = hear socket
    Assert.Equal(Text "\"next\"", said)
}
