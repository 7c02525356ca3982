module Bento.Tests.FileSignatureTests

open System
open System.Text
open FsCheck
open Xunit
open Bento

let private find (bytes: byte[]) = FileSignature.find (ReadOnlySpan bytes)
let private latin (text: string) = Encoding.Latin1.GetBytes text

[<Theory>]
[<InlineData("\u0089PNG\r\n\u001a\n", "image/png")>]
[<InlineData("\u00ff\u00d8\u00ff\u00e0\u0000\u0010JFIF", "image/jpeg")>]
[<InlineData("GIF89a\u0001", "image/gif")>]
[<InlineData("GIF87a\u0001", "image/gif")>]
[<InlineData("RIFF\u0001\u0002\u0003\u0004WEBPVP8 ", "image/webp")>]
[<InlineData("RIFF\u0001\u0002\u0003\u0004WAVEfmt ", "audio/wav")>]
[<InlineData("BM\u0036\u0000\u000c\u0000\u0000\u0000\u0000\u0000\u0036\u0000\u0000\u0000\u0028\u0000\u0000\u0000",
             "image/bmp")>]
[<InlineData("II*\u0000\u0008\u0000", "image/tiff")>]
[<InlineData("MM\u0000*\u0000\u0008", "image/tiff")>]
[<InlineData("%PDF-1.7\n", "application/pdf")>]
[<InlineData("OggS\u0000", "audio/ogg")>]
[<InlineData("fLaC\u0000", "audio/flac")>]
[<InlineData("ID3\u0003", "audio/mpeg")>]
[<InlineData("\u00ff\u00fb\u0090\u0044", "audio/mpeg")>]
[<InlineData("\u0000\u0000\u0000\u0020ftypisom", "video/mp4")>]
[<InlineData("\u0000\u0000\u0000\u0020ftypM4A ", "audio/mp4")>]
[<InlineData("\u0000\u0000\u0000\u0020ftypavif", "image/avif")>]
[<InlineData("\u001a\u0045\u00df\u00a3", "video/webm")>]
[<InlineData("PK\u0003\u0004", "application/zip")>]
[<InlineData("\u001f\u008b\u0008", "application/gzip")>]
[<InlineData("\u0093NUMPY\u0001\u0000", "application/x-npy")>]
[<InlineData(" {\"a\": 1}", "application/json")>]
[<InlineData("[1, 2]", "application/json")>]
[<InlineData("<svg xmlns=\"\">", "image/svg+xml")>]
[<InlineData("BM is no bitmap here", "text/plain")>]
[<InlineData("hello\tworld\r\n", "text/plain")>]
let ``a file is known by its beginning`` (beginning: string, mediaType: string) =
    Assert.Equal(Some mediaType, find (latin beginning))

[<Theory>]
[<InlineData("")>]
[<InlineData("\u0000\u0001\u0002")>]
[<InlineData("text with a \u0000 in it")>]
[<InlineData("\u00c3\u0028")>]
let ``what has no known beginning has no type`` (beginning: string) =
    Assert.Equal(None, find (latin beginning))

[<Fact>]
let ``text is text where a letter is cut at its end`` () =
    Assert.Equal(Some "text/plain", find (Encoding.UTF8.GetBytes("a€")[..2]))
    let long = Encoding.UTF8.GetBytes(String('€', 400))
    Assert.Equal(Some "text/plain", find long)

[<Theory>]
[<InlineData("image/png", "GIF89a", false)>]
[<InlineData("image/png", "", false)>]
[<InlineData("IMAGE/X-PNG", "\u0089PNG\r\n\u001a\n", true)>]
[<InlineData("image/jpg", "\u00ff\u00d8\u00ff", true)>]
[<InlineData("audio/x-wav", "RIFF\u0001\u0002\u0003\u0004WAVE", true)>]
[<InlineData("application/pdf", "hello", false)>]
[<InlineData("text/csv", "\u0089PNG\r\n\u001a\n", true)>]
[<InlineData("application/octet-stream", "hello", true)>]
let ``a type is believed where the bytes do not belie it`` (declared: string, beginning: string, believed: bool) =
    Assert.Equal(believed, FileSignature.agrees declared (ReadOnlySpan(latin beginning)))

[<Fact>]
let ``any bytes have a type or none`` () =
    Check.QuickThrowOnFailure(fun (bytes: byte[]) ->
        match find bytes with
        | Some mediaType -> FileSignature.agrees mediaType (ReadOnlySpan bytes)
        | None -> true)
