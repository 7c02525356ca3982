namespace Bento

open System.Threading.Tasks

/// A function that answers one request, or one batch of them. A synchronous one keeps its thread until it is done.
[<NoComparison; NoEquality>]
type Handler<'Context, 'In, 'Out> =
    | Synchronous of ('Context -> 'In -> 'Out)
    | Asynchronous of ('Context -> 'In -> Task<'Out>)

[<RequireQualifiedAccess>]
module internal Handler =

    let isSynchronous handler =
        match handler with
        | Synchronous _ -> true
        | Asynchronous _ -> false

    /// The same handler for whoever has another context, from which its own can be made.
    let within (context: 'Outer -> 'Context) (handler: Handler<'Context, 'In, 'Out>) : Handler<'Outer, 'In, 'Out> =
        match handler with
        | Synchronous handle -> Synchronous(fun outer input -> handle (context outer) input)
        | Asynchronous handle -> Asynchronous(fun outer input -> handle (context outer) input)
