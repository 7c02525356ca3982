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

/// An input that an endpoint is given before the service is ready.
[<CustomEquality; NoComparison>]
type Warmup = {
    Type: Type
    Input: objnull
} with

    /// Inputs may be of types that know no equality: two are equal where they are one.
    override this.Equals other =
        match other with
        | :? Warmup as other -> this.Type = other.Type && obj.ReferenceEquals(this.Input, other.Input)
        | _ -> false

    override this.GetHashCode() = this.Type.GetHashCode()

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
    | Heartbeat of TimeSpan
    | BodyLimit of Amount
    | Route of string
    | MaxBatch of int
    | MaxDelay of TimeSpan
    | InFlight of int
    | Retry of bool
    | Warmup of Warmup
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
        | Setting.Heartbeat _ -> "heartbeat"
        | Setting.BodyLimit _ -> "bodyLimit"
        | Setting.Route _ -> "route"
        | Setting.MaxBatch _ -> "maxBatch"
        | Setting.MaxDelay _ -> "maxDelay"
        | Setting.InFlight _ -> "inFlight"
        | Setting.Retry _ -> "retry"
        | Setting.Warmup _ -> "warmup"
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

    /// The inputs that warm an endpoint, in the order in which they are written.
    let internal warmups (endpoint: string) (settings: GivenSetting list) =
        settings
        |> List.choose (fun given ->
            match given.Setting with
            | Setting.Warmup warmup when given.Endpoint = Some endpoint -> Some warmup
            | _ -> None)
