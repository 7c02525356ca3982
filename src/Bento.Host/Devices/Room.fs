namespace Bento

open System

/// The memory that a service asks for beside the memory that there is.
[<RequireQualifiedAccess>]
module internal Room =

    /// What the machine has, or its control group leaves, in whole mebibytes.
    let here () =
        Bytes(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >>> 20 <<< 20)

    /// Says that a service asks for more than there is. It may be served all the same.
    let warn (log: Log) (service: ServiceCard) (available: Memory) =
        match service.Resources.Memory with
        | Some wanted when wanted > available ->
            log
            |> Log.warning
                $"\"{service.Name}\" asks for `memory \"{wanted}\"`, and {available} is all that this machine has, or its control group leaves."
        | _ -> ()
