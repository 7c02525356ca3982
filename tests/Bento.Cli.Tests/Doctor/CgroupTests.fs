module Bento.Tests.CgroupTests

open Xunit
open FsCheck
open FsCheck.FSharp
open Bento.Cli

let private limits (files: (string * string) list) =
    Cgroup.limits (fun path -> files |> List.tryFind (fun (file, _) -> file = path) |> Option.map snd)

let private self text = "/proc/self/cgroup", text

let private mounts (lines: string list) =
    "/proc/self/mountinfo", String.concat "\n" lines + "\n"

let private second =
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate"

let private first controller root =
    $"33 30 0:31 {root} /sys/fs/cgroup/{controller} ro,nosuid master:12 - cgroup cgroup rw,{controller}"

let private disk = "24 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"

/// What the files say, and what of processors and of memory is left.
let private table: (string * (string * string) list * float option * int64 option) list = [
    "no files at all", [], None, None
    "nonsense", [ self "x\n:::\n"; mounts [ "a b"; "1 2 3 - cgroup2"; " - " ] ], None, None
    "a container of version 2",
    [
        self "0::/\n"
        mounts [ disk; second ]
        "/sys/fs/cgroup/cpu.max", "150000 100000\n"
        "/sys/fs/cgroup/memory.max", "536870912\n"
    ],
    Some 1.5,
    Some 536_870_912L
    "version 2 without limits",
    [
        self "0::/\n"
        mounts [ second ]
        "/sys/fs/cgroup/cpu.max", "max 100000\n"
        "/sys/fs/cgroup/memory.max", "max\n"
    ],
    None,
    None
    "groups of version 2 below each other: the tightest holds",
    [
        self "0::/system.slice/app.service\n"
        mounts [ second ]
        "/sys/fs/cgroup/system.slice/cpu.max", "100000 100000\n"
        "/sys/fs/cgroup/system.slice/memory.max", "2147483648\n"
        "/sys/fs/cgroup/system.slice/app.service/cpu.max", "400000 100000\n"
        "/sys/fs/cgroup/system.slice/app.service/memory.max", "1073741824\n"
        // A group beside ours.
        "/sys/fs/cgroup/system.slice/other.service/cpu.max", "1000 100000\n"
    ],
    Some 1.,
    Some 1_073_741_824L
    "a container of version 1, whose own group is what is mounted",
    [
        self "4:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n"
        mounts [
            disk
            first "memory" "/docker/abc"
            "34 30 0:32 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro master:13 - cgroup cgroup rw,cpu,cpuacct"
        ]
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "50000\n"
        "/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n"
        "/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n"
    ],
    Some 0.5,
    Some 268_435_456L
    "version 1 without limits",
    [
        self "4:memory:/\n3:cpu:/\n"
        mounts [ first "memory" "/"; first "cpu" "/" ]
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n"
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"
        "/sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"
    ],
    None,
    None
    "both versions at once",
    [
        self "4:memory:/api/1\n1:cpu:/\n0::/\n"
        mounts [
            first "memory" "/"
            first "cpu" "/"
            "29 26 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw"
        ]
        "/sys/fs/cgroup/memory/api/1/memory.limit_in_bytes", "1048576\n"
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000\n"
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n"
    ],
    Some 2.,
    Some 1_048_576L
    "a path outside of what is mounted, as in a namespace of its own",
    [
        self "0::/../../elsewhere\n"
        mounts [ second ]
        "/sys/fs/cgroup/cpu.max", "300000 100000\n"
        "/sys/fs/cgroup/../../elsewhere/cpu.max", "1 100000\n"
    ],
    Some 3.,
    None
    "a blank in a path",
    [
        self "0::/\n"
        mounts [ @"30 24 0:26 / /sys/fs/my\040groups rw - cgroup2 cgroup2 rw" ]
        "/sys/fs/my groups/memory.max", "4096\n"
    ],
    None,
    Some 4096L
    "numbers that are none",
    [
        self "0::/\n"
        mounts [ second ]
        "/sys/fs/cgroup/cpu.max", "100000 0\n"
        "/sys/fs/cgroup/memory.max", "-5\n"
    ],
    None,
    None
]

[<Fact>]
let ``limits are read from files of both versions`` () =
    for case, files, processors, memory in table do
        let wanted = {
            Processors = processors
            Memory = memory
        }

        let found = limits files
        Assert.True((wanted = found), $"{case}: %A{found}")

[<Fact>]
let ``whatever the files hold, limits are above zero or none`` () =
    let text =
        Gen.elements [
            "0::/a/b"
            "3:cpu:/a"
            "4:memory:/"
            second
            first "memory" "/a"
            first "cpu" "/"
            "-"
            " - "
            "max"
            "0 0"
            "100 -1"
            "9999999999999999999999"
            "\\777"
            "::"
            ""
        ]
        |> Gen.listOf
        |> Gen.map (String.concat "\n")

    let files = Gen.zip text (Gen.zip text text)

    let law (mountinfo, (self, other)) =
        let found =
            Cgroup.limits (fun path ->
                match path with
                | "/proc/self/mountinfo" -> Some mountinfo
                | "/proc/self/cgroup" -> Some self
                | _ -> Some other)

        found.Processors |> Option.forall (fun share -> share > 0.)
        && found.Memory |> Option.forall (fun bytes -> bytes > 0L)

    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess true, Prop.forAll (Arb.fromGen files) law)
