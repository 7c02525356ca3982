namespace Bento

open System
open System.Collections.Generic
open System.Security.Claims

/// Names with one value or more, as a query, headers and cookies have them. Case makes no difference in a name.
[<AbstractClass>]
type Fields() =

    /// The names that are there, each once.
    abstract Names: IReadOnlyCollection<string>

    /// Every value of a name in the order in which they came; none where the name is not there.
    abstract All: name: string -> IReadOnlyList<string>

    /// The first value of a name; null where the name is not there.
    member this.Find(name: string) : string | null =
        match this.All name with
        | none when none.Count = 0 -> null
        | values -> values[0]

    /// Fields of names and values, which are copied.
    static member Of(pairs: KeyValuePair<string, string> seq) : Fields =
        let pairs = Array.ofSeq pairs

        {
            new Fields() with
                member _.Names =
                    HashSet(pairs |> Seq.map _.Key, StringComparer.OrdinalIgnoreCase) :> IReadOnlyCollection<string>

                member _.All name =
                    pairs
                    |> Array.filter (fun pair -> name.Equals(pair.Key, StringComparison.OrdinalIgnoreCase))
                    |> Array.map _.Value
                    :> IReadOnlyList<string>
        }

[<RequireQualifiedAccess>]
module Fields =

    /// The same of tuples: `Fields.ofPairs [ "Accept", "text/plain" ]`.
    let ofPairs (pairs: (string * string) list) : Fields =
        Fields.Of(pairs |> Seq.map KeyValuePair)

    /// Each name with each of its values.
    let toPairs (fields: Fields) : (string * string) list = [
        for name in fields.Names do
            for value in fields.All name do
                name, value
    ]

/// A request as it came. It is there until its answer is sent; work after that sees what was copied for it.
[<Interface>]
type Request =

    abstract Method: string

    /// The path that was asked for, without the query.
    abstract Path: string

    /// The parameters behind the path's question mark, decoded.
    abstract Query: Fields

    abstract Headers: Fields
    abstract Cookies: Fields

    /// The IP address of the other side; null where there is no network between. Behind a proxy it is the proxy's.
    abstract ClientAddress: string | null

    /// Who the application found the caller to be; nobody, with no identity, where it did not ask.
    abstract User: ClaimsPrincipal

/// A request as a value: made by hand for a test, or kept beyond the life of the one it copies.
[<NoComparison; NoEquality>]
type StoredRequest = {
    Method: string
    Path: string
    Query: Fields
    Headers: Fields
    Cookies: Fields
    ClientAddress: string | null
    User: ClaimsPrincipal
} with

    interface Request with
        member this.Method = this.Method
        member this.Path = this.Path
        member this.Query = this.Query
        member this.Headers = this.Headers
        member this.Cookies = this.Cookies
        member this.ClientAddress = this.ClientAddress
        member this.User = this.User

[<RequireQualifiedAccess>]
module StoredRequest =

    /// A POST that says nothing else; `{ StoredRequest.empty with … }` says more.
    let empty = {
        Method = "POST"
        Path = "/"
        Query = Fields.Of []
        Headers = Fields.Of []
        Cookies = Fields.Of []
        ClientAddress = null
        User = ClaimsPrincipal(ClaimsIdentity())
    }

    let private copied (fields: Fields) = Fields.ofPairs (Fields.toPairs fields)

    /// A copy of all that there is of a request but its body.
    let copy (request: Request) = {
        Method = request.Method
        Path = request.Path
        Query = copied request.Query
        Headers = copied request.Headers
        Cookies = copied request.Cookies
        ClientAddress = request.ClientAddress
        User = request.User
    }
