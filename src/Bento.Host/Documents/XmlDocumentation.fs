namespace Bento

open System
open System.Collections.Generic
open System.IO
open System.Reflection
open System.Xml
open System.Xml.Linq
open Microsoft.FSharp.Reflection

/// The files of documentation that compilers write beside assemblies.
[<RequireQualifiedAccess>]
module internal XmlDocumentation =

    // -- which assemblies ----------------------------------------------------------------------------

    let private ours = [
        typeof<Definition>.Assembly
        typeof<HttpHandler>.Assembly
        typeof<int list>.Assembly
        typeof<obj>.Assembly
    ]

    /// A handler comes wrapped in functions of Core, which hold what people wrote.
    let rec private assembliesOf depth (handler: objnull) : Assembly list =
        match handler with
        | null -> []
        | _ when depth = 0 -> []
        | handler when List.contains (handler.GetType().Assembly) ours ->
            let anyField =
                BindingFlags.Instance ||| BindingFlags.Public ||| BindingFlags.NonPublic

            [
                for field in handler.GetType().GetFields anyField do
                    if FSharpType.IsFunction field.FieldType then
                        yield! assembliesOf (depth - 1) (field.GetValue handler)
            ]
        | handler -> [ handler.GetType().Assembly ]

    [<Literal>]
    let private wrappings = 8

    let private ofHandler (handler: Handler<'Context, 'In, 'Out>) =
        match handler with
        | Synchronous handle -> assembliesOf wrappings handle
        | Asynchronous handle -> assembliesOf wrappings handle

    let private ofHandlers (hosted: Hosted) : Assembly list =
        hosted.Accept
            {
                new HostedVisitor<Assembly list> with
                    member _.Visit service =
                        let visitor = {
                            new EndpointVisitor<_, Assembly list> with
                                member _.Api handler = ofHandler handler

                                member _.Batched handler =
                                    handler.Accept
                                        {
                                            new BatchVisitor<_, _, _, Assembly list> with
                                                member _.Visit plan = ofHandler plan.Handler
                                        }

                                member _.Stream handle = assembliesOf wrappings handle
                                member _.Job handle = assembliesOf wrappings handle
                                member _.Socket handle = assembliesOf wrappings handle
                        }

                        service.Endpoints |> List.collect (fun (_, endpoint) -> endpoint.Accept visitor)
            }

    let private ofTypes (card: ServiceCard) : Assembly list = [
        for endpoint in card.Endpoints do
            let given =
                match endpoint.Method with
                | Some given -> given.Inputs |> List.map _.ParameterType
                | None -> []

            for kind in endpoint.Input.Type :: endpoint.Output.Type :: given do
                yield! Documentation.typesWithin kind |> List.map _.Assembly

            match endpoint.Method with
            | Some given -> given.Method.Module.Assembly
            | None -> ()
    ]

    // -- what a file says ----------------------------------------------------------------------------

    let private attribute name (element: XElement) =
        match element.Attribute(XName.Get name) with
        | null -> None
        | value -> Some value.Value

    /// What an element refers to, in its last word: "Order" of "T:Shop.Order".
    let private referred (element: XElement) =
        [ "cref"; "name"; "langword" ]
        |> List.tryPick (fun name -> attribute name element)
        |> Option.map (fun id -> id.Substring(id.LastIndexOfAny [| '.'; ':' |] + 1))
        |> Option.defaultValue ""

    let rec private words (node: XNode) =
        match node with
        | :? XText as text -> text.Value
        | :? XElement as element when element.IsEmpty -> referred element
        | :? XElement as element -> element.Nodes() |> Seq.map words |> String.Concat
        | _ -> ""

    let private tidy (text: string) =
        text.Split([| ' '; '\t'; '\r'; '\n' |], StringSplitOptions.RemoveEmptyEntries)
        |> String.concat " "

    let private entries (node: XElement) = [
        let id = attribute "name" node |> Option.defaultValue ""

        match node.Element(XName.Get "summary") with
        | null -> ()
        | summary -> id, tidy (words summary)

        for parameter in node.Elements(XName.Get "param") do
            match attribute "name" parameter with
            // The parameters of a C# record are its properties.
            | Some name when id.StartsWith("T:", StringComparison.Ordinal) ->
                $"P:{id.Substring 2}.{name}", tidy (words parameter)
            | Some name -> Documentation.ofParameter id name, tidy (words parameter)
            | None -> ()
    ]

    let private examples (node: XElement) =
        match attribute "name" node, node.Element(XName.Get "example") with
        | None, _
        | _, null -> []
        | Some id, example -> [ id, (words example).Trim() ]

    let private read (entries: XElement -> (string * string) list) (assembly: Assembly) =
        let file = Path.ChangeExtension(assembly.Location, ".xml") |> string

        if assembly.IsDynamic || assembly.Location = "" || not (File.Exists file) then
            []
        else
            try
                use reader =
                    XmlReader.Create(file, XmlReaderSettings(DtdProcessing = DtdProcessing.Prohibit))

                XDocument.Load(reader).Descendants(XName.Get "member")
                |> Seq.collect entries
                |> List.ofSeq
            with
            // It only ornaments documents: a service without it serves as well.
            | :? XmlException
            | :? IOException
            | :? UnauthorizedAccessException -> []

    /// What the assemblies of a service's types and handlers have beside them.
    let ofService (hosted: Hosted) : Documentation =
        let assemblies = List.distinct (ofTypes hosted.Card @ ofHandlers hosted)

        let gather entries =
            let found = Dictionary<string, string>()

            for id, words in List.collect (read entries) assemblies do
                found.TryAdd(id, words) |> ignore

            found

        {
            Members = gather entries
            Examples = gather examples
        }
