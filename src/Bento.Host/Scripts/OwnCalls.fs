namespace Bento

open System
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Net.Mime
open System.Text.Json
open System.Threading
open System.Threading.Tasks

/// A server asked by the process that it is in, at its own address: every limit and every figure is as for any caller.
[<RequireQualifiedAccess>]
module internal OwnCalls =

    let private lines = "application/x-ndjson"

    /// The certificate of one's own server may be in anybody's name.
    let private client =
        lazy
            (let handler = new SocketsHttpHandler(UseProxy = false)
             handler.SslOptions.RemoteCertificateValidationCallback <- fun _ _ _ _ -> true
             new HttpClient(handler, Timeout = Timeout.InfiniteTimeSpan))

    /// An address that listens everywhere is no address to go to.
    let private here (address: string) =
        let place = UriBuilder address

        match IPAddress.TryParse(place.Host.Trim('[', ']')) with
        | true, NonNull found when found.Equals IPAddress.Any -> place.Host <- string IPAddress.Loopback
        | true, NonNull found when found.Equals IPAddress.IPv6Any -> place.Host <- $"[{IPAddress.IPv6Loopback}]"
        | _ -> ()

        place.Uri

    let private kindOf (card: EndpointCard) =
        match card.Kind with
        | EndpointKind.Api
        | EndpointKind.Job -> MediaTypeNames.Application.Json
        | EndpointKind.Stream -> lines
        | EndpointKind.Socket ->
            invalidOp $"\"{card.Name}\" is a socket; talk with it through a System.Net.WebSockets.ClientWebSocket."

    let private fault (fault: JsonElement) =
        let steps = [ for step in (fault.GetProperty "loc").EnumerateArray() -> string step ]
        let place = String.concat "." ("body" :: steps)
        let text = string (fault.GetProperty "msg")
        $"\n  {place}: {text}"

    /// What a problem says, with the faults of the body that it tells.
    let private refusal (status: int) (problem: string) =
        use document = JsonDocument.Parse problem
        let detail = string (document.RootElement.GetProperty "detail")

        let faults =
            match document.RootElement.TryGetProperty "errors" with
            | true, faults -> [ for each in faults.EnumerateArray() -> fault each ]
            | _ -> []

        BentoException(status, detail + String.concat "" faults)

    /// The answer of an endpoint as JSON; that of a stream is a list of its items.
    let ask (address: string) (prefix: string) (card: EndpointCard) (json: byte[]) : Task<string> = task {
        let kind = kindOf card
        let content = new ByteArrayContent(json)
        content.Headers.ContentType <- MediaTypeHeaderValue MediaTypeNames.Application.Json

        use request =
            new HttpRequestMessage(HttpMethod.Post, Uri(here address, prefix + card.Route), Content = content)

        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue kind)
        use! answer = client.Value.SendAsync request
        let! text = answer.Content.ReadAsStringAsync()

        if not answer.IsSuccessStatusCode then
            raise (refusal (int answer.StatusCode) text)

        if kind = lines then
            let items = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            return $"""[{String.Join(",", items)}]"""
        else
            return text
    }
