module Bento.Tests.CapacityTests

open Xunit
open Bento.Cli

let private limits processors memory = {
    Processors = processors
    Memory = memory
}

let private mebibytes count = int64 count <<< 20

[<Theory>]
[<InlineData(0L, "0 KiB")>]
[<InlineData(1536L, "1.5 KiB")>]
[<InlineData(1048576L, "1 MiB")>]
[<InlineData(8267812864L, "7.7 GiB")>]
let ``an amount reads as a person says it`` (bytes: int64, text: string) =
    Assert.Equal(text, Capacity.amount bytes)

[<Fact>]
let ``processors are counted with what the control group leaves of them`` () =
    let finding = Capacity.processors 4 (limits None None)
    Assert.Equal(Finding.ok "processors" "4 processors, and no control group takes any away.", finding)
    let finding = Capacity.processors 1 (limits (Some 8.) None)
    Assert.Equal(Finding.ok "processors" "1 processor, and no control group takes any away.", finding)
    let finding = Capacity.processors 4 (limits (Some 1.5) None)
    Assert.Equal(Finding.ok "processors" "4 processors, of which the control group leaves 1.5.", finding)

[<Fact>]
let ``less than a processor is a warning`` () =
    let finding = Capacity.processors 4 (limits (Some 0.25) None)
    Assert.Equal(Condition.Warning, finding.Condition)
    Assert.Equal("4 processors, of which the control group leaves 0.25.", finding.Sentence)

[<Fact>]
let ``memory is what the machine has or the control group leaves`` () =
    let of8 limit =
        Capacity.memory (mebibytes 8192) (limits None limit)

    Assert.Equal(Finding.ok "memory" "8 GiB, and no control group takes any away.", of8 None)
    Assert.Equal(Finding.ok "memory" "8 GiB, and no control group takes any away.", of8 (Some(mebibytes 9000)))
    Assert.Equal(Finding.ok "memory" "8 GiB, of which the control group leaves 512 MiB.", of8 (Some(mebibytes 512)))
    Assert.Equal(Condition.Warning, (of8 (Some(mebibytes 128))).Condition)
    Assert.Equal(Condition.Warning, (Capacity.memory (mebibytes 200) (limits None None)).Condition)

[<Fact>]
let ``little room or none to write in is a warning`` () =
    let plenty = Capacity.disk "/var/bento" (Ok(mebibytes 4096))
    Assert.Equal(Finding.ok "disk" "4 GiB are free for /var/bento.", plenty)
    let little = Capacity.disk "/var/bento" (Ok(mebibytes 512))
    Assert.Equal(Condition.Warning, little.Condition)
    Assert.Equal("512 MiB are free for /var/bento.", little.Sentence)
    let none = Capacity.disk "/var/bento" (Error "Access is denied.")
    Assert.Equal(Condition.Warning, none.Condition)
    Assert.Equal("/var/bento cannot be written to: Access is denied.", none.Sentence)

[<Theory>]
[<InlineData("Name:\tx\nCpus_allowed_list:\t0-3,8\nOther:\t1\n", 5)>]
[<InlineData("Cpus_allowed_list:\t0\n", 1)>]
[<InlineData("Cpus_allowed_list:\t0-1\n", 2)>]
let ``the processors that a process may use are counted`` (status: string, count: int) =
    Assert.Equal(Some count, Capacity.allowedProcessors status)

[<Theory>]
[<InlineData("")>]
[<InlineData("Cpus_allowed:\t3\n")>]
[<InlineData("Cpus_allowed_list:\t3-1\n")>]
[<InlineData("Cpus_allowed_list:\t1-2-3\n")>]
[<InlineData("Cpus_allowed_list:\tall\n")>]
let ``a list that is none is not counted`` (status: string) =
    Assert.Equal(None, Capacity.allowedProcessors status)

[<Fact>]
let ``the memory of the machine is read from meminfo`` () =
    Assert.Equal(Some(16384L * 1024L), Capacity.totalMemory "MemTotal:          16384 kB\nMemFree: 1 kB\n")
    Assert.Equal(None, Capacity.totalMemory "MemFree: 1 kB\n")

[<Fact>]
let ``this machine has processors, memory and a disk`` () =
    Assert.Equal<string list>([ "processors"; "memory"; "disk" ], Capacity.here () |> List.map _.What)
