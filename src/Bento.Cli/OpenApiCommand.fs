namespace Bento.Cli

open System
open System.CommandLine
open System.IO
open System.Threading.Tasks
open Bento

/// `bento openapi`: what a service says of itself, without serving it.
[<RequireQualifiedAccess>]
module internal OpenApiCommand =

    let private output =
        Option<string>("--output", "-o", Description = "A file to write; standard output otherwise.")

    let private schema =
        Option<bool>("--schema", Description = "BentoML's schema, as at /schema.json, in place of OpenAPI's document.")

    let private prefix =
        Option<string>(
            "--prefix",
            Description = "The path that the service is served below, as in /v1.",
            DefaultValueFactory = fun _ -> ""
        )

    let private write (file: string | null) (document: string) =
        match file with
        | null -> printfn "%s" document
        | file ->
            try
                File.WriteAllText(file, document + "\n")
            with
            | :? IOException
            | :? UnauthorizedAccessException as problem ->
                raise (CliException $"{file} cannot be written: {problem.Message}")

    let private run (arguments: ParseResult) : Task<int> = task {
        let! definition = TargetArgument.definition arguments

        if arguments.GetRequiredValue schema then
            Documents.schema definition
        else
            Documents.openApi (arguments.GetRequiredValue prefix) definition
        |> write (arguments.GetValue output)

        return 0
    }

    let command =
        let command = Command("openapi", "Writes the OpenAPI 3.1 document of a service.")
        command.Arguments.Add TargetArgument.argument
        command.Options.Add output
        command.Options.Add schema
        command.Options.Add prefix
        command.SetAction(fun arguments -> run arguments)
        command
