namespace Bento

/// What a host answers to GET below every service, beside the service's own routes.
[<RequireQualifiedAccess>]
module internal SystemRoutes =

    [<Literal>]
    let live = "/livez"

    [<Literal>]
    let healthy = "/healthz"

    [<Literal>]
    let ready = "/readyz"

    [<Literal>]
    let metrics = "/metrics"

    [<Literal>]
    let openApi = "/docs.json"

    [<Literal>]
    let schema = "/schema.json"

    /// The folder of the page's own files.
    [<Literal>]
    let page = "/page/"

    /// All but the files of the page.
    let all = set [ live; healthy; ready; metrics; openApi; schema ]
