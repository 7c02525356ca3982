/// What people wrote, found by the names that compilers give.
module Bento.Tests.DocumentationTests

open System.Threading.Tasks
open Xunit
open Bento

type Passage = { Text: string }
type Holder<'Item> = { Item: 'Item; Other: Passage list }
type Choice = Some' of Passage

let private summarize (passage: Passage) = passage.Text.Length

let private written entries : Documentation = {
    Documentation.none with
        Members = dict entries |> System.Collections.Generic.Dictionary
}

let private card name =
    let it = service { api "summarize" summarize }
    let card = (Service.require it).Card.Endpoints.Head
    { card with Name = name }

let private passage = "Bento.Tests.DocumentationTests.Passage"

[<Theory>]
[<InlineData("summarize", "summarize")>]
[<InlineData("summarize", "Summarize")>]
[<InlineData("summarize", "SummarizeAsync")>]
[<InlineData("summarize-all", "summarizeAll")>]
[<InlineData("summarize_all", "SummarizeAllAsync")>]
let ``an endpoint has the words of the function that it is named after`` (endpoint: string, method: string) =
    let words = written [ $"M:Shop.Summaries.{method}({passage})", "Makes it short." ]
    Assert.Equal(Some "Makes it short.", Documentation.ofHandler (card endpoint) words)

[<Fact>]
let ``a function of another input or name is not an endpoint's`` () =
    let words =
        written [
            "M:Shop.Summaries.summarize(System.String)", "Of a text."
            $"M:Shop.Summaries.shorten({passage})", "Of another name."
            "T:Shop.summarize", "A type."
        ]

    Assert.Equal(None, Documentation.ofHandler (card "summarize") words)

[<Fact>]
let ``two functions that may be meant are none`` () =
    let words =
        written [
            $"M:Shop.One.summarize({passage})", "The first."
            $"M:Shop.Two.summarize({passage})", "The second."
        ]

    Assert.Equal(None, Documentation.ofHandler (card "summarize") words)

[<Fact>]
let ``the types within a type are found through lists, arguments and cases`` () =
    let within = Documentation.typesWithin typeof<Task<Holder<Choice[]>>>
    Assert.Contains(typeof<Passage>, within)
    Assert.Contains(typeof<Choice>, within)
    Assert.DoesNotContain(typeof<string>, within)
    Assert.Empty(Documentation.typesWithin typeof<Map<string, int list>>)
