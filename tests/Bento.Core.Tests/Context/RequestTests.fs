/// Requests as values, made by hand or copied.
module Bento.Tests.RequestTests

open System.Security.Claims
open Xunit
open Bento

let private asked = {
    StoredRequest.empty with
        Method = "PUT"
        Path = "/v1/add"
        Query = Fields.ofPairs [ "tag", "a"; "page", "2"; "Tag", "b" ]
        Headers = Fields.ofPairs [ "Accept", "text/plain"; "accept", "application/json" ]
        Cookies = Fields.ofPairs [ "session", "abc" ]
        ClientAddress = "192.0.2.1"
        User = ClaimsPrincipal(ClaimsIdentity([ Claim("name", "ada") ], "test"))
}

[<Fact>]
let ``a field is found in any case, with all its values in order`` () =
    let request = asked :> Request
    Assert.Equal<string seq>([ "text/plain"; "application/json" ], request.Headers.All "ACCEPT")
    Assert.Equal("text/plain", request.Headers.Find "accept")
    Assert.Equal<string seq>([ "a"; "b" ], request.Query.All "tag")
    Assert.Equal(2, request.Query.Names.Count)
    Assert.Equal("abc", request.Cookies.Find "session")

[<Fact>]
let ``a field that is not there has no value`` () =
    let request = asked :> Request
    Assert.Null(request.Headers.Find "Host")
    Assert.Empty(request.Headers.All "Host")

[<Fact>]
let ``a copy has everything that the request had`` () =
    let copy = StoredRequest.copy asked
    Assert.Equal(("PUT", "/v1/add", "192.0.2.1"), (copy.Method, copy.Path, nonNull copy.ClientAddress))
    Assert.Equal<(string * string) list>([ "tag", "a"; "tag", "b"; "page", "2" ], Fields.toPairs copy.Query)

    Assert.Equal<(string * string) list>(
        [ "Accept", "text/plain"; "Accept", "application/json" ],
        Fields.toPairs copy.Headers
    )

    Assert.Equal<(string * string) list>([ "session", "abc" ], Fields.toPairs copy.Cookies)
    Assert.Same(asked.User, copy.User)

[<Fact>]
let ``a request that says nothing is a POST by nobody`` () =
    let request = StoredRequest.empty :> Request
    Assert.Equal(("POST", "/"), (request.Method, request.Path))
    Assert.Null request.ClientAddress
    Assert.Empty request.Query.Names
    Assert.False((nonNull request.User.Identity).IsAuthenticated)
