namespace Bento.Cli

open System
open System.Collections.Generic
open System.ComponentModel
open System.Diagnostics
open System.IO
open System.Reflection
open System.Runtime.InteropServices
open System.Text.Json
open System.Text.Json.Nodes
open System.Threading
open System.Threading.Tasks
open Bento
open Bento.OnnxRuntime

/// What is tried in a process of its own, where a crash of native code harms nobody.
[<RequireQualifiedAccess>]
type internal Attempt =
    /// Finding and loading ONNX Runtime, and a session on the processor.
    | Library
    /// A session by an execution provider, by ONNX Runtime's name for it.
    | Provider of name: string

/// What an attempt came to: an error, or what is known of the library.
type internal Answer = {
    Error: string option
    Version: string option
    File: string option
    Providers: string list
}

/// Tries native code in a child process: the command itself, with a hidden option.
[<RequireQualifiedAccess>]
module internal Probe =

    /// The hidden option of `bento doctor` that makes it the child.
    [<Literal>]
    let optionName = "--probe"

    let private patience = TimeSpan.FromMinutes 2.

    let private library = "library"

    let private text attempt =
        match attempt with
        | Attempt.Library -> library
        | Attempt.Provider name -> name

    let private attempt text =
        if text = library then
            Attempt.Library
        else
            Attempt.Provider text

    // -- in the child --------------------------------------------------------------------------------

    let private provider (name: string) : ExecutionProvider =
        match name with
        | "CUDAExecutionProvider" -> CudaProvider()
        | "TensorrtExecutionProvider" -> TensorRtProvider()
        | other -> GenericProvider other

    /// What a child prints.
    let json (answer: Answer) =
        let text (value: string option) : JsonNode | null =
            match value with
            | Some value -> JsonValue.Create value
            | None -> null

        JsonObject(
            [
                KeyValuePair("error", text answer.Error)
                KeyValuePair("version", text answer.Version)
                KeyValuePair("file", text answer.File)
                KeyValuePair("providers", JsonArray [| for name in answer.Providers -> text (Some name) |])
            ]
        )
            .ToJsonString()

    let private known error = {
        Error = error
        Version = Some OrtLibrary.Version
        File = Option.ofObj OrtLibrary.File
        Providers = List.ofSeq OrtLibrary.AvailableProviders
    }

    let private unknown error = {
        Error = error
        Version = None
        File = None
        Providers = []
    }

    let private make attempt =
        try
            match attempt with
            | Attempt.Library -> OrtLibrary.Check()
            | Attempt.Provider name -> (provider name).Check()

            known None
        with
        | :? OrtException as problem -> known (Some(Devices.reason problem))
        | :? DllNotFoundException
        | :? NotSupportedException
        | :? EntryPointNotFoundException as problem -> unknown (Some(Devices.reason problem))

    /// Makes an attempt and prints what came of it. The exit code is that of having told.
    let answer (asked: string) =
        printfn "%s" (json (make (attempt asked)))
        0

    // -- in the doctor -------------------------------------------------------------------------------

    /// How this command is started again.
    let private self () =
        let assembly = Assembly.GetExecutingAssembly().Location

        match Environment.ProcessPath with
        | NonNull path when Path.GetFileNameWithoutExtension path <> "dotnet" -> path, []
        | _ -> Dotnet.muxer, [ "exec"; assembly ]

    /// How a child ended that told nothing.
    let died (code: int) =
        // What a shell says of a program that a signal ended.
        if code > 128 && code < 160 then
            $"the attempt was ended by signal {code - 128}, which is a crash of native code"
        else
            $"the attempt ended with exit code {code} and told nothing"

    /// What a child printed, unless it died over it.
    let read (output: string) : Answer option =
        try
            use document = JsonDocument.Parse output

            let text (name: string) =
                Option.ofObj (document.RootElement.GetProperty(name).GetString())

            Some {
                Error = text "error"
                Version = text "version"
                File = text "file"
                Providers = [
                    for name in document.RootElement.GetProperty("providers").EnumerateArray() ->
                        string (name.GetString())
                ]
            }
        with
        | :? JsonException
        | :? KeyNotFoundException
        | :? InvalidOperationException -> None

    /// Makes an attempt in a child process. The error is that of the process, not of the attempt.
    let run (attempt: Attempt) : Task<Result<Answer, string>> = task {
        let file, arguments = self ()

        let start =
            ProcessStartInfo(
                file,
                arguments @ [ "doctor"; optionName; text attempt ],
                RedirectStandardOutput = true,
                RedirectStandardError = true
            )

        try
            match Process.Start start with
            | null -> return Error $"{file} did not start"
            | child ->
                use child = child
                use limit = new CancellationTokenSource(patience)

                try
                    let errors = child.StandardError.ReadToEndAsync limit.Token
                    let! output = child.StandardOutput.ReadToEndAsync limit.Token
                    let! _ = errors
                    do! child.WaitForExitAsync limit.Token

                    match read output with
                    | Some answer -> return Ok answer
                    | None -> return Error(died child.ExitCode)
                with :? OperationCanceledException ->
                    child.Kill()
                    return Error $"the attempt did not end within {patience.TotalMinutes} minutes"
        with :? Win32Exception as problem ->
            return Error $"{file} did not start: {problem.Message}"
    }
