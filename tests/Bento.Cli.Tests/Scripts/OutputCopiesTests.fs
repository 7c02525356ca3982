module Bento.Tests.OutputCopiesTests

open System
open System.IO
open System.Threading.Tasks
open Xunit
open Bento.Cli
open Bento.Tests.Folders

let private isThere (copy: string) = File.Exists copy

[<Fact>]
let ``the last three that were on the air are kept, whatever came after them and never was`` () : Task =
    inFolder (fun folder -> task {
        let assembly = write folder "a.dll" "code"
        let beside = Path.Combine("runtimes", "any", "b.so")
        write folder beside "more code" |> ignore
        let copies = new OutputCopies()

        let served = [
            for _ in 1..5 do
                let copy = copies.Make assembly
                Assert.Equal("more code", File.ReadAllText(Path.Combine(string (Path.GetDirectoryName copy), beside)))
                copies.Taken()
                copy
        ]

        Assert.Equal<bool list>([ false; false; true; true; true ], List.map isThere served)
        let abandoned = [ for _ in 1..5 -> copies.Make assembly ]
        Assert.Equal<bool list>([ false; false; false; false; true ], List.map isThere abandoned)
        Assert.Equal<bool list>([ false; false; true; true; true ], List.map isThere served)
        (copies :> IDisposable).Dispose()
        Assert.DoesNotContain(served @ abandoned, isThere)
        Assert.True(isThere assembly)
    })
