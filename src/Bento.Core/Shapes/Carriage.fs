namespace Bento

/// The names of the media types that values travel in.
[<RequireQualifiedAccess>]
module internal MediaTypes =

    [<Literal>]
    let json = "application/json"

    [<Literal>]
    let text = "text/plain"

    [<Literal>]
    let form = "application/x-www-form-urlencoded"

    [<Literal>]
    let multipart = "multipart/form-data"

    [<Literal>]
    let bytes = "application/octet-stream"

    [<Literal>]
    let npy = "application/x-npy"

/// A form in which a value travels as a whole body.
[<RequireQualifiedAccess>]
type internal Carriage =
    | Json
    /// What JSON has as a string, without its quotes.
    | Text
    /// The bytes of a `byte[]`.
    | Bytes
    /// A file, in whatever type it has itself.
    | Content of Content
    /// A part for each field, or for each file.
    | Multipart
    /// Fields in one line.
    | UrlEncoded
    /// A tensor as a file of numpy's.
    | Npy
    /// A tensor as the bytes of its elements, with two headers.
    | Elements

/// The one decision on what travels how, which the reading of bodies, the writing of answers and the documents share.
[<RequireQualifiedAccess>]
module internal Carriage =

    /// The kind of file that a value is, or is a list of.
    let rec contentOf shape : Content option =
        match shape with
        | Shape.Content content -> Some content
        | Shape.Optional inner
        | Shape.Sequence inner
        | Shape.Set inner -> contentOf inner
        | _ -> None

    /// The ways in for a value, the usual one first.
    let rec ofInput shape : Carriage list =
        match shape with
        | Shape.Optional inner -> ofInput inner
        | Shape.Content content -> [ Carriage.Content content; Carriage.Multipart ]
        | Shape.Sequence(Shape.Content _) -> [ Carriage.Multipart ]
        | Shape.Record record when record.Fields |> List.exists (fun field -> (contentOf field.Shape).IsSome) -> [
            Carriage.Multipart
            Carriage.Json
            Carriage.UrlEncoded
          ]
        | Shape.Record _ -> [ Carriage.Json; Carriage.Multipart; Carriage.UrlEncoded ]
        | Shape.Tensor _ -> [ Carriage.Json; Carriage.Npy; Carriage.Elements ]
        | Shape.Text TextFormat.Base64 -> [ Carriage.Json; Carriage.Bytes ]
        | Shape.Text TextFormat.Plain -> [ Carriage.Text; Carriage.Json ]
        | Shape.Text _
        | Shape.Choice _ -> [ Carriage.Json; Carriage.Text ]
        | _ -> [ Carriage.Json ]

    /// The ways out for a value, the usual one first. What may be absent has its own form where there is one for a file or
    /// a tensor, and null in JSON where it is.
    let ofOutput shape : Carriage list =
        match shape with
        | Shape.Content content
        | Shape.Optional(Shape.Content content) -> [ Carriage.Content content ]
        | Shape.Tensor _
        | Shape.Optional(Shape.Tensor _) -> [ Carriage.Json; Carriage.Npy; Carriage.Elements ]
        | Shape.Text TextFormat.Base64 -> [ Carriage.Text; Carriage.Json; Carriage.Bytes ]
        | Shape.Text _
        | Shape.Choice _ -> [ Carriage.Text; Carriage.Json ]
        | _ -> [ Carriage.Json ]

    /// Its media type, or the range of them that it may have.
    let mediaType carriage : string =
        match carriage with
        | Carriage.Json -> MediaTypes.json
        | Carriage.Text -> MediaTypes.text
        | Carriage.Multipart -> MediaTypes.multipart
        | Carriage.UrlEncoded -> MediaTypes.form
        | Carriage.Npy -> MediaTypes.npy
        | Carriage.Bytes
        | Carriage.Elements -> MediaTypes.bytes
        | Carriage.Content Content.Image -> "image/*"
        | Carriage.Content _ -> "*/*"
