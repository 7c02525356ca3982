namespace Bento.Cli

open System
open System.CommandLine
open System.Net
open System.Net.Http
open System.Text.Json
open System.Threading
open System.Threading.Tasks

/// `bento call`: one request to a service that runs somewhere, its values typed by the service's own schema.
[<RequireQualifiedAccess>]
module internal CallCommand =

    let private url =
        Argument<string>("URL", Description = "An endpoint, as in http://127.0.0.1:3000/summarize.")

    let private values =
        Argument<string[]>(
            "VALUES",
            Description =
                "Each field as name=value, name=@path for a file, or name:=json; for an endpoint that takes one value, the value. The path - is standard input.",
            Arity = ArgumentArity.ZeroOrMore
        )

    let private headers =
        Option<string[]>(
            "--header",
            "-H",
            Description = "A header of the request, as in \"Authorization: Bearer abc\"; may be given several times.",
            Arity = ArgumentArity.OneOrMore
        )

    let private timeout =
        Option<float>(
            "--timeout",
            Description = "How many seconds to wait for the answer, and from each piece of it to the next.",
            DefaultValueFactory = fun _ -> 100.
        )

    timeout.Validators.Add(fun result ->
        let given = result.GetValueOrDefault<float>()

        if not (given > 0. && given <= 86400.) then
            result.AddError $"--timeout {given}: wanted seconds, above 0 and up to 86400.")

    let private output =
        Option<string>("--output", "-o", Description = "A file for the answer's body; standard output otherwise.")

    let private addHeader (request: HttpRequestMessage) (given: string) =
        match given.IndexOf ':' with
        | colon when
            colon > 0
            && request.Headers.TryAddWithoutValidation(
                given.Substring(0, colon).Trim(),
                given.Substring(colon + 1).Trim()
            )
            ->
            ()
        | _ -> raise (CliException $"\"{given}\" is no header of a request; wanted \"Name: value\".")

    // -- the way to the endpoint ---------------------------------------------------------------------

    let private parse (given: string) : Uri =
        match Uri.TryCreate(given, UriKind.Absolute) with
        | true, (NonNull address) when address.Scheme = Uri.UriSchemeHttp || address.Scheme = Uri.UriSchemeHttps ->
            address
        | _ ->
            raise (
                CliException
                    $"\"{given}\" is not where an endpoint is; wanted a URL, as in http://127.0.0.1:3000/summarize"
            )

    /// The places where the service's root may be, from the endpoint's folder up, and the rest of the path from there.
    let private roots (address: Uri) : (string * string) list =
        let path = address.AbsolutePath.TrimEnd '/'

        [
            for index in path.Length - 1 .. -1 .. 0 do
                if path[index] = '/' then
                    path.Substring(0, index), path.Substring index
        ]

    /// What a server says to who asks for its schema.
    type private Schema =
        | Found of CallRoute list
        | Elsewhere of string
        | Missing

    let private parsed (body: string) =
        try
            use document = JsonDocument.Parse body

            match CallSchema.routes document.RootElement with
            | Some routes -> Found routes
            | None -> Missing
        with :? JsonException ->
            Missing

    let private schemaAt (client: HttpClient) headers (address: Uri) (root: string) (cancellation: CancellationToken) =
        task {
            use request =
                new HttpRequestMessage(HttpMethod.Get, Uri(address, root + "/schema.json"))

            headers |> Array.iter (addHeader request)

            use! answer =
                client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)

            if answer.IsSuccessStatusCode then
                // No schema is larger than what is kept; what is, is none.
                let! body = CallAnswer.tryTextOf answer cancellation
                return body |> Option.map parsed |> Option.defaultValue Missing
            else
                return
                    CallAnswer.placeElsewhere answer
                    |> Option.map Elsewhere
                    |> Option.defaultValue Missing
        }

    /// Where a route is. What a server says of itself sends nobody, and no header of theirs, to another one.
    let placeOf (address: Uri) (root: string) (route: CallRoute) : Uri =
        let leaves () =
            raise (
                CliException $"The schema has \"{route.Name}\" at {route.Route}, which is not on {address.Authority}."
            )

        match Uri.TryCreate(address, root + route.Route) with
        | true, NonNull place when place.GetLeftPart UriPartial.Authority = address.GetLeftPart UriPartial.Authority ->
            UriBuilder(place, Query = address.Query).Uri
        | _ -> leaves ()

    let private routeOf client headers (address: Uri) cancellation : Task<CallRoute * Uri> = task {
        let mutable found = None
        let mutable elsewhere = None
        let mutable rest = roots address

        while Option.isNone found && not rest.IsEmpty do
            let root, path = rest.Head
            rest <- rest.Tail

            match! schemaAt client headers address root cancellation with
            | Found routes -> found <- Some(root, CallSchema.find path routes)
            | Elsewhere place -> elsewhere <- Option.orElse (Some place) elsewhere
            | Missing -> ()

        match found with
        | Some(root, Ok route) -> return route, placeOf address root route
        | Some(_, Error message) -> return raise (CliException message)
        | None ->
            let server = address.GetLeftPart UriPartial.Authority

            let way =
                match elsewhere with
                | Some place -> $" It sends on to {place}, where nothing was sent."
                | None -> ""

            return
                raise (
                    CliException
                        $"{server} has no /schema.json on the way to {address.AbsolutePath}; is a service there?{way}"
                )
    }

    // -- the call ------------------------------------------------------------------------------------

    let private destination (file: string | null) =
        match file with
        | null -> CallAnswer.Terminal(not Console.IsOutputRedirected)
        | path -> CallAnswer.File path

    let private send (client: HttpClient) (arguments: ParseResult) (patience: Patience) : Task<int> = task {
        let cancellation = patience.Token
        let headers = arguments.GetValue headers |> Option.ofObj |> Option.defaultValue [||]

        let! route, address =
            routeOf client headers (parse (arguments.GetRequiredValue url)) cancellation

        let given = arguments.GetValue values |> Option.ofObj |> Option.defaultValue [||]
        let sending = CallArguments.read route (List.ofArray given)

        use request =
            new HttpRequestMessage(HttpMethod.Post, address, Content = CallRequest.content route sending)

        headers |> Array.iter (addHeader request)

        use! answer =
            client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation)

        if answer.IsSuccessStatusCode then
            do! CallAnswer.show (destination (arguments.GetValue output)) { Answer = answer; Patience = patience }

            return 0
        else
            let! body = CallAnswer.textOf answer cancellation
            let told = CallAnswer.describe (int answer.StatusCode) body

            match CallAnswer.placeElsewhere answer with
            | Some place -> return raise (CliException $"{told}\n  It sends on to {place}, where nothing was sent.")
            | None -> return raise (CliException told)
    }

    /// Whether nobody was there to answer, or none who could be trusted.
    let private isUnreached (problem: HttpRequestException) =
        match problem.HttpRequestError with
        | HttpRequestError.NameResolutionError
        | HttpRequestError.ConnectionError
        | HttpRequestError.SecureConnectionError
        | HttpRequestError.ProxyTunnelError -> true
        | _ -> false

    let private run (arguments: ParseResult) (cancellation: CancellationToken) : Task<int> = task {
        let seconds = arguments.GetRequiredValue timeout
        use patience = new Patience(seconds, cancellation)

        use client =
            new HttpClient(
                // Where a server sends on to, the values and headers would go too.
                new SocketsHttpHandler(AutomaticDecompression = DecompressionMethods.All, AllowAutoRedirect = false),
                Timeout = Timeout.InfiniteTimeSpan
            )

        let given = arguments.GetRequiredValue url

        try
            return! send client arguments patience
        with
        | :? OperationCanceledException when not cancellation.IsCancellationRequested ->
            return
                raise (CliException $"{given} gave no answer within {seconds} s; wait longer with --timeout SECONDS.")
        | :? HttpRequestException as problem when isUnreached problem ->
            return raise (CliException $"{given} cannot be reached: {problem.Message}")
        | :? HttpRequestException as problem ->
            return raise (CliException $"{given} broke its answer off: {CallAnswer.innermost problem}")
    }

    let command =
        let command = Command("call", "Calls an endpoint of a service that runs.")
        command.Arguments.Add url
        command.Arguments.Add values
        command.Options.Add headers
        command.Options.Add timeout
        command.Options.Add output
        command.SetAction(run)
        command
