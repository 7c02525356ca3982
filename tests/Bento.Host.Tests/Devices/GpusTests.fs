module Bento.Hosting.Tests.GpusTests

open Xunit
open Bento

/// A file system of just these files; a folder has the names that files of it begin with.
let private files (paths: (string * string) list) : DriverFiles = {
    Names =
        fun folder ->
            paths
            |> List.choose (fun (path, _) ->
                if path.StartsWith(folder + "/", System.StringComparison.Ordinal) then
                    Some(path.Substring(folder.Length + 1).Split('/')[0])
                else
                    None)
            |> List.distinct
    Read = fun path -> paths |> List.tryFind (fun (file, _) -> file = path) |> Option.map snd
}

let private information model uuid number =
    $"Model: \t\t {model}\nIRQ:   \t\t 124\nGPU UUID: \t {uuid}\nVideo BIOS: \t 90.02.0b.00.12\nBus Location: \t 0000:01:00.0\nDevice Minor: \t {number}\nGPU Excluded:\t No\n"

let private inFolder bus text =
    $"/proc/driver/nvidia/gpus/{bus}/information", text

let private a100 = {
    Model = "NVIDIA A100"
    Uuid = Some "GPU-aaaa-1"
}

let private t4 = {
    Model = "Tesla T4"
    Uuid = Some "GPU-bbbb-2"
}

let private both = [
    inFolder "0000:01:00.0" (information "NVIDIA A100" "GPU-aaaa-1" 0)
    inFolder "0000:41:00.0" (information "Tesla T4" "GPU-bbbb-2" 1)
]

let private device number = $"/dev/nvidia{number}", ""
let private others = [ "/dev/nvidiactl", ""; "/dev/nvidia-uvm", ""; "/dev/null", "" ]

let private seen paths = (Gpus.look (files paths) None).Seen

[<Fact>]
let ``a machine without the driver has no GPU`` () =
    Assert.Empty(seen [])
    Assert.Empty(seen others)

[<Fact>]
let ``the driver's folder tells the models`` () =
    Assert.Equal<Gpu list>([ a100; t4 ], seen (both @ [ device 0; device 1 ] @ others))

[<Fact>]
let ``a container has those GPUs whose device files it has`` () =
    Assert.Equal<Gpu list>([ t4 ], seen (both @ [ device 1 ]))

[<Fact>]
let ``before the first use there are no device files, and GPUs all the same`` () =
    Assert.Equal<Gpu list>([ a100; t4 ], seen both)

[<Fact>]
let ``device files alone are GPUs without a model`` () =
    Assert.Equal<string list>(
        [ "/dev/nvidia0"; "/dev/nvidia2"; "/dev/nvidia10" ],
        seen ([ device 10; device 2; device 0 ] @ others) |> List.map _.Model
    )

[<Fact>]
let ``a folder that tells nothing is a GPU all the same`` () =
    let unreadable = seen [ inFolder "0000:01:00.0" "" ]

    Assert.Equal<Gpu list>([ { Model = "0000:01:00.0"; Uuid = None } ], unreadable)

/// What the variable says, and the GPUs it leaves of an A100 and a T4.
let private variables: (string * Gpu list) list = [
    "", []
    "-1", []
    "NoDevFiles", []
    "0", [ a100 ]
    "1,0", [ t4; a100 ]
    " 1 , 0 ", [ t4; a100 ]
    "0,2,1", [ a100 ]
    "0,-1,1", [ a100 ]
    "0,0", []
    "GPU-bbbb", [ t4 ]
    "GPU-bbbb-2,0", [ t4; a100 ]
    "GPU-", []
    "GPU-cccc", []
    "0,x", [ a100 ]
    "MIG-cccc/1/0",
    [
        {
            Model = "MIG-cccc/1/0"
            Uuid = Some "MIG-cccc/1/0"
        }
    ]
]

[<Fact>]
let ``CUDA_VISIBLE_DEVICES leaves what CUDA would use, in its order`` () =
    for variable, left in variables do
        let gpus = Gpus.look (files both) (Some variable)
        Assert.Equal<Gpu list>([ a100; t4 ], gpus.Seen)
        Assert.True((left = gpus.Usable), $"{variable}: %A{gpus.Usable}")

[<Fact>]
let ``two GPUs of one make that have no UUID yet are two`` () =
    let unnamed bus =
        inFolder bus (information "NVIDIA A100" "GPU-????????-????-????-????-????????????" (if bus = "a" then 0 else 1))

    let usable variable =
        (Gpus.look (files [ unnamed "a"; unnamed "b" ]) (Some variable)).Usable

    let one = { Model = "NVIDIA A100"; Uuid = None }
    Assert.Equal<Gpu list>([ one; one ], usable "0,1")
    Assert.Equal<Gpu list>([], usable "1,1")
    Assert.Equal<Gpu list>([], usable "GPU-")

[<Fact>]
let ``how many there are is told with the places that were looked at`` () =
    let places = "/proc/driver/nvidia/gpus/* and /dev/nvidia[0-9]*"

    let told paths variable =
        Gpus.describe (Gpus.look (files paths) variable)

    Assert.Equal($"no GPU is seen in {places}", told [] None)
    Assert.Equal($"1 GPU is seen in {places}", told [ device 0 ] None)
    Assert.Equal($"2 GPUs are seen in {places}", told both None)
    Assert.Equal($"2 GPUs are seen in {places}", told both (Some "1,0"))

    Assert.Equal($"2 GPUs are seen in {places}, of which CUDA_VISIBLE_DEVICES=\"1\" leaves 1", told both (Some "1"))
