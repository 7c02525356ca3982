namespace Bento

open System
open System.Diagnostics
open System.IO
open System.Threading

/// What the process uses of its machine, under the names that Prometheus' clients have for it.
[<RequireQualifiedAccess>]
module internal ProcessFigures =

    let private counter = Exposition.single FamilyKind.Counter
    let private gauge = Exposition.single FamilyKind.Gauge

    let private started =
        use current = Process.GetCurrentProcess()
        DateTimeOffset(current.StartTime).ToUnixTimeMilliseconds()

    /// Where Linux lists the open files of this process.
    let private descriptors = DirectoryInfo "/proc/self/fd"

    let private collections = {
        Name = "dotnet_collection_count_total"
        Help = "Garbage collections, by generation."
        Kind = FamilyKind.Counter
        Samples = []
    }

    /// All figures as they are now. What the system does not tell is left out.
    let families () : Family list = [
        use current = Process.GetCurrentProcess()
        counter "process_cpu_seconds_total" "Processor time used, in seconds." current.TotalProcessorTime.TotalSeconds
        gauge "process_resident_memory_bytes" "Memory that is in RAM." (float current.WorkingSet64)
        gauge "process_virtual_memory_bytes" "Address space that is in use." (float current.VirtualMemorySize64)
        gauge "process_start_time_seconds" "When the process started, in seconds since 1970." (float started / 1000.)
        gauge "process_num_threads" "Threads of the operating system." (float current.Threads.Count)

        if descriptors.Exists then
            // The listing is itself an open file while it is read.
            let count = descriptors.EnumerateFileSystemInfos() |> Seq.length
            gauge "process_open_fds" "Open files and sockets." (float (count - 1))

        {
            collections with
                Samples = [
                    for generation in 0 .. GC.MaxGeneration do
                        Exposition.sample [ "generation", string generation ] (float (GC.CollectionCount generation))
                ]
        }

        gauge "dotnet_total_memory_bytes" "Managed memory that is in use." (float (GC.GetTotalMemory false))
        counter "dotnet_allocated_bytes_total" "Managed memory allocated." (float (GC.GetTotalAllocatedBytes()))

        counter
            "dotnet_gc_pause_seconds_total"
            "Time in pauses of the garbage collector."
            (GC.GetTotalPauseDuration().TotalSeconds)

        gauge "dotnet_threadpool_num_threads" "Threads of the thread pool." (float ThreadPool.ThreadCount)

        gauge
            "dotnet_threadpool_queue_length"
            "Work that waits for a thread of the pool."
            (float ThreadPool.PendingWorkItemCount)
    ]
