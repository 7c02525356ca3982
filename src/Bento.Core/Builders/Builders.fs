namespace Bento

/// The words a definition begins with.
[<AutoOpen>]
module Builders =

    /// A service.
    let service = ServiceBuilder()

    /// What a worker needs of its machine.
    let resources = ResourcesBuilder()

    /// What a service takes of its callers.
    let traffic = TrafficBuilder()

    /// The settings of the endpoint of that name.
    let endpoint (name: string) = EndpointBuilder name
