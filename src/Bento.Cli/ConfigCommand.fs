namespace Bento.Cli

open System
open System.CommandLine
open System.Text.Encodings.Web
open System.Text.Json
open System.Threading.Tasks
open Bento

/// `bento config`: every key of a service and its server, what it is, and what made it so.
[<RequireQualifiedAccess>]
module internal ConfigCommand =

    /// What stands where there is no value.
    let private nothing = "-"

    /// The values as columns for a person.
    let table (values: ConfigurationValue list) : string =
        let rows = [
            "KEY", "VALUE", "FROM"

            for value in values do
                value.Key, value.Value |> Option.defaultValue nothing, string value.Source
        ]

        let widthOf column =
            rows |> List.map (column >> String.length) |> List.max

        let first = widthOf (fun (key, _, _) -> key)
        let second = widthOf (fun (_, value, _) -> value)

        rows
        |> List.map (fun (key, value, source) -> $"{key.PadRight first}  {value.PadRight second}  {source}")
        |> String.concat "\n"

    let private writeSource (writer: Utf8JsonWriter) (source: ValueSource) =
        let place (kind: string) (name: string) (line: int option) =
            writer.WriteStartObject "source"
            writer.WriteString("kind", kind)
            writer.WriteString("name", name)
            line |> Option.iter (fun line -> writer.WriteNumber("line", line))
            writer.WriteEndObject()

        match source with
        | ValueSource.Default ->
            writer.WriteStartObject "source"
            writer.WriteString("kind", "default")
            writer.WriteEndObject()
        | ValueSource.Definition(file, line) -> place "definition" file (Some line)
        | ValueSource.File(path, line) -> place "file" path (Some line)
        | ValueSource.Variable name -> place "variable" name None
        | ValueSource.Flag name -> place "flag" name None

    /// The values as JSON for a program.
    let json (values: ConfigurationValue list) : string =
        use buffer = new IO.MemoryStream()

        let writing =
            JsonWriterOptions(Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping)

        do
            use writer = new Utf8JsonWriter(buffer, writing)
            writer.WriteStartObject()
            writer.WriteStartArray "values"

            for value in values do
                writer.WriteStartObject()
                writer.WriteString("key", value.Key)
                writer.WriteString("value", value.Value |> Option.toObj)
                writeSource writer value.Source
                writer.WriteEndObject()

            writer.WriteEndArray()
            writer.WriteEndObject()

        Text.Encoding.UTF8.GetString(buffer.ToArray())

    let private asJson =
        Option<bool>("--json", Description = "Prints JSON for a program.", DefaultValueFactory = fun _ -> false)

    let private print (arguments: ParseResult) : Task<int> = task {
        let! target = ConfiguredTarget.load arguments
        let write = if arguments.GetRequiredValue asJson then json else table
        printfn "%s" (write target.Values)
        return 0
    }

    let command =
        let command =
            Command("config", "Prints every setting of a service and its server, and where each comes from.")

        ConfiguredTarget.add command
        command.Options.Add asJson
        command.SetAction(fun arguments -> print arguments)
        command
