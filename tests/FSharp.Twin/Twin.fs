/// The service that tests/Bento.CSharp.Tests has as a class, as a block.
module FSharp.Twin

open System
open System.Collections.Generic
open System.Threading.Tasks
open Bento

type Summarize = {
    /// What is shortened.
    [<Length(1, 100)>]
    Text: string
    /// How many sentences stay.
    [<Range(1, 10); Default(3)>]
    Sentences: int
    /// A word on top.
    Title: string option
}

type Summary = {
    Brief: string
    Length: int
    Title: string option
}

type Tone =
    | Plain = 0
    | Formal = 1

type Passage = {
    Body: string
    [<Range(1, 10); Default(3)>]
    MaxWords: int
    Language: string option
    [<Default(Tone.Plain)>]
    Tone: Tone
    Tags: string list
}

type Dated = { Day: DateOnly; Times: int option }

type Model = { Separator: string }

let private firstWords (model: Model) count (text: string) =
    text.Split model.Separator
    |> Seq.truncate count
    |> String.concat model.Separator

/// Makes a text short. The first sentences stay.
let summarize (context: Context<Model>) (input: Summarize) : Task<Summary> = task {
    do! Task.Yield()

    return {
        Brief = firstWords context.State input.Sentences input.Text
        Length = input.Text.Length
        Title = input.Title
    }
}

let length (text: string) = text.Length

let words (context: Context<Model>) (passage: Passage) : IAsyncEnumerable<string> =
    Items.produce (fun emit _ -> task {
        for word in passage.Body.Split context.State.Separator |> Seq.truncate passage.MaxWords do
            do! emit word
    })

let echo (_: Context<Model>) (messages: IAsyncEnumerable<string>) : IAsyncEnumerable<int> =
    Items.produce (fun emit stop -> messages |> Items.iterate stop (fun message -> emit message.Length) :> Task)

let describePassage (passage: Passage) =
    let tags = String.concat "," passage.Tags
    let language = defaultArg passage.Language ""
    $"{passage.Tone} {passage.MaxWords} {language} {tags}"

let next (dated: Dated) =
    dated.Day.AddDays(dated.Times |> Option.defaultValue 1)

let fail (code: int) : int =
    raise (BentoException(code, "as asked"))

let upper (texts: string[]) : Task<Result<string, BentoException>[]> = task {
    return
        texts
        |> Array.map (fun text ->
            if text = "" then
                Error(BentoException(422, "nothing to raise"))
            else
                Ok(text.ToUpperInvariant()))
}

let lengths (texts: string[]) = texts |> Array.map String.length

let twin = service {
    name "twin"
    description "The same in two languages."
    version "1.2.0"
    labels [ "team", "search" ]
    workers 2
    threads 3

    init (fun (_: Setup<unit>) -> { Separator = " " })

    api "summarize" summarize
    api "length" length
    stream "words" words
    socket "echo" echo
    api "describe_passage" describePassage
    api "next_day" next
    api "fail" fail
    api "upper" (batched upper)
    api "lengths" (batchedRows lengths)

    resources {
        cpu 1
        memory "200MiB"
    }

    traffic {
        timeout (seconds 20)
        concurrency 50
        queue 4
        idle (seconds 30)
        bodyLimit "1MiB"
    }

    endpoint "length" {
        route "/v1/length"
        timeout (milliseconds 2500)
        bodyLimit "2KiB"
    }

    endpoint "upper" {
        maxBatch 8
        maxDelay (milliseconds 2)
        warmup "a"
        warmup "b"
    }

    endpoint "lengths" {
        maxBatch 2
        warmup [| "a" |]
    }
}

/// All of a card but the types, which are told by documents, and the lines and methods, which only one of them has.
let comparable (definition: Definition) : obj =
    let card = (Definition.require definition).Card

    let endpoints = [
        for endpoint in card.Endpoints ->
            endpoint.Name,
            endpoint.Kind,
            endpoint.Synchronous,
            endpoint.Route,
            endpoint.Timeout,
            endpoint.BodyLimit,
            endpoint.Batch,
            Shape.describe endpoint.Input.Shape,
            Shape.describe endpoint.Output.Shape
    ]

    ({ card with Endpoints = [] }, endpoints)
