module Bento.Hosting.Tests.DevicesTests

open System.Threading.Tasks
open Xunit
open Bento

let private gpus count : Gpus =
    let all =
        List.init count (fun index -> {
            Model = $"Tesla {index}"
            Uuid = None
        })

    {
        Seen = all
        Usable = all
        VisibleDevices = None
    }

/// A machine with so many GPUs, on which those sessions fail.
let private machine count (failing: (int * string) list) : Machine = {
    Gpus = fun () -> gpus count
    Session =
        fun device ->
            match failing |> List.tryFind (fun (index, _) -> index = device) with
            | Some(_, reason) -> Error reason
            | None when device < count -> Ok()
            | None -> Error "CUDA failure 100: no CUDA-capable device is detected"
}

let private asking gpu fallback : Resources = {
    Cpu = None
    Memory = None
    Gpu = gpu
    Fallback = fallback
}

let private error result =
    match result with
    | Error(seen: int, reason: string) -> seen, reason
    | Ok grant -> failwith $"%A{grant}"

[<Fact>]
let ``a service that asks for no GPU runs on the processor, and no machine is asked`` () =
    let untouched: Machine = {
        Gpus = fun () -> failwith "The driver's files were looked at."
        Session = fun _ -> failwith "A session was made."
    }

    Assert.Equal(Ok Grant.Processor, Devices.grant untouched (asking None None))
    Assert.Equal(Ok Grant.Processor, Devices.grant untouched (asking (Some 0) None))
    Assert.Equal(Ok Grant.Processor, Devices.grant untouched (asking (Some 0) (Some Cpu)))

[<Fact>]
let ``GPUs that are there are given, with a fallback or without`` () =
    for fallback in [ None; Some Cpu ] do
        Assert.Equal(Ok(Grant.Devices 1), Devices.grant (machine 1 []) (asking (Some 1) fallback))
        Assert.Equal(Ok(Grant.Devices 2), Devices.grant (machine 4 []) (asking (Some 2) fallback))

[<Fact>]
let ``a GPU beyond those asked for may be broken`` () =
    Assert.Equal(Ok(Grant.Devices 1), Devices.grant (machine 2 [ 1, "broken" ]) (asking (Some 1) None))

[<Fact>]
let ``too few GPUs are told with how many there are and where was looked`` () =
    let seen, reason = error (Devices.grant (machine 1 []) (asking (Some 2) None))
    Assert.Equal(1, seen)
    Assert.Equal(Gpus.describe (gpus 1), reason)

[<Fact>]
let ``where there is no GPU, what else is missing is told too`` () =
    let machine = machine 0 [ 0, "libcublasLt.so.13 is missing" ]
    let seen, reason = error (Devices.grant machine (asking (Some 1) None))
    Assert.Equal(0, seen)

    Assert.Equal(
        Gpus.describe (gpus 0)
        + "; a session on GPU 0 is not possible: libcublasLt.so.13 is missing",
        reason
    )

[<Fact>]
let ``a GPU that makes no session is a missing one, and is named`` () =
    let seen, reason =
        error (Devices.grant (machine 2 [ 1, "out of memory" ]) (asking (Some 2) None))

    Assert.Equal(2, seen)
    Assert.EndsWith("; a session on GPU 1 is not possible: out of memory", reason)

[<Fact>]
let ``with a fallback a service whose GPUs are missing runs on the processor, and the reason is kept`` () =
    for machine in [ machine 0 []; machine 1 []; machine 2 [ 0, "broken" ] ] do
        let _, reason = error (Devices.grant machine (asking (Some 2) None))
        Assert.Equal(Ok(Grant.FallenBack reason), Devices.grant machine (asking (Some 2) (Some Cpu)))

