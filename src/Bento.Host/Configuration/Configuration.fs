namespace Bento

open System
open System.Collections
open System.IO

/// What files, variables and flags say, each over the ones before it. Nothing is judged before it is applied.
[<NoComparison; NoEquality; StructuredFormatDisplay("{Summary}")>]
type Configuration = internal {
    Entries: ConfigurationEntry list
    Problems: (string * Problem) list
} with

    member private this.Summary = $"(configuration of {this.Entries.Length} values)"

    /// How many values there are, and none of them: some are secret.
    override this.ToString() = this.Summary

/// Services and a server that are as their configuration says.
[<NoComparison; NoEquality>]
type Configured = {
    /// Each definition with its settings replaced, so that whoever reads its card need not know of any configuration.
    Definitions: Definition list
    /// The options of the server.
    Options: ServeOptions
    /// Every key there is for these services, with its value and what gave it.
    Values: ConfigurationValue list
}

/// From text to settings: what is said outside of a service about it and about its server.
[<RequireQualifiedAccess>]
module Configuration =

    /// The name of the file that is looked for beside a service.
    [<Literal>]
    let FileName = "bento.settings.yaml"

    /// Nothing is said.
    let empty = { Entries = []; Problems = [] }

    let private add (entries, problems) (configuration: Configuration) = {
        Entries = configuration.Entries @ entries
        Problems = configuration.Problems @ problems
    }

    /// Adds what a YAML file says. The file must be there.
    let withFile (path: string) configuration =
        add (ConfigurationFile.read (Path.GetFullPath path)) configuration

    /// Adds what the `bento.settings.yaml` of a folder says, where there is one.
    let withFolder (folder: string) configuration =
        let path = Path.Combine(folder, FileName)

        if File.Exists path then
            withFile path configuration
        else
            configuration

    /// Adds what variables say, such as BENTO__SERVER__PORT; the others are passed over.
    let withVariables (variables: (string * string) list) configuration =
        add (ConfigurationVariables.read variables) configuration

    /// Adds what the variables of this process say.
    let withEnvironment configuration =
        let variables = [
            for variable in Environment.GetEnvironmentVariables() |> Seq.cast<DictionaryEntry> do
                string variable.Key, string variable.Value
        ]

        withVariables variables configuration

    /// Adds what one flag of a command line says about a key such as "server.port".
    let withFlag (name: string) (key: string) (text: string) configuration =
        let entry = {
            Key = key.Split '.' |> List.ofArray
            Text = text
            Source = ValueSource.Flag name
        }

        add ([ entry ], []) configuration

    /// Configures services that run on one server: replaces their settings and the server's options by what is said.
    /// Raises `InvalidServiceException` with everything that cannot be, each with the line or the variable it is in.
    let apply (configuration: Configuration) (options: ServeOptions) (definitions: Definition list) : Configured =
        let places = ConfigurationPlaces.all definitions

        let verdicts =
            configuration.Entries
            |> List.filter (ConfigurationJudgement.isJudgeable definitions)
            |> List.map (ConfigurationJudgement.judge places)

        let winners =
            verdicts
            |> List.collect (fun verdict -> Result.defaultValue [] verdict)
            |> ConfigurationJudgement.winners

        let configured = definitions |> List.map (ConfigurationJudgement.configure winners)

        let options =
            winners
            |> List.fold
                (fun options judged ->
                    match judged.Change with
                    | OptionsChange change -> change options
                    | SettingChange _ -> options)
                options

        let problems = [
            yield! configuration.Problems

            for verdict in verdicts do
                match verdict with
                | Ok _ -> ()
                | Error problems -> yield! problems

            yield! ConfigurationJudgement.missingCertificate options winners
            yield!
                List.map2 (ConfigurationJudgement.together winners) definitions configured
                |> List.concat
        ]

        match problems with
        | [] -> {
            Definitions = configured
            Options = options
            Values = ConfigurationTruth.values places winners (List.zip definitions configured) options
          }
        | problems ->
            let names = definitions |> List.map _.Name |> String.concat ", "
            raise (InvalidServiceException(names, problems))

    /// Whether a value can be by itself, or else what is wanted. Names of services and endpoints in the key are written `<service>` and
    /// `<endpoint>`, since one value is as good for each. Raises `ArgumentException` for a key that is not there.
    let judge (key: string) (text: string) : Result<unit, string> =
        let words = key.Split '.' |> List.ofArray

        match ConfigurationKeys.all |> List.tryFind (fun known -> known.Words = words) with
        | None -> invalidArg (nameof key) $"There is no key \"{key}\"."
        | Some known ->
            let place = {
                Key = known
                Words = words
                Definition = None
                Endpoint = None
            }

            let entry = {
                Key = words
                Text = text
                Source = ValueSource.Default
            }

            match ConfigurationJudgement.judgeAt place entry with
            | Ok _ -> Ok()
            | Error problems ->
                problems
                |> List.map (fun (_, problem) ->
                    match problem with
                    | BadValue(_, _, wanted, _) -> wanted
                    | other -> Problem.describe other)
                |> String.concat "; "
                |> Error
