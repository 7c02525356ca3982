namespace Bento.Cli

open System.CommandLine
open System.IO
open System.Threading.Tasks

/// `bento new`: a service to begin with.
[<RequireQualifiedAccess>]
module internal NewCommand =

    let private kind =
        let words = Start.kinds |> List.map fst
        let listed = String.concat ", " words

        let argument =
            Argument<string>("KIND", Description = $"What to begin with: {listed}.", HelpName = String.concat "|" words)

        argument.AcceptOnlyFromAmong(Array.ofList words)

    let private name =
        Argument<string>(
            "NAME",
            Description = "The name of the service, and of the script or the project's folder in the current folder."
        )

    name.Validators.Add(fun result ->
        match Start.judge (result.GetRequiredValue name) with
        | Ok _ -> ()
        | Error sentence -> result.AddError sentence)

    let private wayOn kind created =
        match kind with
        | StartKind.Script -> $"dotnet fsi {created}"
        | StartKind.FSharp
        | StartKind.CSharp -> $"dotnet run --project {created}"

    let private create (arguments: ParseResult) : Task<int> = task {
        let _, kind =
            Start.kinds
            |> List.find (fun (word, _) -> word = arguments.GetRequiredValue kind)

        let created =
            Start.write (Directory.GetCurrentDirectory()) kind (arguments.GetRequiredValue name)

        printfn "%s is there. To serve it: %s" created (wayOn kind created)
        return 0
    }

    let command =
        let command = Command("new", "Makes a service to begin with, which runs as it is.")
        command.Arguments.Add kind
        command.Arguments.Add name
        command.SetAction(fun arguments -> create arguments)
        command
