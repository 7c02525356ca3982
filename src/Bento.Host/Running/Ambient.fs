namespace Bento

open Bento.OnnxRuntime

/// The token of a request or batch, for models that a handler runs without passing them one.
[<RequireQualifiedAccess>]
module internal Ambient =

    /// Calls a handler with the token round it. A process that has loaded no model pays nothing for it.
    let call (handle: Context -> 'In -> 'Result) (context: Context) (input: 'In) : 'Result =
        if OrtLibrary.IsLoaded then
            // What the handler leaves running keeps the token; the host's own flow does not.
            use _ = AmbientCancellation.Enter context.Cancellation
            handle context input
        else
            handle context input

    /// Calls a batched handler with the token of its batch round it, in the same way.
    let callBatch (handle: BatchContext -> 'In -> 'Result) (batch: BatchContext) (input: 'In) : 'Result =
        if OrtLibrary.IsLoaded then
            use _ = AmbientCancellation.Enter batch.Cancellation
            handle batch input
        else
            handle batch input
