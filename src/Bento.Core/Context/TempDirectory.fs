namespace Bento

open System.IO

/// The directory of one request: made when it is first asked for, gone with the request.
[<Sealed>]
type internal TempDirectory() =
    let turn = obj ()
    let mutable path: string | null = null
    let mutable ended = false

    /// Where it is.
    member _.Path =
        lock turn (fun () ->
            match path with
            | _ when ended -> invalidOp "The request has ended, and its directory with it."
            | null ->
                let made = Directory.CreateTempSubdirectory("bento-").FullName
                path <- made
                made
            | made -> made)

    /// Removes it with all that is in it.
    member _.Remove() =
        lock turn (fun () ->
            ended <- true

            match path with
            | null -> ()
            | made when Directory.Exists made -> Directory.Delete(made, recursive = true)
            | _ -> ())
