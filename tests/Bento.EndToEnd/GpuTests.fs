/// Services that ask for GPUs, on a machine without one: what is refused, what falls back, and what is said.
module Bento.EndToEnd.GpuTests

open System
open System.IO
open System.Net.Http
open System.Runtime.InteropServices
open System.Threading.Tasks
open Xunit
open Bento.EndToEnd.Programs

let private places = "/proc/driver/nvidia/gpus/* and /dev/nvidia[0-9]*"

let private library = "libonnxruntime.so"

/// ONNX Runtime as `dotnet fsi build.fsx natives` prepares it, by the end of its folder's name.
let private prepared (flavour: string) =
    let home =
        match Environment.GetEnvironmentVariable "BENTO_HOME" with
        | null
        | "" -> Path.Combine(Environment.GetFolderPath Environment.SpecialFolder.UserProfile, ".bento")
        | folder -> folder

    Path.Combine(home, "natives", "onnxruntime-1.29.0" + flavour, "linux-x64")

let private onLinux () =
    Assert.SkipUnless(
        (OperatingSystem.IsLinux()
         && RuntimeInformation.OSArchitecture = Architecture.X64),
        "The CUDA provider is there for Linux on x64 only."
    )

let private withoutGpu () =
    Assert.SkipWhen(Directory.Exists "/proc/driver/nvidia/gpus", "This machine has a GPU.")

let private withProvider () =
    onLinux ()

    Assert.SkipUnless(
        Directory.Exists(prepared "-gpu"),
        "`dotnet fsi build.fsx natives --gpu` has not prepared the CUDA provider."
    )

    Assert.SkipWhen(fst (NativeLibrary.TryLoad "libcublasLt.so.13"), "This machine has CUDA.")

/// A folder with ONNX Runtime alone, and such files beside it.
let private aloneWith (files: (string * string) list) (test: string -> Task<unit>) : Task<unit> = task {
    let folder = Directory.CreateTempSubdirectory "bento-gpu-"

    try
        IO.File.Copy(Path.Combine(prepared "", library), Path.Combine(folder.FullName, library))

        for name, text in files do
            IO.File.WriteAllText(Path.Combine(folder.FullName, name), text)

        do! test folder.FullName
    finally
        folder.Delete true
}

let private runtimeIn (folder: string) =
    $"BENTO_ORT_LIBRARY={Path.Combine(folder, library)}"

let private refused variables (target: string) (said: string list) : Task<unit> = task {
    let! code, output = bentoWith variables [ "serve"; target; "--port"; "0" ] ||> run
    Assert.True((code = 1), output)

    for part in said do
        Assert.Contains(part, output)

    Assert.DoesNotContain("   at ", output)
}

/// Serves a target and posts to it: the answer, and what the command has said until then.
let private served variables (target: string) (path: string) (body: string) : Task<string * string> = task {
    let file, arguments = bentoWith variables [ "serve"; target; "--port"; "0" ]
    use program = new Program(file, arguments)
    let! address = program.Heard @"http://127\.0\.0\.1:\d+"
    use client = new HttpClient(BaseAddress = Uri address.Value)
    use content = new StringContent(body, null, "application/json")
    let! response = client.PostAsync(path, content)
    let! answer = response.Content.ReadAsStringAsync()
    Assert.True(response.IsSuccessStatusCode, answer)
    return answer, program.Output
}

[<Fact>]
let ``a service whose GPUs are missing is refused with what was looked at and the ways out`` () : Task = task {
    do!
        refused [] (several + ":hungry") [
            "Services.fs("
            "`gpu 999` cannot be had here"
            places
            "`bento doctor`"
            "`dotnet fsi build.fsx natives --gpu`"
            "write `fallback Cpu` beside it"
        ]
}

[<Fact>]
let ``with a fallback it is served on the processor, and the log says so once`` () : Task = task {
    let! answer, output = served [] (several + ":modest") "/device" "{}"
    Assert.Equal("""{"text":"Cpu"}""", answer)
    Assert.Contains("gpu 999, fallback Cpu", output)
    let warnings = output.Split "falls back to the processor"
    Assert.Equal(2, warnings.Length)
    Assert.Contains(places, warnings[1])
}

[<Fact>]
let ``the sample answers where there is no GPU`` () : Task = task {
    withoutGpu ()
    let! place, _ = served [] nearest "/device" "{}"
    Assert.Equal("""{"device":"cpu"}""", place)

    let! found, _ =
        served [] nearest "/search" """{"points": [[0, 1], [1, 0]], "queries": [[3, 0], [0, 2]]}"""

    Assert.Equal("""{"matches":[{"index":1,"cosine":1},{"index":0,"cosine":1}]}""", found)
}

[<Fact>]
let ``without the provider's files, they are named with the folder that lacks them`` () : Task = task {
    onLinux ()
    withoutGpu ()

    do!
        aloneWith [] (fun folder ->
            refused [ runtimeIn folder ] (several + ":hungry") [
                "a session on GPU 0 is not possible"
                "libonnxruntime_providers_shared.so is missing"
                $"looked for in {folder}"
                places
            ])
}

[<Fact>]
let ``a provider's file that is broken is told, and nothing crashes`` () : Task = task {
    onLinux ()
    withoutGpu ()

    do!
        aloneWith [ "libonnxruntime_providers_shared.so", "no library" ] (fun folder -> task {
            do! refused [ runtimeIn folder ] (several + ":hungry") [ "libonnxruntime_providers_shared.so" ]
            let! answer, _ = served [ runtimeIn folder ] nearest "/device" "{}"
            Assert.Equal("""{"device":"cpu"}""", answer)
        })
}

[<Fact>]
let ``with the provider and no CUDA, the library of CUDA that is missing is named`` () : Task = task {
    withProvider ()
    withoutGpu ()
    do! refused [ runtimeIn (prepared "-gpu") ] (several + ":hungry") [ "libcublasLt.so.13 is missing"; places ]
}

[<Fact>]
let ``with the provider and no CUDA, a service with a fallback is served by the same library`` () : Task = task {
    withProvider ()
    withoutGpu ()

    let! found, output =
        served [ runtimeIn (prepared "-gpu") ] nearest "/search" """{"points": [[0, 1]], "queries": [[0, 2]]}"""

    Assert.Equal("""{"matches":[{"index":0,"cosine":1}]}""", found)
    Assert.Contains("libcublasLt.so.13 is missing", output)
}

[<Fact>]
let ``a service is served on a GPU where there is one`` () : Task = task {
    Assert.SkipUnless(Directory.Exists "/proc/driver/nvidia/gpus", "This machine has no GPU.")
    let! place, _ = served [ runtimeIn (prepared "-gpu") ] nearest "/device" "{}"
    Assert.Equal("""{"device":"gpu 0"}""", place)
}
