namespace Bento

open System
open System.Globalization

/// A quantity as it was written: a number, or text such as "500MiB".
type Amount =
    | Number of float
    | Written of string

    /// What there is to parse.
    member this.Text =
        match this with
        | Number number -> number.ToString CultureInfo.InvariantCulture
        | Written text -> text

    /// The amount as it stands in the source.
    override this.ToString() =
        match this with
        | Number _ -> this.Text
        | Written text -> $"\"{text}\""

/// One thing that was said about a service or an endpoint. Nothing is judged yet.
[<RequireQualifiedAccess>]
type Setting =
    | Name of string
    | Description of string
    | Version of string
    | Label of key: string * value: string
    | Cpu of Amount
    | Memory of Amount
    | Gpu of Amount
    | Fallback of Fallback
    | Workers of int
    | Threads of int
    | Concurrency of int
    | Queue of int
    | Timeout of TimeSpan
    | Idle of TimeSpan
    | BodyLimit of Amount
    | Route of string
    | Model of tag: string
    | Naming of Naming
    | Strict
    | Codec of Codec
    /// A block was opened; here to find one that is opened twice.
    | Block of name: string

/// A setting where it stands: the endpoint whose block it is in, if any, and the line.
type GivenSetting = {
    Setting: Setting
    Endpoint: string option
    Line: int
}

/// The settings that one block gave.
type Block = { Settings: GivenSetting list }

[<RequireQualifiedAccess>]
module Setting =

    /// The word that gives the setting; two settings of one word in one place are one too many.
    let word setting =
        match setting with
        | Setting.Name _ -> "name"
        | Setting.Description _ -> "description"
        | Setting.Version _ -> "version"
        | Setting.Label(key, _) -> $"label \"{key}\""
        | Setting.Cpu _ -> "cpu"
        | Setting.Memory _ -> "memory"
        | Setting.Gpu _ -> "gpu"
        | Setting.Fallback _ -> "fallback"
        | Setting.Workers _ -> "workers"
        | Setting.Threads _ -> "threads"
        | Setting.Concurrency _ -> "concurrency"
        | Setting.Queue _ -> "queue"
        | Setting.Timeout _ -> "timeout"
        | Setting.Idle _ -> "idle"
        | Setting.BodyLimit _ -> "bodyLimit"
        | Setting.Route _ -> "route"
        | Setting.Model tag -> $"model \"{tag}\""
        | Setting.Naming _ -> "naming"
        | Setting.Strict -> "strict"
        | Setting.Codec codec -> $"codec {TypeName.ofType codec.Type}"
        | Setting.Block name -> name

    /// A setting of the service itself.
    let given line setting = {
        Setting = setting
        Endpoint = None
        Line = line
    }

    /// The line of `name`, where it is given; the last one counts.
    let internal lineOfName (settings: GivenSetting list) =
        settings |> List.tryFindBack _.Setting.IsName |> Option.map _.Line