[<Fact>]
let ``worker i has device i mod n`` () =
    let devices grant workers = [
        for index in 0 .. workers - 1 -> Devices.ofWorker grant { Index = index; Count = workers }
    ]

    Assert.Equal<Device list>(
        [ Device.Gpu 0; Device.Gpu 1; Device.Gpu 0; Device.Gpu 1; Device.Gpu 0 ],
        devices (Grant.Devices 2) 5
    )

    Assert.Equal<Device list>([ Device.Gpu 0; Device.Gpu 0 ], devices (Grant.Devices 1) 2)
    Assert.Equal<Device list>([ Device.Gpu 0 ], devices (Grant.Devices 3) 1)
    Assert.Equal<Device list>([ Device.Cpu; Device.Cpu ], devices Grant.Processor 2)
    Assert.Equal<Device list>([ Device.Cpu; Device.Cpu ], devices (Grant.FallenBack "missing") 2)

let private line = int __LINE__ + 3

let private wanting = service {
    resources { gpu 3 }
    api "echo" (fun (text: string) -> text)
}

[<Fact>]
let ``missing GPUs are a problem at the line of gpu`` () =
    let hosted: Hosted = Service.require wanting

    Assert.Equal<Problem list>(
        [ MissingGpus(3, 1, Gpus.describe (gpus 1), line) ],
        Devices.problems (machine 1 []) hosted
    )

    Assert.Empty(Devices.problems (machine 3 []) hosted)

[<Fact>]
let ``only a fallback that was taken is warned of`` () =
    let card = (Service.require wanting).Card
    use logs = new Logs.Logs()

    let log =
        HostLog((logs :> Microsoft.Extensions.Logging.ILoggerProvider).CreateLogger "test")

    Devices.warn log card Grant.Processor
    Devices.warn log card (Grant.Devices 3)
    Assert.Empty logs.Lines
    Devices.warn log card (Grant.FallenBack "no GPU is seen")
    let line = Assert.Single logs.Lines
    Assert.Equal(Microsoft.Extensions.Logging.LogLevel.Warning, line.Level)
    Assert.Contains("\"wanting\" falls back to the processor", line.Message)
    Assert.Contains("`gpu 3`", line.Message)
    Assert.Contains("no GPU is seen", line.Message)

// -- this machine --------------------------------------------------------------------------------------

let private refusing = service {
    resources { gpu 999 }
    api "echo" (fun (text: string) -> text)
}

[<Fact>]
let ``a start without the GPUs is refused, and nothing of the service runs`` () : Task = task {
    let mutable hasRun = false

    let refused = service {
        resources { gpu 999 }
        name "refused"
        onDeployment (fun () -> hasRun <- true)
        api "echo" (fun (text: string) -> text)
    }

    let! problem =
        Assert.ThrowsAsync<InvalidServiceException>(fun () -> App.hosting [ refused ] :> Task)

    let _, missing = Assert.Single(InvalidServiceException.problems problem)

    match missing with
    | MissingGpus(999, _, _, _) -> ()
    | other -> Assert.Fail $"{other}"

    Assert.Contains("`gpu 999` cannot be had here", problem.Message)
    Assert.Contains(Gpus.places, problem.Message)
    Assert.Contains("fallback Cpu", problem.Message)
    Assert.False hasRun
}

[<Fact>]
let ``missing GPUs are told together with whatever else is wrong`` () : Task = task {
    let wrong = service {
        name "wrong"
        workers 0
        api "echo" (fun (text: string) -> text)
    }

    let! problem =
        Assert.ThrowsAsync<InvalidServiceException>(fun () -> App.hosting [ refusing; wrong ] :> Task)

    Assert.Equal(2, (InvalidServiceException.problems problem).Length)
}

[<Fact>]
let ``with a fallback the start succeeds on the processor, with one warning in the log`` () : Task = task {
    let falling = service {
        resources {
            gpu 999
            fallback Cpu
        }

        name "falling"
        workers 2
        init (fun (setup: Setup<unit>) -> string setup.Device)
        api "device" (fun (context: Context<string>) () -> context.State)
    }

    use! app = App.hosting [ falling ]
    let! answer = Wire.postJson app.Client "/device" "{}"
    Assert.Equal("Cpu", answer.Body)

    let warning =
        app.Lines
        |> List.filter (fun line -> line.Level = Microsoft.Extensions.Logging.LogLevel.Warning)
        |> Assert.Single

    Assert.Equal("Bento.falling", warning.Category)
    Assert.Contains("`gpu 999`", warning.Message)
}
