namespace Bento

open System.Threading.Tasks
open Microsoft.AspNetCore.Http

// Giraffe's three types, letter for letter: abbreviations, so that a handler of ours is a handler of Giraffe's and
// the other way round, with no adapter and no reference to its package.

/// What a handler gives: the context when the request was handled, none when it was passed over.
type HttpFuncResult = Task<HttpContext option>

/// What comes after a handler.
type HttpFunc = HttpContext -> HttpFuncResult

/// A handler of HTTP requests, as Giraffe has it.
type HttpHandler = HttpFunc -> HttpFunc
