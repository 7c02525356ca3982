namespace Bento

open System
open System.Collections.Generic
open System.Text.Json
open System.Text.Json.Serialization

/// The files of one request. In the JSON that is made of its form each stands as its number in this list.
[<Sealed>]
type internal Attachments() =
    let files = List<File>()

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

    /// Decodes JSON whose numbers may stand for these files.
    member this.Within(decode: unit -> 'Result) : 'Result =
        Attachments.current <- this

        try
            decode ()
        finally
            Attachments.current <- null

/// Files in JSON: they are read where the JSON was made of a form, and never written.
module internal AttachmentConverters =

    let private read (reader: byref<Utf8JsonReader>) : File =
        let mutable number = -1

        if reader.TokenType = JsonTokenType.Number && reader.TryGetInt32(&number) then
            match Attachments.Current number with
            | Some file -> file
            | None -> raise (JsonException())
        else
            raise (JsonException())

    let private refuse () : unit =
        invalidOp "A file is an answer of its own and cannot be written within JSON."

    type FileConverter() =
        inherit JsonConverter<File>()
        override _.Read(reader, _, _) = read &reader
        override _.Write(_, _, _) = refuse ()

    type ImageConverter() =
        inherit JsonConverter<Image>()
        override _.Read(reader, _, _) = Image(read &reader)
        override _.Write(_, _, _) = refuse ()

    type StreamConverter() =
        inherit JsonConverter<IO.Stream>()
        override _.Read(reader, _, _) = (read &reader).Open()
        override _.Write(_, _, _) = refuse ()

    let all: JsonConverter list = [ FileConverter(); ImageConverter(); StreamConverter() ]
