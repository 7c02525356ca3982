namespace Bento

open System.Threading.Tasks

/// The steps of the `service` block, each from one draft to the next.
[<RequireQualifiedAccess>]
module internal Draft =

    let empty: Draft<unit> = {
        Settings = []
        Requirements = []
        Init = fun _ _ -> Task.FromResult(())
        OnDeployment = []
        OnStartup = []
        OnShutdown = []
        OnReady = []
        OnAlive = []
        Endpoints = []
    }

    let withSettings settings (draft: Draft<'State>) = {
        draft with
            Settings = draft.Settings @ settings
    }

    /// The same service around another state; what used the old one is not there yet.
    let withInit init (draft: Draft<'Before>) : Draft<'State> = {
        Settings = draft.Settings
        Requirements = draft.Requirements
        Init = init
        OnDeployment = draft.OnDeployment
        OnStartup = []
        OnShutdown = []
        OnReady = []
        OnAlive = []
        Endpoints = []
    }

    let onDeployment step (draft: Draft<'State>) = {
        draft with
            OnDeployment = draft.OnDeployment @ [ step ]
    }

    let onStartup step (draft: Draft<'State>) = {
        draft with
            OnStartup = draft.OnStartup @ [ step ]
    }

    let onShutdown step (draft: Draft<'State>) = {
        draft with
            OnShutdown = draft.OnShutdown @ [ step ]
    }

    let onReady check (draft: Draft<'State>) = {
        draft with
            OnReady = draft.OnReady @ [ check ]
    }

    let onAlive check (draft: Draft<'State>) = {
        draft with
            OnAlive = draft.OnAlive @ [ check ]
    }

    let withEndpoint line endpoint (draft: Draft<'State>) = {
        draft with
            Endpoints = draft.Endpoints @ [ { Part = endpoint; Line = line } ]
    }
