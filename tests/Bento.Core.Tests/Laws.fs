/// Laws that hold for random values: FsCheck, silent where they do.
module Bento.Tests.Laws

open FsCheck
open FsCheck.FSharp

/// The law holds for values of that kind; what breaks it is shrunk and shown.
let holdsFor (values: Arbitrary<'Value>) (law: 'Value -> bool) =
    Check.One(Config.QuickThrowOnFailure.WithQuietOnSuccess true, Prop.forAll values law)
