using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>
/// Every rule. All but that of blocking say at compile time, in its words, what describing the class would say when it starts, so that
/// they are errors; the message is the part that is wrong and a sentence without that subject.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor CanBeMade = Define(
        "BENTO001",
        "A service class can be made",
        "A host makes an instance for each worker, by the only public constructor or by a static method marked [Init]. So the class is not static, abstract or generic.");

    public static readonly DiagnosticDescriptor IsFilledIn = Define(
        "BENTO002",
        "What makes a service takes what somebody fills in",
        "A constructor, or a method marked [Init], may take Setup, ILogger<T>, CancellationToken, what the application holds in its services, and anything that has a default.");

    public static readonly DiagnosticDescriptor Init = Define(
        "BENTO003",
        "[Init] is static and returns its class",
        "One method of a class may be marked [Init]. It makes the instance, so it is static, and returns the class or a Task of it.");

    public static readonly DiagnosticDescriptor Hooks = Define(
        "BENTO004",
        "Hooks take nothing and return what is asked of them",
        "[OnDeployment] marks a static method, [OnStartup] and [OnShutdown] any method that returns void or Task, [OnReady] and [OnAlive] one that returns bool or Task<bool>. None has parameters.");

    public static readonly DiagnosticDescriptor HasEndpoint = Define(
        "BENTO005",
        "A service has an endpoint",
        "A class marked [Service] has at least one public method marked [Api].");

    public static readonly DiagnosticDescriptor CanBeCalled = Define(
        "BENTO006",
        "An endpoint can be called",
        "A method marked [Api] is public and has no type parameters.");

    public static readonly DiagnosticDescriptor ReturnsAnswer = Define(
        "BENTO007",
        "An endpoint returns its answer",
        "A method marked [Api] returns data, Task<T>, or IAsyncEnumerable<T> for a stream. It never is async void, whose failures end the process.");

    public static readonly DiagnosticDescriptor NoValueTask = Define(
        "BENTO008",
        "An endpoint returns Task, not ValueTask",
        "A host awaits the answer once and keeps the task; ValueTask would save nothing there. Return Task<T>, which .AsTask() makes of a ValueTask<T>.");

    public static readonly DiagnosticDescriptor CanTravel = Define(
        "BENTO009",
        "Inputs and outputs can travel",
        "What an endpoint takes and returns has a form in JSON or is a file: numbers, text, dates, enums, tuples, lists, arrays, sets, dictionaries, tensors, files, and public records and classes of these with one constructor.");

    public static readonly DiagnosticDescriptor Parameters = Define(
        "BENTO010",
        "Parameters can be told apart",
        "Beside its inputs an endpoint takes at most one Context, or BatchContext where it is batched, and one CancellationToken. [Root], and the messages of a socket, stand alone.");

    public static readonly DiagnosticDescriptor Batched = Define(
        "BENTO011",
        "A batched endpoint takes and returns arrays",
        "With Batched = true the method takes one array, of which each request brings an element, and returns an array of as many answers; with BatchedRows = true each request brings several. MaxBatch, MaxDelayMilliseconds, InFlight and Retry are about batches.");

    public static readonly DiagnosticDescriptor Name = Define(
        "BENTO012",
        "Names can stand in a path",
        "A name begins with a letter and has letters, digits, '-' and '_'.");

    public static readonly DiagnosticDescriptor Unique = Define(
        "BENTO013",
        "Endpoints differ in name and route",
        "No two endpoints of a service have one name, or one route; case and a slash at the end make no difference in a route.");

    public static readonly DiagnosticDescriptor Quantity = Define(
        "BENTO014",
        "Quantities and counts can be read",
        "Cores are numbers above zero or such as \"500m\"; memory and body limits are such as \"500MiB\"; counts are one or more.");

    public static readonly DiagnosticDescriptor Duration = Define(
        "BENTO015",
        "Durations are above zero",
        "A timeout of zero would refuse every request. Only MaxDelayMilliseconds may be zero.");

    public static readonly DiagnosticDescriptor Route = Define(
        "BENTO016",
        "A route is a path",
        "A route begins with '/', and has letters, digits, '-', '_', '.', '~' and '/'.");

    public static readonly DiagnosticDescriptor NoBlocking = Define(
        "BENTO017",
        "An asynchronous endpoint does not block",
        "Only synchronous methods hold a place among the service's threads. An asynchronous one that waits takes a thread that others need; await what it waits for.",
        DiagnosticSeverity.Warning);

    public static readonly DiagnosticDescriptor Warmup = Define(
        "BENTO018",
        "A method is warmed with inputs of its own",
        "Warmup names a static field, property or method without parameters of the class, which gives a value of the method's only parameter, of a batched method a row, or a tuple of several parameters; or a sequence of such. It is for methods that answer at once.");

    private static DiagnosticDescriptor Define(
        string id, string title, string help, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        new(id, title, "{0} {1}", "Bento", severity, isEnabledByDefault: true, help);
}
