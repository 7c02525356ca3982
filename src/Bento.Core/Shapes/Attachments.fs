namespace Bento

open System
open System.Collections.Generic

/// The files of one request. In the JSON that is made of its form each stands as its number in this list.
[<Sealed>]
type internal Attachments() =
    let files = List<File>()
    let opened = List<IO.Stream>()

    /// Those of the form that this thread decodes now; null in all other bodies, where a number is no file.
    [<ThreadStatic; DefaultValue>]
    static val mutable private current: Attachments | null

    /// Keeps a file and gives the number that stands for it.
    member _.Add(file: File) : int =
        files.Add file
        files.Count - 1

    member _.Find(number: int) : File option =
        if number >= 0 && number < files.Count then
            Some files[number]
        else
            None

    /// The file that a number of the JSON at hand stands for.
    static member Current(number: int) : File option =
        match Attachments.current with
        | null -> None
        | attachments -> attachments.Find number

    /// A stream over a file, which ends with the request.
    static member Opened(number: int) : IO.Stream option =
        match Attachments.current with
        | null -> None
        | attachments -> attachments.Find number |> Option.map attachments.Opening

    member private _.Opening(file: File) =
        let stream = file.Open()
        opened.Add stream
        stream

    /// Decodes JSON whose numbers may stand for these files.
    member this.Within(decode: unit -> 'Result) : 'Result =
        Attachments.current <- this

        try
            decode ()
        finally
            Attachments.current <- null

    interface IDisposable with
        member _.Dispose() =
            for stream in opened do
                stream.Dispose()
