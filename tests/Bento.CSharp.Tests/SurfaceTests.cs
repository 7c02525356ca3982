using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>What callers see of the facade.</summary>
public sealed class SurfaceTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Type[] _types =
        [.. typeof(BentoService).Assembly.GetExportedTypes().OrderBy(type => type.ToString(), StringComparer.Ordinal)];

    [Fact]
    public void No_type_of_FSharp_shows()
    {
        var shown =
            from type in _types
            from member in type.GetMembers(Declared)
            from mentioned in Mentioned(member)
            where mentioned.Namespace?.StartsWith("Microsoft.FSharp", StringComparison.Ordinal) == true
            select $"{type.Name}.{member.Name}: {mentioned}";

        Assert.Empty(shown);
    }

    [Fact]
    public void No_member_begins_with_a_small_letter() =>
        Assert.Empty(
            from type in _types
            from member in type.GetMembers(Declared)
            where char.IsLower(member.Name[0]) && member is MethodBase { IsSpecialName: false } or PropertyInfo
            select $"{type.Name}.{member.Name}");

    /// <summary>After an intended change, run the tests once with BENTO_UPDATE_SURFACE=1 and read the difference of Surface.txt.</summary>
    [Fact]
    public void The_surface_is_the_one_in_the_checked_in_file()
    {
        var file = Path.Combine(Folder(), "Surface.txt");
        var surface = string.Concat(_types.Select(type => $"{type}\n{string.Concat(Members(type).Order(StringComparer.Ordinal))}"));

        if (Environment.GetEnvironmentVariable("BENTO_UPDATE_SURFACE") == "1")
        {
            System.IO.File.WriteAllText(file, surface);
        }

        Assert.Equal(System.IO.File.ReadAllText(file).ReplaceLineEndings("\n"), surface);
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    private static IEnumerable<string> Members(Type type) =>
        from member in type.GetMembers(Declared)
        where member is not (Type or MethodBase { IsSpecialName: true, IsConstructor: false })
            && !member.IsDefined(typeof(CompilerGeneratedAttribute))
        let line = Regex.Replace($"  {member.MemberType.ToString().ToLowerInvariant()} {member}\n", @"\b(System|Microsoft)\.([A-Za-z]+\.)*", "")
        select line;

    private static IEnumerable<Type> Mentioned(MemberInfo member) => member switch
    {
        MethodInfo method => method.GetParameters().SelectMany(parameter => Parts(parameter.ParameterType)).Concat(Parts(method.ReturnType)),
        ConstructorInfo constructor => constructor.GetParameters().SelectMany(parameter => Parts(parameter.ParameterType)),
        PropertyInfo property => Parts(property.PropertyType),
        FieldInfo field => Parts(field.FieldType),
        _ => [],
    };

    private static IEnumerable<Type> Parts(Type type)
    {
        yield return type;

        foreach (var part in type.GetGenericArguments().Concat(type.HasElementType ? [type.GetElementType()!] : []))
        {
            foreach (var inner in Parts(part))
            {
                yield return inner;
            }
        }
    }
}
