namespace Bento.Cli

open System
open System.Runtime.InteropServices
open System.Threading.Tasks
open Bento

/// ONNX Runtime, its providers, and what those for NVIDIA's GPUs want.
[<RequireQualifiedAccess>]
module internal Natives =

    let private processor = "CPUExecutionProvider"
    let private cuda = "CUDAExecutionProvider"

    /// Only where one of these was compiled in does anything of NVIDIA's matter.
    let private ofNvidia = [ cuda; "TensorrtExecutionProvider"; "NvTensorRTRTXExecutionProvider" ]

    /// What ONNX Runtime 1.29 was built against, in the order in which it is loaded.
    let cudaLibraries = [
        "libcuda.so.1"
        "libcudart.so.13"
        "libcublasLt.so.13"
        "libcublas.so.13"
        "libcurand.so.10"
        "libcudnn.so.9"
    ]

    // -- judgements ----------------------------------------------------------------------------------

    /// Judges whether the library was found, and whether it runs a model on the processor.
    let library (answer: Result<Answer, string>) : Finding =
        let name = "ONNX Runtime"

        let mend =
            "It comes with Bento; in its repository `dotnet fsi build.fsx natives` brings it. BENTO_ORT_LIBRARY names another."

        match answer with
        | Error reason -> Finding.fault name $"Nothing is known of it: {reason}." mend
        | Ok { Version = None; Error = reason } -> Finding.fault name (defaultArg reason "It was not loaded" + ".") mend
        | Ok {
                 Version = Some version
                 File = file
                 Error = reason
             } ->
            let place = file |> Option.map (fun file -> $", {file}") |> Option.defaultValue ""

            match reason with
            | None -> Finding.ok name $"{version}{place}; it runs models on the processor."
            | Some reason ->
                Finding.fault
                    name
                    $"{version}{place} makes no session on the processor: {reason}."
                    "Put the library that comes with Bento in its place."

    /// Judges one provider that was compiled in. One for NVIDIA's GPUs matters only where there are some.
    let provider (gpus: Gpus) (name: string) (answer: Result<Answer, string>) : Finding =
        let failure =
            match answer with
            | Ok answer -> answer.Error
            | Error reason -> Some reason

        match failure with
        | None -> Finding.ok name "It makes sessions."
        | Some reason when List.contains name ofNvidia && gpus.Usable.IsEmpty ->
            Finding.ok name $"It makes no session, and there is no GPU to make one on: {reason}."
        | Some reason when name = cuda ->
            Finding.warning
                name
                $"It makes no session: {reason}."
                "`dotnet fsi build.fsx natives --gpu` brings the provider; it wants CUDA 13 and cuDNN 9 where the system's loader looks."
        | Some reason ->
            Finding.ok name $"It makes no session, which matters only to a service that asks for it: {reason}."

    /// Judges which of CUDA's libraries the system's loader does not find.
    let libraries (gpus: Gpus) (missing: string list) : Finding =
        let names = String.concat ", " missing

        match missing with
        | [] -> Finding.ok "CUDA" "Its libraries and those of cuDNN are found."
        | _ when gpus.Usable.IsEmpty -> Finding.ok "CUDA" $"Missing, and only a GPU wants them: {names}."
        | _ ->
            Finding.warning
                "CUDA"
                $"Missing: {names}."
                "Install NVIDIA's driver, CUDA 13 and cuDNN 9, or have LD_LIBRARY_PATH name the folders that hold them."

    /// Tells what GPUs there are.
    let gpus (gpus: Gpus) : Finding =
        let said = Gpus.describe gpus
        let sentence = string (Char.ToUpperInvariant said[0]) + said.Substring 1

        match gpus.Usable with
        | [] -> Finding.ok "GPUs" $"{sentence}; services run on the processor."
        | some ->
            let names = some |> List.map _.Model |> String.concat ", "
            Finding.ok "GPUs" $"{sentence}: {names}."

    // -- of this machine -----------------------------------------------------------------------------

    let private isMissing (name: string) =
        match NativeLibrary.TryLoad name with
        | true, handle ->
            NativeLibrary.Free handle
            false
        | _ -> true

    /// Looks at this machine. Whatever loads ONNX Runtime does so in a process of its own, one after another.
    let here () : Task<Finding list> = task {
        let seen = Gpus.here ()
        let! answer = Probe.run Attempt.Library
        let findings = ResizeArray [ library answer ]

        let others =
            match answer with
            | Ok answer -> answer.Providers |> List.filter (fun name -> name <> processor)
            | Error _ -> []

        findings.Add(gpus seen)

        if List.contains cuda others then
            findings.Add(libraries seen (cudaLibraries |> List.filter isMissing))

        for name in others do
            let! answer = Probe.run (Attempt.Provider name)
            findings.Add(provider seen name answer)

        return List.ofSeq findings
    }
