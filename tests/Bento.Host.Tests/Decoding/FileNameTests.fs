module Bento.Hosting.Tests.FileNameTests

open System
open System.Net.Http.Headers
open System.Text
open System.Threading.Tasks
open FsCheck
open Xunit
open Bento
open Bento.Hosting.Tests.Wire

let private described = service {
    api "name" (fun (file: Bento.File) -> file.Name)
    api "file" (fun (name: string) -> File.OfBytes(name, "text/plain", "hello"B))
}

let private app = lazy (App.hosting [ described ])

let private multipart (disposition: string) =
    $"--x\r\nContent-Disposition: form-data; name=\"file\"; {disposition}\r\n\r\nhello\r\n--x--\r\n"

let private nameOf (disposition: string) : Task<string> = task {
    let! app = app.Value

    let! answer =
        post app.Client "/name" "multipart/form-data; boundary=x" (Encoding.UTF8.GetBytes(multipart disposition))

    Assert.True((answer.Status = 200), answer.Body)
    return answer.Body
}

[<Theory>]
[<InlineData("filename=a.txt", "a.txt")>]
[<InlineData("filename=\"a.txt\"", "a.txt")>]
[<InlineData("filename=\"naïve café.txt\"", "naïve café.txt")>]
[<InlineData("filename=\"naïve %22q%22.txt\"", "naïve \"q\".txt")>]
[<InlineData("filename=\"a\\\"b.txt\"", "a\"b.txt")>]
[<InlineData("filename=\"x.txt\"; filename*=UTF-8''%e2%82%ac.txt", "€.txt")>]
[<InlineData("filename=\"../../etc/passwd\"", "passwd")>]
[<InlineData("filename=\"C:\\\\Users\\\\me\\\\a.txt\"", "a.txt")>]
[<InlineData("filename*=UTF-8''..%2f..%2fa.txt", "a.txt")>]
[<InlineData("filename*=UTF-8''a%00b%0d%0a%1b.txt", "ab.txt")>]
[<InlineData("filename*=UTF-8''a%e2%80%aetxt.exe", "atxt.exe")>]
[<InlineData("filename=\"..\"", "")>]
[<InlineData("filename=\".\"", "")>]
[<InlineData("filename=\"\"", "")>]
let ``a name has no folder and nothing that cannot be seen`` (disposition: string, expected: string) : Task = task {
    let! name = nameOf disposition
    Assert.Equal(expected, name)
}

[<Fact>]
let ``a name is no longer than a file system takes`` () : Task = task {
    let long = String('a', 400)
    let! name = nameOf $"filename=\"{long}\""
    Assert.Equal(String('a', 255), name)
}

[<Theory>]
[<InlineData("report.csv", "attachment; filename=\"report.csv\"")>]
[<InlineData("größe €.csv", "attachment; filename=\"gr__e _.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%E2%82%AC.csv")>]
[<InlineData("a\"b\r\nX-Evil: 1.csv", "attachment; filename=\"1.csv\"")>]
[<InlineData("../a.csv", "attachment; filename=\"a.csv\"")>]
[<InlineData("", "attachment")>]
let ``a file is sent under its name`` (name: string, expected: string) : Task = task {
    let! app = app.Value
    let! answer = post app.Client "/file" "text/plain" (Encoding.UTF8.GetBytes name)
    Assert.Equal(expected, answer.Headers["content-disposition"])
    Assert.Equal("hello", answer.Body)
}

[<Fact>]
let ``any name at all makes a header that can be read`` () : Task = task {
    let! app = app.Value

    Check.One(
        Config.QuickThrowOnFailure.WithMaxTest 60,
        fun (name: string | null) ->
            let body = name |> Option.ofObj |> Option.defaultValue "" |> Encoding.UTF8.GetBytes
            let answer = (post app.Client "/file" "text/plain" body).GetAwaiter().GetResult()
            Assert.Equal(200, answer.Status)
            let read = ContentDispositionHeaderValue.Parse answer.Headers["content-disposition"]
            Assert.Equal("attachment", read.DispositionType)
            let back = read.FileNameStar |> Option.ofObj |> Option.defaultValue ""
            Assert.DoesNotContain(back, fun c -> Char.IsControl c || c = '/' || c = '\\')
    )
}
