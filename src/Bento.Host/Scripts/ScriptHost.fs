namespace Bento

/// Whoever runs a script for the services in it, and does not want it to serve them itself.
[<RequireQualifiedAccess>]
module internal ScriptHost =

    /// What `Serve.run` and `Serve.runWith` give their service to, with the options of the latter, in place of serving it.
    /// To be set before the script runs.
    let mutable adopt: (ServeOptions option -> Definition -> unit) option = None
