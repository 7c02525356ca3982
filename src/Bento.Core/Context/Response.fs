namespace Bento

open System
open System.Buffers
open System.Collections.Generic
open System.Runtime.InteropServices
open System.Threading.Tasks

/// Whether a browser sends a cookie along with requests that other sites cause.
type SameSite =
    /// With all of them. Browsers want `Secure` beside it.
    | None = 0
    /// With a link that is followed, but no other.
    | Lax = 1
    /// With none of them.
    | Strict = 2

/// A cookie to set. What is null or has no value is left to the browser.
type Cookie = {
    Name: string
    /// Any text: what a cookie cannot hold is percent-encoded.
    Value: string
    Path: string | null
    Domain: string | null
    Expires: Nullable<DateTimeOffset>
    MaxAge: Nullable<TimeSpan>
    /// Only over HTTPS.
    Secure: bool
    /// Not for scripts.
    HttpOnly: bool
    SameSite: Nullable<SameSite>
    /// Kept apart for each site that embeds this one. Browsers want `Secure` beside it.
    Partitioned: bool
}

/// What names and values of headers are made of.
module private Letters =

    let private token =
        SearchValues.Create "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

    let isToken (name: string) =
        name.Length > 0 && not (name.AsSpan().ContainsAnyExcept token)

    let isValue (text: string) =
        text |> Seq.forall (fun c -> c = '\t' || (c >= ' ' && c <= '~'))

    let isAttribute (text: string) =
        text |> Seq.forall (fun c -> c >= ' ' && c <= '~' && c <> ';')

[<RequireQualifiedAccess>]
module Cookie =

    /// A cookie for all paths of this host until the browser is closed; `{ Cookie.make … with … }` says more.
    let make (name: string) (value: string) = {
        Name = name
        Value = value
        Path = "/"
        Domain = null
        Expires = Nullable()
        MaxAge = Nullable()
        Secure = false
        HttpOnly = false
        SameSite = Nullable()
        Partitioned = false
    }

    let internal check (cookie: Cookie) =
        let refuse (wanted: string) =
            invalidArg (nameof cookie) $"The cookie \"{cookie.Name}\" cannot be set: {wanted}"

        let attribute name (value: string | null) =
            match value with
            | NonNull text when not (Letters.isAttribute text) ->
                refuse $"its {name} \"{text}\" has a letter that is not plain ASCII, or a semicolon."
            | _ -> ()

        if not (Letters.isToken cookie.Name) then
            refuse "its name must be one or more of letters, digits and !#$%&'*+-.^_`|~."

        attribute (nameof cookie.Path) cookie.Path
        attribute (nameof cookie.Domain) cookie.Domain

        if cookie.SameSite.HasValue && not (Enum.IsDefined cookie.SameSite.Value) then
            refuse $"its SameSite is {int cookie.SameSite.Value}; give None, Lax or Strict."

        if cookie.SameSite = Nullable SameSite.None && not cookie.Secure then
            refuse "browsers take SameSite.None only beside Secure = true."

        if cookie.Partitioned && not cookie.Secure then
            refuse "browsers take Partitioned only beside Secure = true."

/// What a handler says of its answer beside the value it returns. It counts when the handler succeeds or raises a
/// `BentoException`; any other failure is answered as if nothing had been said.
[<Sealed>]
type Response() =
    let headers = List<KeyValuePair<string, string>>()
    let cookies = List<Cookie>()
    let work = List<Func<Task>>()
    let mutable status = 200

    /// What the server writes by itself, and what has a member of its own here.
    static let reserved =
        dict [
            "Content-Length", "the server counts the body itself"
            "Transfer-Encoding", "the server frames the body itself"
            "Connection", "the server keeps connections itself"
            "Keep-Alive", "the server keeps connections itself"
            "Upgrade", "the server keeps connections itself"
            "Trailer", "the server frames the body itself"
            "X-Request-ID", "it is the id under which the log has the request"
            "Set-Cookie", "SetCookie does"
        ]

    static let reasons = Dictionary<string, string>(reserved, StringComparer.OrdinalIgnoreCase)

    let check (name: string) (value: string) =
        match reasons.TryGetValue name with
        | true, reason -> invalidArg (nameof name) $"A handler does not set \"{name}\": {reason}."
        | _ -> ()

        if not (Letters.isToken name) then
            invalidArg
                (nameof name)
                $"\"{name}\" is no name of a header; give one or more of letters, digits and !#$%%&'*+-.^_`|~."

        if not (Letters.isValue value) then
            invalidArg
                (nameof value)
                $"The value of \"{name}\" has a letter that no header may have; give plain ASCII, and encode the rest."

    let remove (name: string) =
        headers.RemoveAll(fun header -> header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
        |> ignore

    /// The status of a success, from 200 to 399; 200 unless set. A failure is raised, as a `BentoException`.
    member _.Status
        with get () = status
        and set given =
            if given < 200 || given > 399 then
                raise (
                    ArgumentOutOfRangeException(
                        nameof given,
                        $"{given} is not the status of a success; give one from 200 to 399, and raise a BentoException for a failure."
                    )
                )

            status <- given

    /// Sets a header, in place of what was said of it before.
    member _.SetHeader(name: string, value: string) =
        check name value
        remove name
        headers.Add(KeyValuePair(name, value))

    /// Adds a header beside those of the same name.
    member _.AddHeader(name: string, value: string) =
        check name value
        headers.Add(KeyValuePair(name, value))

    /// Takes back what was said of a header.
    member _.RemoveHeader(name: string) = remove name

    /// Sets a cookie, in place of one of the same name, path and domain.
    member _.SetCookie(cookie: Cookie) =
        Cookie.check cookie

        cookies.RemoveAll(fun other ->
            (other.Name, other.Path, other.Domain) = (cookie.Name, cookie.Path, cookie.Domain))
        |> ignore

        cookies.Add cookie

    /// Sets a cookie for all paths of this host until the browser is closed, unless more is said:
    /// `SetCookie("visited", "yes", httpOnly = true)`.
    member this.SetCookie
        (
            name: string,
            value: string,
            [<Optional; DefaultParameterValue("/")>] path: string | null,
            [<Optional>] domain: string | null,
            [<Optional>] expires: Nullable<DateTimeOffset>,
            [<Optional>] maxAge: Nullable<TimeSpan>,
            [<Optional>] secure: bool,
            [<Optional>] httpOnly: bool,
            [<Optional>] sameSite: Nullable<SameSite>,
            [<Optional>] partitioned: bool
        ) =
        this.SetCookie {
            Name = name
            Value = value
            Path = path
            Domain = domain
            Expires = expires
            MaxAge = maxAge
            Secure = secure
            HttpOnly = httpOnly
            SameSite = sameSite
            Partitioned = partitioned
        }

    /// Makes the caller forget a cookie that was set with that name, for all paths of this host.
    member this.DeleteCookie(name: string) =
        this.SetCookie(name, "", expires = DateTimeOffset.UnixEpoch, maxAge = TimeSpan.Zero)

    /// Adds work to do when the answer has been sent, in the order in which it was added. Its failures are logged.
    member _.After(something: Func<Task>) = work.Add something

    /// The headers that were set and added, in that order.
    member _.Headers: IReadOnlyList<KeyValuePair<string, string>> = headers.ToArray()

    /// The cookies that were set, in that order.
    member _.Cookies: IReadOnlyList<Cookie> = cookies.ToArray()

    /// The work that was added, in that order.
    member _.Work: IReadOnlyList<Func<Task>> = work.ToArray()
