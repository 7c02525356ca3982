/// How problems read: the one place that looks at their text.
module Bento.Tests.ProblemTests

open Xunit
open Bento

/// Each problem, the line it is shown at, and its sentence.
let private golden = [
    Repeated("workers", [ 3; 7 ]), 7, "`workers` is given again, first on line 3; keep one"
    Repeated("label \"team\"", [ 3; 3 ]), 3, "`label \"team\"` is given again; keep one"
    SameName("embed", [ 5; 4; 9 ]),
    9,
    "the endpoint name \"embed\" is used again, first on line 4; names are unique in a service"
    SameRoute("/v1", [ "a"; "b" ], [ 4; 2 ]),
    4,
    "the route \"/v1\" is that of \"a\", \"b\"; give each its own, as in endpoint \"x\" { route \"/v1/x\" }"
    BadName("endpoint", "9lives", 6),
    6,
    "the endpoint name \"9lives\" is not usable; begin with a letter and use letters, digits, '-' and '_'"
    BadName("service", "my service", 6),
    6,
    "the service name \"my service\" is not usable; begin with a letter and use letters, digits, '-' and '_', as in: name \"summarization\""
    BadValue("memory", "\"500MB1\"", "whole bytes", 8), 8, "`memory \"500MB1\"`: wanted whole bytes"
    UntypedInput("embed", 2), 2, "the input type of \"embed\" is not known; annotate the handler's parameter"
    CannotTravel("embed", "output", "output.rows[]", "is of type obj", 3),
    3,
    "the output of \"embed\" cannot travel: output.rows[] is of type obj"
    NoEndpoint 1, 1, "there is no endpoint; add an `api`, `stream`, `job` or `socket`"
    UnknownEndpoint("sumarize", [ "embed"; "summarize" ], 4),
    4,
    "`endpoint \"sumarize\"` names no endpoint of this service, which has \"embed\", \"summarize\"; did you mean \"summarize\"?"
    UnknownEndpoint("train", [], 4), 4, "`endpoint \"train\"` names no endpoint of this service, which has none"
    UnknownService("tokeniser", [ "api"; "tokenizer" ], 5),
    5,
    "`depends` names the service \"tokeniser\", which is not among \"api\", \"tokenizer\"; did you mean \"tokenizer\"?"
    SameService("embed", [ "/a/One.fs"; "/a/Two.fs" ], 6),
    6,
    "the service name \"embed\" is used again, in One.fs and Two.fs; names are unique among services that run together"
    SameService("embed", [ "/a/One.fs"; "/a/One.fs" ], 6),
    6,
    "the service name \"embed\" is used again, in One.fs; names are unique among services that run together"
    Cycle([ "a"; "b"; "a" ], 7),
    7,
    "the services depend on each other in a circle, a -> b -> a; take one `depends` away"
    MissingGpus(2, 1, "1 GPU is seen", 7),
    7,
    "`gpu 2` cannot be had here: 1 GPU is seen; mend that (`bento doctor` tells more, `dotnet fsi build.fsx natives --gpu` brings the CUDA provider), or write `fallback Cpu` beside it to run on the processor"
    NotHosted("`stream`", 8),
    8,
    "`stream` is understood, but this version of Bento cannot host it yet; take it away to start"
    UnknownKey([ "server"; "prot" ], [ "host"; "port" ], 4),
    4,
    "`server.prot` is not a key; in its place stand \"host\", \"port\"; did you mean \"port\"?"
    OfMember("`Two`", "takes `text` by reference; take it by value", 4),
    4,
    "`Two` takes `text` by reference; take it by value"
    Misconfigured("the file is not YAML", 3), 3, "the file is not YAML"
]

[<Fact>]
let ``every problem has its sentence`` () =
    for problem, _, sentence in golden do
        Assert.Equal(sentence, Problem.describe problem)

[<Fact>]
let ``a problem is shown at the last of its lines`` () =
    for problem, line, _ in golden do
        Assert.Equal(line, Problem.line problem)

[<Fact>]
let ``every case of the union is in the table above`` () =
    let cases =
        golden
        |> List.map (fun (problem, _, _) ->
            (Reflection.FSharpValue.GetUnionFields(problem, typeof<Problem>) |> fst).Name)
        |> List.distinct

    Assert.Equal(Reflection.FSharpType.GetUnionCases typeof<Problem> |> Array.length, cases.Length)

/// What stands in the place of a name that is not known.
let private suggestion name known =
    let sentence = Problem.describe (UnknownEndpoint(name, known, 1))

    match sentence.IndexOf "; did you mean " with
    | -1 -> None
    | start -> Some(sentence.Substring(start + 16).TrimEnd('?', '"'))

[<Theory>]
[<InlineData("summarise", "summarize")>]
[<InlineData("Summarize", "summarize")>]
[<InlineData("sumarise", "summarize")>]
[<InlineData("embd", "embed")>]
[<InlineData("embedd", "embed")>]
[<InlineData("emebd", "embed")>]
let ``a name that is nearly right gets a suggestion`` (name: string, meant: string) =
    Assert.Equal(Some meant, suggestion name [ "summarize"; "embed" ])

[<Theory>]
[<InlineData "train">]
[<InlineData "">]
[<InlineData "summary-of-a-book">]
let ``a name that is far from all gets none`` (name: string) =
    Assert.Equal(None, suggestion name [ "summarize"; "embed" ])

[<Fact>]
let ``the nearest of several is suggested`` () =
    Assert.Equal(
        Some "embed2",
        suggestion "embed3x" [ "embed-all"; "embed2" ]
        |> Option.orElse (suggestion "embed3" [ "embed-all"; "embed2" ])
    )
