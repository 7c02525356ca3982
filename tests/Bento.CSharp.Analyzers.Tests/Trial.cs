namespace Bento.CSharp.Analyzers.Tests;

/// <summary>Code that breaks rules, and a twin of it that breaks none.</summary>
/// <param name="Rules">The rules broken, once for each diagnostic, in the order of the source.</param>
/// <param name="Broken">The code.</param>
/// <param name="Clean">Its twin.</param>
public sealed record Trial(string Rules, string Broken, string Clean)
{
    /// <summary>Gets a value indicating whether describing cannot be asked, or tells it in other words.</summary>
    public bool IsOnlyAtCompileTime { get; init; }

    /// <summary>A case in members of the service.</summary>
    public static Trial OfMembers(string rules, string broken, string clean) => new(rules, Service(broken), Service(clean));

    /// <summary>A case in attributes of the service.</summary>
    public static Trial OfAttributes(string rules, string broken, string clean) =>
        new(rules, Service(Endpoint, broken), Service(Endpoint, clean));

    /// <summary>A case in a type that the only endpoint takes.</summary>
    public static Trial OfInput(string rules, string broken, string clean) =>
        new(rules, TakesInput + broken, TakesInput + clean);

    private const string Endpoint = "[Api] public int Length(string text) => text.Length;";

    private const string TakesInput = "[Service] public sealed class Subject { [Api] public int Read(Input input) => input is null ? 0 : 1; }\n";

    private static string Service(string members, string attributes = "[Service]") =>
        $"{attributes}\npublic sealed class Subject\n{{\n{members}\n}}\npublic sealed record Text(string Body);\n";
}
