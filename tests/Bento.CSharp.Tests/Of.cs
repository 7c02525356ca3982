using Bento.CSharp.Reading;

namespace Bento.CSharp.Tests;

/// <summary>What tests want of services on both sides of the facade.</summary>
internal static class Of
{
    public static Definition Definition<TService>()
        where TService : class => BentoService.Of<TService>().Definition;

    public static string Text(Definition definition) => Report.text(DefinitionModule.require(definition).Card);

    /// <summary>A server of its own on a free port.</summary>
    public static Task<Server> Serve(Definition definition) =>
        Bento.Serve.start(new BentoServerOptions { Port = 0 }.Lowered, definition);

    /// <summary>What is wrong with a class, or nothing.</summary>
    public static IReadOnlyList<string> Mistakes<TService>()
        where TService : class => Mistakes(() => BentoService.Of<TService>());

    /// <summary>The same of a class as a value, which is how the command finds it.</summary>
    public static IReadOnlyList<string> Mistakes(Type type) => Mistakes(() => BentoService.Required(ClassDescription.Of(type)));

    private static IReadOnlyList<string> Mistakes(Func<BentoService> describe)
    {
        try
        {
            describe();
            return [];
        }
        catch (InvalidServiceException problem)
        {
            return problem.Messages;
        }
    }
}
