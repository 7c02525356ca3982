/// What a handler may say of its answer, and what it may not.
module Bento.Tests.ResponseTests

open System
open System.Threading.Tasks
open Xunit
open Bento

[<Fact>]
let ``a response that nothing was said of is a bare 200`` () =
    let response = Response()
    Assert.Equal(200, response.Status)
    Assert.Empty response.Headers
    Assert.Empty response.Cookies
    Assert.Empty response.Work

[<Theory>]
[<InlineData 200>]
[<InlineData 201>]
[<InlineData 204>]
[<InlineData 399>]
let ``a success has the status that it was given`` (status: int) =
    let response = Response()
    response.Status <- status
    Assert.Equal(status, response.Status)

[<Theory>]
[<InlineData 0>]
[<InlineData 199>]
[<InlineData 400>]
[<InlineData 503>]
[<InlineData -1>]
let ``the status of a failure is refused, with the way to fail`` (status: int) =
    let response = Response()

    let refused =
        Assert.Throws<ArgumentOutOfRangeException>(fun () -> response.Status <- status)

    Assert.Contains(string status, refused.Message)
    Assert.Contains("BentoException", refused.Message)
    Assert.Equal(200, response.Status)

let private headers (response: Response) = [ for KeyValue(name, value) in response.Headers -> name, value ]

[<Fact>]
let ``setting a header replaces it, adding one does not`` () =
    let response = Response()
    response.AddHeader("Link", "</a>")
    response.AddHeader("link", "</b>")
    response.SetHeader("X-Model", "old")
    response.SetHeader("x-model", "new")
    Assert.Equal<(string * string) list>([ "Link", "</a>"; "link", "</b>"; "x-model", "new" ], headers response)
    response.RemoveHeader "LINK"
    Assert.Equal<(string * string) list>([ "x-model", "new" ], headers response)

[<Theory>]
[<InlineData("Content-Length", "1", "the server counts")>]
[<InlineData("transfer-encoding", "chunked", "the server frames")>]
[<InlineData("Connection", "close", "keeps connections")>]
[<InlineData("X-Request-Id", "mine", "the log")>]
[<InlineData("Set-Cookie", "a=b", "SetCookie")>]
[<InlineData("", "x", "no name of a header")>]
[<InlineData("two words", "x", "no name of a header")>]
[<InlineData("name:", "x", "no name of a header")>]
[<InlineData("X-Split", "a\r\nX-Other: b", "no header may have")>]
[<InlineData("X-Null", "a\000b", "no header may have")>]
[<InlineData("X-Umlaut", "größe", "no header may have")>]
let ``a header that would break the answer is refused`` (name: string, value: string, reason: string) =
    let response = Response()

    for say in [ response.SetHeader; response.AddHeader ] do
        let refused = Assert.Throws<ArgumentException>(fun () -> say (name, value))
        Assert.Contains(reason, refused.Message)

    Assert.Empty response.Headers

[<Fact>]
let ``a cookie replaces its namesake of the same path and domain, and no other`` () =
    let response = Response()
    response.SetCookie(Cookie.make "a" "1")

    response.SetCookie {
        Cookie.make "a" "2" with
            Path = "/v1"
    }

    response.SetCookie(Cookie.make "a" "3")
    let said = [ for cookie in response.Cookies -> string cookie.Path, cookie.Value ]
    Assert.Equal<(string * string) list>([ "/v1", "2"; "/", "3" ], said)

[<Fact>]
let ``a cookie is said in one call, with what a record would say`` () =
    let response = Response()
    response.SetCookie("plain", "1")

    response.SetCookie(
        "whole",
        "2",
        secure = true,
        maxAge = TimeSpan.FromDays 1.,
        sameSite = SameSite.None,
        path = null
    )

    Assert.Equal<Cookie seq>(
        [
            Cookie.make "plain" "1"
            {
                Cookie.make "whole" "2" with
                    Path = null
                    MaxAge = Nullable(TimeSpan.FromDays 1.)
                    Secure = true
                    SameSite = Nullable SameSite.None
            }
        ],
        response.Cookies
    )

[<Fact>]
let ``a deleted cookie has expired`` () =
    let response = Response()
    response.DeleteCookie "session"
    let cookie = Assert.Single response.Cookies
    Assert.Equal(Nullable DateTimeOffset.UnixEpoch, cookie.Expires)
    Assert.Equal(Nullable TimeSpan.Zero, cookie.MaxAge)

let badCookies: TheoryData<Cookie, string> =
    let made = Cookie.make "session" "x"

    TheoryData<Cookie, string>(
        [
            struct ({ made with Name = "" }, "its name")
            struct ({ made with Name = "a;b" }, "its name")
            struct ({ made with Path = "/; HttpOnly" }, "its Path")
            struct ({ made with Domain = "a\r\nb" }, "its Domain")
            struct ({
                        made with
                            SameSite = Nullable SameSite.None
                    },
                    "Secure = true")
            struct ({
                        made with
                            SameSite = Nullable(enum<SameSite> 7)
                    },
                    "its SameSite is 7")
            struct ({ made with Partitioned = true }, "Secure = true")
        ]
    )

[<Theory; MemberData(nameof badCookies)>]
let ``a cookie that no browser would take is refused`` (cookie: Cookie, reason: string) =
    let response = Response()
    let refused = Assert.Throws<ArgumentException>(fun () -> response.SetCookie cookie)
    Assert.Contains(reason, refused.Message)
    Assert.Empty response.Cookies

[<Fact>]
let ``work for after the answer keeps its order`` () =
    let response = Response()
    let done' = ResizeArray<int>()

    for number in 1..3 do
        response.After(fun () ->
            done'.Add number
            Task.CompletedTask)

    for work in response.Work do
        work.Invoke().Wait()

    Assert.Equal<int seq>([ 1; 2; 3 ], done')
