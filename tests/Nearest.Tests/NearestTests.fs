/// The sample on the processor, which `fallback Cpu` gives it where there is no GPU.
module Nearest.Tests.NearestTests

open System
open System.Diagnostics
open System.IO
open System.Net.Http
open System.Net.Http.Json
open System.Text.Json
open System.Threading
open System.Threading.Tasks
open Xunit
open Bento
open Nearest

let private token () = TestContext.Current.CancellationToken

let private here: Setup<unit> = {
    Clients = ()
    Models = dict [] |> Collections.Generic.Dictionary
    Device = Device.Cpu
    Worker = { Index = 0; Count = 1 }
    Application = Setup.noApplication
    Cancellation = CancellationToken.None
    Log = Log.none
}

/// Asks the service on Kestrel, as its callers do.
let private asking (ask: HttpClient -> Task<'Answer>) : Task<'Answer> = task {
    use! server = Serve.start { Serve.options with Port = 0 } nearest
    use client = new HttpClient(BaseAddress = Uri server.Address)
    return! ask client
}

let private post<'In, 'Answer when 'Answer: not null> (path: string) (input: 'In) (client: HttpClient) : Task<'Answer> =
    task {
        let! response = client.PostAsJsonAsync(path, input, token ())
        let! text = response.Content.ReadAsStringAsync(token ())
        Assert.True(response.IsSuccessStatusCode, text)

        match JsonSerializer.Deserialize<'Answer>(text, JsonSerializerOptions.Web) with
        | null -> return failwith "The answer is null."
        | answer -> return answer
    }

let private compass: Vectors = {
    Points = [| [| 0f; 1f |]; [| 1f; 0f |]; [| 0f; -2f |]; [| -1f; 0f |] |]
    Queries = [|
        [| 0.1f; 5f |]
        [| 7f; 0f |]
        [| 0.3f; -0.4f |]
        [| -1f; 0.5f |]
        [| 0f; 0f |]
    |]
}

/// The same by hand, in doubles.
let private byHand (vectors: Vectors) = [|
    for query in vectors.Queries ->
        let cosine (point: float32[]) =
            let product (a: float32[]) (b: float32[]) =
                Array.fold2 (fun sum x y -> sum + float x * float y) 0. a b

            let length vector =
                max (sqrt (product vector vector)) 1e-12

            product query point / (length query * length point)

        vectors.Points
        |> Array.indexed
        |> Array.map (fun (index, point) -> int64 index, cosine point)
        |> Array.maxBy snd
|]

let private assertSame (expected: (int64 * float)[]) (found: Match[]) =
    Assert.Equal<int64[]>(Array.map fst expected, found |> Array.map _.Index)

    for (_, cosine), found in Array.zip expected found do
        Assert.Equal(cosine, float found.Cosine, 5)

[<Fact>]
let ``each query finds the point in its direction`` () : Task = task {
    let! (found: Matches) = asking (post "/search" compass)
    assertSame (byHand compass) found.Matches
}

[<Fact>]
let ``on random vectors the model finds what a search by hand finds`` () =
    let random = Random 7

    let vectors count =
        Array.init count (fun _ -> Array.init 32 (fun _ -> float32 (random.NextDouble() - 0.5)))

    let both = {
        Points = vectors 200
        Queries = vectors 50
    }

    use searcher = load here
    assertSame (byHand both) (searcher.Search(both.Points, both.Queries, 32))

[<Fact>]
let ``it runs on the processor where there is no GPU, and says so`` () : Task = task {
    let isThere = Directory.Exists "/proc/driver/nvidia/gpus"
    Assert.SkipWhen(isThere, "This machine has a GPU, which the next test is for.")
    let! (place: Place) = asking (post "/device" ())
    Assert.Equal("cpu", place.Device)
}

[<Fact>]
let ``it runs on a GPU where there is one`` () : Task = task {
    let isThere = Directory.Exists "/proc/driver/nvidia/gpus"
    Assert.SkipUnless(isThere, "This machine has no GPU: there is no /proc/driver/nvidia/gpus.")
    let! (place: Place) = asking (post "/device" ())
    Assert.Equal("gpu 0", place.Device)
    let! (found: Matches) = asking (post "/search" compass)
    assertSame (byHand compass) found.Matches
}

let private refused: (string * Vectors * string) list = [
    "no points", { compass with Points = [||] }, "\"points\" has 0 vectors"
    "no queries", { compass with Queries = [||] }, "\"queries\" has 0 vectors"
    "nothing in a point", { compass with Points = [| [||] |] }, "wanted one number or more"
    "points of two widths",
    {
        compass with
            Points = [| [| 1f; 2f |]; [| 1f |] |]
    },
    "\"points\"[1] has 1 numbers; wanted 2"
    "a query of another width",
    {
        compass with
            Queries = [| [| 1f; 2f; 3f |] |]
    },
    "\"queries\"[0] has 3 numbers; wanted 2"
    "too many queries",
    {
        compass with
            Queries = Array.create 10_001 [| 1f; 2f |]
    },
    "has 10001 vectors; wanted 1 to 10000"
]

[<Fact>]
let ``vectors that do not fit each other are refused with what is wanted`` () : Task = task {
    let worker = Worker.ofState (Service.require nearest) (load here)

    for case, vectors, said in refused do
        let! problem =
            Assert.ThrowsAsync<BentoException>(fun () ->
                worker.Call<Vectors, Matches>("search", vectors, token ()) :> Task)

        Assert.Equal(400, problem.Status)
        Assert.True(problem.Message.Contains said, $"{case}: {problem.Message}")
}

[<Fact>]
let ``more pairs than the product may hold are refused before the model runs`` () : Task = task {
    let worker = Worker.ofState (Service.require nearest) (load here)

    let vectors = {
        Points = Array.create 2_001 [| 1f; 2f |]
        Queries = Array.create 2_000 [| 1f; 2f |]
    }

    let! problem =
        Assert.ThrowsAsync<BentoException>(fun () -> worker.Call<Vectors, Matches>("search", vectors, token ()) :> Task)

    Assert.Equal(413, problem.Status)
    Assert.Contains("make 4002000 pairs; wanted 4000000 at most", problem.Message)
}

let rec private above (folder: string) =
    match Path.GetDirectoryName folder with
    | _ when IO.File.Exists(Path.Combine(folder, "Bento.slnx")) -> folder
    | null -> invalidOp "There is no Bento.slnx above the tests."
    | parent -> above parent

[<Fact>]
let ``the model is the one that its script writes`` () : Task = task {
    let sample = Path.Combine(above AppContext.BaseDirectory, "samples", "gpu")
    let written = Path.GetTempFileName()

    try
        use script =
            Process.Start("dotnet", [ "fsi"; Path.Combine(sample, "model.fsx"); written ])

        do! script.WaitForExitAsync(token ())
        Assert.Equal(0, script.ExitCode)
        Assert.Equal<byte[]>(IO.File.ReadAllBytes(Path.Combine(sample, "nearest.onnx")), IO.File.ReadAllBytes written)
    finally
        IO.File.Delete written
}
