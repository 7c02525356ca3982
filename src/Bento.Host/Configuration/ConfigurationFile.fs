namespace Bento

open System
open System.IO
open System.Text
open YamlDotNet.Core
open YamlDotNet.Core.Events

/// A YAML file as keys and texts. Only maps and plain values are taken: nothing in a file can name a type, stand for
/// something else or grow while it is read.
[<RequireQualifiedAccess>]
module internal ConfigurationFile =

    /// No settings are larger, and the parser gets through any that are not: its time grows with the square of the depth.
    let private largest = 1 <<< 16
    let private deepest = 16

    /// More problems than that help nobody.
    let private mostProblems = 100

    let private lineOf (event: ParsingEvent) = int event.Start.Line

    let private isNothing (scalar: Scalar) =
        scalar.Style = ScalarStyle.Plain
        && (scalar.Value = "" || scalar.Value = "~" || scalar.Value = "null")

    /// One walk through the events of a file.
    [<Sealed>]
    type private Walk(path: string, parser: IParser) =
        let entries = ResizeArray<ConfigurationEntry>()
        let problems = ResizeArray<string * Problem>()

        let complain line reason =
            if problems.Count < mostProblems then
                problems.Add(path, Misconfigured(reason, line))

        let refuse line key reason =
            let key = String.Join('.', List.rev key)

            complain
                line
                (if key = "" then
                     $"the file {reason}"
                 else
                     $"`{key}` {reason}")

        let current () =
            match parser.Current with
            | null -> raise (YamlException "it ends too early.")
            | event -> event

        let next () = parser.MoveNext() |> ignore

        /// An anchor or a tag is of no use where nothing may refer to it.
        let judge key (node: NodeEvent) =
            if not node.Anchor.IsEmpty then
                refuse (lineOf node) key "has an anchor, &, which is not taken; write the value out"

            if not node.Tag.IsEmpty then
                refuse (lineOf node) key "has a tag, !, which is not taken; write the plain value"

        let add key line text =
            entries.Add {
                Key = List.rev key
                Text = text
                Source = ValueSource.File(path, line)
            }

        let rec value (key: string list) =
            match current () with
            | :? MappingStart as map when key.Length < deepest ->
                judge key map
                next ()
                members key (lineOf map)
            | :? Scalar as scalar ->
                judge key scalar
                add key (lineOf scalar) (if isNothing scalar then "" else scalar.Value)
                next ()
            | :? AnchorAlias as alias ->
                refuse (lineOf alias) key "has an alias, *, which is not taken; write the value out"
                next ()
            | :? MappingStart as map ->
                refuse (lineOf map) key $"is nested more than {deepest} deep, which no key is"
                parser.SkipThisAndNestedEvents()
            | other ->
                refuse (lineOf other) key "is a list, which no key takes; write keys and values"
                parser.SkipThisAndNestedEvents()

        and members key line =
            let mutable seen: Map<string, int> = Map.empty
            let start = entries.Count

            while not (current () :? MappingEnd) do
                match current () with
                | :? Scalar as name ->
                    judge key name
                    let folded = Folding.fold name.Value

                    match seen.TryFind folded with
                    | Some first ->
                        refuse (lineOf name) (name.Value :: key) $"is given again, first on line {first}; keep one"
                    | None -> seen <- seen.Add(folded, lineOf name)

                    next ()
                    value (name.Value :: key)
                | other ->
                    refuse (lineOf other) key "has a key that is not plain text"
                    parser.SkipThisAndNestedEvents()
                    parser.SkipThisAndNestedEvents()

            next ()

            if entries.Count = start && not key.IsEmpty then
                add key line ""

        member _.Run() =
            try
                parser.Consume<StreamStart>() |> ignore
                let document = ref Unchecked.defaultof<DocumentStart>

                if parser.TryConsume<DocumentStart>(document) then
                    match current () with
                    | :? MappingStart -> value []
                    | :? Scalar as scalar when isNothing scalar -> next ()
                    | other ->
                        refuse (lineOf other) [] "should have `server:` and `services:` at its top"
                        parser.SkipThisAndNestedEvents()

                    parser.Consume<DocumentEnd>() |> ignore

                match current () with
                | :? DocumentStart as second -> refuse (lineOf second) [] "holds several documents; keep one"
                | _ -> ()
            with
            | :? YamlException as problem ->
                complain (int problem.Start.Line) $"the file is not YAML: {problem.Message}"
            // The parser's own slips, which only what is not YAML brings about.
            | :? InvalidOperationException
            | :? ArgumentException as problem -> complain 0 $"the file is not YAML: {problem.Message}"

            List.ofSeq entries, List.ofSeq problems

    let private text (path: string) : Result<string, string> =
        try
            use stream = File.OpenRead path
            let buffer = Array.zeroCreate (largest + 1)

            let count =
                stream.ReadAtLeast(buffer.AsSpan(), buffer.Length, throwOnEndOfStream = false)

            if count > largest then
                Error $"the file is larger than {Bytes(int64 largest)}, which no settings are"
            else
                use reader =
                    new StreamReader(
                        new MemoryStream(buffer, 0, count),
                        UTF8Encoding(encoderShouldEmitUTF8Identifier = false, throwOnInvalidBytes = true)
                    )

                Ok(reader.ReadToEnd())
        with
        | :? FileNotFoundException
        | :? DirectoryNotFoundException -> Error $"there is no file {path}"
        | :? DecoderFallbackException -> Error "the file is not text in UTF-8"
        | :? IOException
        | :? ArgumentException
        | :? UnauthorizedAccessException as problem -> Error $"the file {path} cannot be read: {problem.Message}"

    /// What a file gives, and everything in it that cannot be taken.
    let read (path: string) : ConfigurationEntry list * (string * Problem) list =
        match text path with
        | Error reason -> [], [ path, Misconfigured(reason, 0) ]
        | Ok text -> Walk(path, Parser(new StringReader(text))).Run()
