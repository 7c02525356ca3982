namespace Bento

open System
open System.Collections.Generic
open System.Globalization
open System.Text

/// The files and tensors of one request. In the JSON that is made of its form each stands as its number among its like,
/// of a file as a number and of a tensor as text.
[<Sealed>]
type internal Attachments() =
    let files = List<File>()
    let tensors = List<obj>()
    // A sender who knew it could put one tensor in another's place, past the check of its shape.
    let secret = lazy Guid.NewGuid().ToString "N"
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

    /// Keeps a tensor and gives the text that stands for it.
    member _.AddTensor(tensor: obj) : string =
        tensors.Add tensor
        $"{secret.Value}{tensors.Count - 1}"

    member private _.FindTensor(text: ReadOnlySpan<byte>) : obj option =
        if tensors.Count = 0 then
            None
        else
            let secret = ReadOnlySpan(Encoding.ASCII.GetBytes secret.Value)

            if text.StartsWith secret then
                Some tensors[Int32.Parse(text.Slice secret.Length, CultureInfo.InvariantCulture)]
            else
                None

    /// The tensor that the bytes of a text stand for in the JSON at hand.
    static member CurrentTensor(text: ReadOnlySpan<byte>) : obj option =
        match Attachments.current with
        | null -> None
        | attachments -> attachments.FindTensor text

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
