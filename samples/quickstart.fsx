#r "nuget: Bento, 0.1.0"
open Bento

type Guest = { Name: string }
type Greeting = { Text: string }

let greet (guest: Guest) : Greeting = { Text = $"Hello, {guest.Name}!" }
let greeting = service { api "greet" greet }

Serve.run greeting
