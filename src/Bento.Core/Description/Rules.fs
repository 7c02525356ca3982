namespace Bento

open System
open System.Globalization

/// What the parts of a draft must keep, each rule with the problems of what breaks it.
[<RequireQualifiedAccess>]
module internal Rules =

    // -- one part by itself --------------------------------------------------------------------------

    // A script without nullness checks can bring null here, and a definition never throws: hence IsNullOrEmpty.

    let name what (name: string) line = [
        let usable =
            not (String.IsNullOrEmpty name)
            && Char.IsAsciiLetter name[0]
            && name |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || c = '-' || c = '_')

        if not usable then
            BadName(what, name, line)
    ]

    let private atLeast least what number =
        if number >= least then Ok() else Error $"{what} or more"

    let private aboveZero (span: TimeSpan) =
        if span > TimeSpan.Zero then
            Ok()
        else
            Error "a span above zero, as in (seconds 10)"

    let private zeroOrMore (span: TimeSpan) =
        if span >= TimeSpan.Zero then
            Ok()
        else
            Error "a span of zero or more, as in (milliseconds 5)"

    let gpus (amount: Amount) =
        match Int32.TryParse(amount.Text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, count -> Ok count
        | _ -> Error "a whole number of GPUs, zero or more"

    let private isPath (route: string) =
        let plain =
            not (String.IsNullOrEmpty route)
            && route |> Seq.forall (fun c -> Char.IsAsciiLetterOrDigit c || "/-_.~".Contains c)

        // A client takes "." and ".." out of a path before it asks.
        plain
        && route.StartsWith '/'
        && route.Length > 1
        && not (route.Contains "//")
        && route.Split '/'
           |> Array.forall (fun segment -> segment <> "." && segment <> "..")

    let private route text =
        if isPath text then
            Ok()
        else
            Error
                "a path that begins with '/' and has letters, digits, '-', '_', '.', '~' and '/', as in \"/v1/summarize\""

    let setting (given: GivenSetting) = [
        let shown, verdict =
            match given.Setting with
            | Setting.Cpu amount -> string amount, Cores.parse amount.Text |> Result.map ignore
            | Setting.Memory amount
            | Setting.BodyLimit amount -> string amount, Memory.parse amount.Text |> Result.map ignore
            | Setting.Gpu amount -> string amount, gpus amount |> Result.map ignore
            | Setting.Workers count
            | Setting.Threads count
            | Setting.Concurrency count
            | Setting.MaxBatch count
            | Setting.InFlight count -> string count, atLeast 1 "one" count
            | Setting.Queue count -> string count, atLeast 0 "zero" count
            | Setting.Timeout span
            | Setting.Idle span
            | Setting.Heartbeat span -> $"({span})", aboveZero span
            | Setting.MaxDelay span -> $"({span})", zeroOrMore span
            | Setting.Route text -> $"\"{text}\"", route text
            | Setting.Retry _
            | Setting.Warmup _
            | Setting.Fallback _
            | Setting.Name _
            | Setting.Description _
            | Setting.Version _
            | Setting.Label _
            | Setting.Model _
            | Setting.Naming _
            | Setting.Strict
            | Setting.Codec _
            | Setting.Block _ -> "", Ok()

        match verdict with
        | Ok() -> ()
        | Error wanted -> BadValue(Setting.word given.Setting, shown, wanted, given.Line)
    ]

    // -- the parts beside each other -----------------------------------------------------------------

    let repeated (settings: GivenSetting list) = [
        for (_, word), same in
            settings
            |> List.groupBy (fun given -> given.Endpoint, Setting.word given.Setting) do
            // An endpoint may be warmed with several inputs.
            if same.Length > 1 && not same.Head.Setting.IsWarmup then
                Repeated(word, same |> List.map _.Line)
    ]

    let fallbackWithoutGpu (settings: GivenSetting list) = [
        if not (settings |> List.exists _.Setting.IsGpu) then
            for given in settings do
                match given.Setting with
                | Setting.Fallback fallback ->
                    BadValue(
                        "fallback",
                        string fallback,
                        "`gpu` beside it, as in: resources { gpu 1; fallback Cpu }",
                        given.Line
                    )
                | _ -> ()
    ]

    let unknownEndpoints (endpoints: Placed<Endpoint<'State>> list) (settings: GivenSetting list) = [
        let known = endpoints |> List.map _.Part.Name

        for given in settings do
            match given.Endpoint, given.Setting with
            | Some name, Setting.Block _ when not (List.contains name known) -> UnknownEndpoint(name, known, given.Line)
            | _ -> ()
    ]

    /// What is said of batches, about an endpoint that answers one request at a time.
    let batchWithoutBatched (endpoints: Placed<Endpoint<'State>> list) (settings: GivenSetting list) = [
        let alone =
            endpoints
            |> List.filter (fun placed -> not placed.Part.IsBatched)
            |> List.map (fun placed -> Some placed.Part.Name)

        for given in settings do
            if List.contains given.Endpoint alone then
                let wanted =
                    "an endpoint whose handler is `batched`, as in: api \"classify\" (batched classify)"

                let word = Setting.word given.Setting

                match given.Setting with
                | Setting.MaxBatch count
                | Setting.InFlight count -> BadValue(word, string count, wanted, given.Line)
                | Setting.MaxDelay span -> BadValue(word, $"({span})", wanted, given.Line)
                | Setting.Retry retry -> BadValue(word, (string retry).ToLowerInvariant(), wanted, given.Line)
                | _ -> ()
    ]

    /// Inputs that the endpoint which they warm does not take, or that warm what does not answer at once.
    let warmups (endpoints: Placed<Endpoint<'State>> list) (settings: GivenSetting list) = [
        for given in settings do
            for placed in endpoints do
                match given.Setting with
                | Setting.Warmup warmup when given.Endpoint = Some placed.Part.Name ->
                    let shown = $"({TypeName.ofType warmup.Type})"

                    if placed.Part.Kind <> EndpointKind.Api then
                        BadValue("warmup", shown, $"an `api`, which \"{placed.Part.Name}\" is not", given.Line)
                    elif warmup.Type <> placed.Part.Input then
                        BadValue(
                            "warmup",
                            shown,
                            $"what \"{placed.Part.Name}\" takes, {TypeName.ofType placed.Part.Input}",
                            given.Line
                        )
                | _ -> ()
    ]

    let sameNames (endpoints: Placed<Endpoint<'State>> list) = [
        for name, same in endpoints |> List.groupBy _.Part.Name do
            if same.Length > 1 then
                SameName(name, same |> List.map _.Line)
    ]

    /// A socket is asked for with GET, as what a host itself answers is.
    let socketsOnSystemRoutes (routeOf: string -> string) (endpoints: Placed<Endpoint<'State>> list) = [
        for placed in endpoints do
            let route = routeOf placed.Part.Name

            if placed.Part.Kind = EndpointKind.Socket && isPath route then
                let plain = route.TrimEnd('/').ToLowerInvariant()

                if
                    SystemRoutes.all.Contains plain
                    || plain.StartsWith(SystemRoutes.page, StringComparison.Ordinal)
                then
                    BadValue(
                        "route",
                        $"\"{route}\"",
                        $"another path for the socket \"{placed.Part.Name}\", as the host answers GET there",
                        placed.Line
                    )
    ]

    /// Routes that ASP.NET takes for one: it looks at neither case nor a slash at the end.
    let sameRoutes (routeOf: string -> string) (endpoints: Placed<Endpoint<'State>> list) = [
        for _, same in
            endpoints
            |> List.distinctBy _.Part.Name
            |> List.filter (fun placed -> isPath (routeOf placed.Part.Name))
            |> List.groupBy (fun placed -> (routeOf placed.Part.Name).TrimEnd('/').ToLowerInvariant()) do
            if same.Length > 1 then
                SameRoute(routeOf same.Head.Part.Name, same |> List.map _.Part.Name, same |> List.map _.Line)
    ]
