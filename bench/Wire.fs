/// `bench wire`: what a tensor of a picture costs on the wire, as JSON and as its bytes, beside System.Text.Json into
/// nested arrays on bare Kestrel in the same run.
module Bento.Bench.Wire

open System
open System.Diagnostics
open System.Net
open System.Net.Http
open System.Net.Http.Headers
open System.Numerics.Tensors
open System.Runtime.InteropServices
open System.Text
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Builder
open Microsoft.AspNetCore.Hosting
open Microsoft.AspNetCore.Http
open Microsoft.Extensions.DependencyInjection
open Bento

let private lengths = [| 1; 3; 224; 224 |]
let private size = Array.fold (*) 1 lengths

let private picture = service { api "picture" (fun (tensor: Tensor<float32>) -> int64 tensor.FlattenedLength) }

let private bareTensor (http: HttpContext) : Task = task {
    let! tensor = http.Request.ReadFromJsonAsync<float32[][][][]>()

    let count = nonNull tensor |> Array.sumBy (Array.sumBy (Array.sumBy Array.length))

    http.Response.ContentType <- "application/json"
    do! http.Response.WriteAsync(string count)
}

let private startBare () : Task<WebApplication> = task {
    let builder = WebApplication.CreateEmptyBuilder(WebApplicationOptions())

    builder.WebHost.UseKestrelCore().ConfigureKestrel(fun kestrel -> kestrel.Listen(IPAddress.Loopback, 0))
    |> ignore

    builder.Services.AddRoutingCore() |> ignore
    let app = builder.Build()
    app.UseRouting() |> ignore
    app.MapPost("/picture", RequestDelegate bareTensor) |> ignore
    do! app.StartAsync()
    return app
}

/// The same numbers in every run, as many digits as a float has.
let private values =
    let random = Random 224
    Array.init size (fun _ -> float32 (random.NextDouble() * 4. - 2.))

let private json =
    let text = StringBuilder()

    let rec write depth start size =
        text.Append '[' |> ignore
        let length = lengths[depth]
        let part = size / length

        for index in 0 .. length - 1 do
            if index > 0 then
                text.Append ',' |> ignore

            if depth = lengths.Length - 1 then
                text.Append(values[start + index]) |> ignore
            else
                write (depth + 1) (start + index * part) part

        text.Append ']' |> ignore

    write 0 0 size
    Encoding.ASCII.GetBytes(text.ToString())

let private raw = MemoryMarshal.AsBytes(values.AsSpan()).ToArray()

/// One way of sending the tensor.
type private Way = {
    Address: string
    Body: byte[]
    MediaType: string
}

let private send (client: HttpClient) way : Task<float> = task {
    use content = new ByteArrayContent(way.Body)
    content.Headers.ContentType <- MediaTypeHeaderValue way.MediaType

    use request =
        new HttpRequestMessage(HttpMethod.Post, way.Address + "/picture", Content = content)

    request.Headers.Add("X-Tensor-Shape", String.Join(',', lengths))
    request.Headers.Add("X-Tensor-DType", "float32")
    let started = Stopwatch.GetTimestamp()
    use! response = client.SendAsync request
    let! count = response.Content.ReadAsStringAsync()
    let took = Stopwatch.GetElapsedTime(started).TotalMicroseconds

    if count <> string size then
        invalidOp $"Not the answer, but {int response.StatusCode} {count}"

    return took
}

/// The median times of so many requests in each way, which take turns, so that a machine's slow moment harms none.
let private round client (ways: Way[]) requests : Task<float * float * float> = task {
    let times = ways |> Array.map (fun _ -> Array.zeroCreate<float> requests)

    for index in 0 .. requests - 1 do
        for way in 0 .. ways.Length - 1 do
            let! took = send client ways[way]
            times[way][index] <- took

    return Results.median times[0], Results.median times[1], Results.median times[2]
}

let private table (rounds: (float * float * float) list) =
    let row name (length: int) figure =
        $"| %s{name} | %d{length} | %.0f{rounds |> List.map figure |> Results.median} |"

    [
        "| way | body, bytes | p50, µs |"
        "| --- | ---: | ---: |"
        row "System.Text.Json, bare Kestrel" json.Length (fun (bare, _, _) -> bare)
        row "JSON, Bento" json.Length (fun (_, ours, _) -> ours)
        row "application/octet-stream, Bento" raw.Length (fun (_, _, raw) -> raw)
    ]

/// Medians of what each round says of its own parts.
let private summary (rounds: (float * float * float) list) =
    JsonSerializer.Serialize {|
        jsonRatio = Math.Round(rounds |> List.map (fun (bare, ours, _) -> ours / bare) |> Results.median, 3)
        rawSpeedup = Math.Round(rounds |> List.map (fun (_, ours, raw) -> ours / raw) |> Results.median, 2)
    |}

/// Rounds of requests in the three ways by turns.
let run (rounds: int) (requests: int) saved : Task<int> = task {
    let! bare = startBare ()
    use bare = bare
    use! bento = Serve.start { Serve.options with Port = 0 } picture
    use client = new HttpClient()

    let ways = [|
        {
            Address = Seq.head bare.Urls
            Body = json
            MediaType = "application/json"
        }
        {
            Address = bento.Address
            Body = json
            MediaType = "application/json"
        }
        {
            Address = bento.Address
            Body = raw
            MediaType = "application/octet-stream"
        }
    |]

    let! _ = round client ways (2 * requests)
    let measured = ResizeArray<float * float * float>()

    for _ in 1..rounds do
        let! figures = round client ways requests
        measured.Add figures

    let measured = List.ofSeq measured

    Results.tell
        "wire"
        $"A float tensor of 1 x 3 x 224 x 224 posted over loopback: %d{rounds} rounds of %d{requests} requests each way, client in the same process."
        (table measured)
        (summary measured)
        saved

    return 0
}
