using Bento.CSharp.Reading;

namespace Bento.CSharp;

/// <summary>A service that has been described and judged: what hosts, documents and tests are made from.</summary>
public sealed class BentoService
{
    internal BentoService(Definition definition) => Definition = definition;

    /// <summary>Gets the service's name.</summary>
    public string Name => Definition.Name;

    internal Definition Definition { get; }

    /// <summary>Describes the service that a class is. A class is read once; every call gives the same description.</summary>
    /// <typeparam name="TService">A class marked with <see cref="ServiceAttribute"/>.</typeparam>
    /// <returns>The description.</returns>
    /// <exception cref="InvalidServiceException">The class cannot be read as a service; the message lists everything that is wrong.</exception>
    public static BentoService Of<TService>()
        where TService : class => Required(ClassDescription<TService>.Definition);

    /// <summary>Tells what the service is, for people: its settings and its endpoints.</summary>
    /// <returns>Some lines of text.</returns>
    public string Describe() => Report.text(Hosted.Card);

    /// <summary>Makes the service's OpenAPI 3.1 document.</summary>
    /// <param name="prefix">The path that the service is served below, or nothing.</param>
    /// <returns>Indented JSON.</returns>
    public string OpenApi(string prefix = "") => Documents.openApi(prefix, Definition);

    /// <summary>Makes what the service says at <c>/schema.json</c>, which BentoML's clients read.</summary>
    /// <returns>Indented JSON.</returns>
    public string Schema() => Documents.schema(Definition);

    internal static BentoService Required(Definition definition)
    {
        DefinitionModule.require(definition);
        return new(definition);
    }

    private Hosted Hosted => DefinitionModule.require(Definition);
}
