namespace Bento

/// Files, images and streams are bodies or parts of one, and no JSON: where in a type they may stand.
[<RequireQualifiedAccess>]
module internal ContentPlacement =

    let private hasContent = Shape.exists _.IsContent

    let rec private isAlone shape =
        match shape with
        | Shape.Optional inner -> isAlone inner
        | Shape.Content _ -> true
        | _ -> false

    let rec private isPart shape =
        match shape with
        | Shape.Optional inner -> isPart inner
        | Shape.Content _ -> true
        | Shape.Sequence inner when isAlone inner -> true
        | shape -> not (hasContent shape)

    let private fault path reason : Shapeless list = [ { Path = path; Reason = reason } ]

    /// What is wrong with a message of a socket that has files: each message is one piece in memory.
    let ofMessage (side: string) (shape: Shape) : Shapeless list =
        if hasContent shape then
            fault side "has a file, which no message of a socket is; let it be byte[]"
        else
            []

    /// What is wrong with where the files of an input are.
    let ofInput (shape: Shape) : Shapeless list =
        match shape with
        | Shape.Record record -> [
            for field in record.Fields do
                if not (isPart field.Shape) then
                    yield!
                        fault
                            $"input.{field.Name}"
                            "has a file further inside; a file is the input itself, a field of it, or in a list that is one of these"
          ]
        | shape when isPart shape -> []
        | _ -> fault "input" "has a file inside what is JSON; let the input be a record with the file as a field"

    /// What is wrong with a file among the items of a stream.
    let ofItem (shape: Shape) : Shapeless list =
        if hasContent shape then
            fault
                "output"
                "has a file among the items of a stream; items are JSON or text, and a file is the answer of an api"
        else
            []

    /// What is wrong with where the file of an output is.
    let ofOutput (shape: Shape) : Shapeless list =
        if isAlone shape || not (hasContent shape) then
            []
        else
            fault "output" "has a file beside or inside something else; an answer is one file, or JSON without files"
