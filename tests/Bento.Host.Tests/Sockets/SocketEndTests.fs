/// How sockets are closed, and what fits into a close.
module Bento.Hosting.Tests.SocketEndTests

open System
open System.Text
open FsCheck
open FsCheck.FSharp
open Xunit
open Bento

let private bytesOf (text: string) = Encoding.UTF8.GetByteCount text

[<Fact>]
let ``any words fit into a close once they are cut, and are cut between letters`` () =
    let isFit (letters: char list) =
        let text = String(Array.ofList letters)
        let fit = SocketEnd.fit text
        let isWhole = fit = text && bytesOf text <= SocketEnd.longestReason

        let isBeginning =
            fit.EndsWith '…'
            && bytesOf text > SocketEnd.longestReason
            && text.StartsWith(fit.Substring(0, fit.Length - 1), StringComparison.Ordinal)

        bytesOf fit <= SocketEnd.longestReason && (isWhole || isBeginning)

    Check.One(
        Config.QuickThrowOnFailure.WithQuietOnSuccess(true).WithMaxTest(500).WithStartSize(1).WithEndSize 300,
        isFit
    )

[<Fact>]
let ``a letter of several bytes at the edge is left out whole`` () =
    let fit = SocketEnd.fit (String('x', 118) + "日本語")
    Assert.Equal(String('x', 118) + "…", fit)
    Assert.Equal(String('x', 123), SocketEnd.fit (String('x', 123)))

[<Fact>]
let ``each way to end has its status, on the wire and in the figures`` () =
    let statusOf ending =
        SocketEnd.close ending |> Option.map (fun struct (status, _) -> int status), SocketEnd.outcome ending

    Assert.Equal((Some 1000, None), statusOf SocketEnd.Done)
    Assert.Equal((Some 1000, None), statusOf SocketEnd.Closed)
    Assert.Equal((Some 1007, Some 400), statusOf (SocketEnd.Unreadable "no"))
    Assert.Equal((Some 1008, Some 504), statusOf (SocketEnd.Idle(seconds 1)))
    Assert.Equal((Some 1009, Some 413), statusOf (SocketEnd.TooLarge(Bytes 1L)))
    Assert.Equal((Some 1011, Some 403), statusOf (SocketEnd.Failed(403, "no")))
    Assert.Equal((Some 1012, None), statusOf SocketEnd.Draining)
    Assert.Equal((None, Some 499), statusOf SocketEnd.Lost)
    Assert.Equal((None, Some 400), statusOf SocketEnd.Broken)

[<Fact>]
let ``of several faults the first is told, and how many more there are`` () =
    let fault message : Fault = {
        Location = []
        Kind = "type"
        Message = message
    }

    Assert.Equal("one", SocketEnd.reasonOf (Refusal.ofFaults [ fault "one" ]))
    Assert.Equal("one (2 more)", SocketEnd.reasonOf (Refusal.ofFaults [ fault "one"; fault "two"; fault "three" ]))
    Assert.Equal("plain", SocketEnd.reasonOf (Refusal.plain 400 "plain"))
