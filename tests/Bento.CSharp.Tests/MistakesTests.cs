using Bento.CSharp.Tests.Services;
using Xunit;

namespace Bento.CSharp.Tests;

/// <summary>What is wrong with a class is told at once, each with its member and the way out.</summary>
public sealed class MistakesTests
{
    [Fact]
    public void Four_mistakes_of_one_class_are_told_together() =>
        Assert.Equal(
            [
                "FourMistakes takes `model`, a string, which nobody fills in; take Setup, ILogger<FourMistakes>, a CancellationToken, or something of the application's services, or give it a default",
                "`NotStatic` is [OnDeployment], which runs before there is an instance; make it static",
                "`Nothing` returns nothing, and a caller wants an answer; return data, Task<T> or IAsyncEnumerable<T>",
                "`Two` takes `b` by reference; take it by value",
            ],
            Of.Mistakes<FourMistakes>());

    [Theory]
    [InlineData("the service name \"no name\" is not usable")]
    [InlineData("`Workers 0`: wanted one or more")]
    [InlineData("[Resources] has FallbackToCpu and no Gpu")]
    [InlineData("`Cpu \"much\"`: wanted cores above zero")]
    [InlineData("`Memory \"500MB1\"`: wanted whole bytes")]
    [InlineData("[Traffic] has TimeoutSeconds = -1; wanted a number of seconds, above zero")]
    [InlineData("[Traffic] has IdleSeconds = NaN; wanted a number of seconds, above zero")]
    [InlineData("`BodyLimit \"big\"`: wanted whole bytes")]
    [InlineData("`Concurrency 0`: wanted one or more")]
    [InlineData("`First` is [Init], as another method is; keep one of them")]
    [InlineData("`First` is [Init] and returns Task<Text>; return")]
    [InlineData("`First` takes `when`, a DateTime, which nobody fills in")]
    [InlineData("`Second` is [Init], which makes the instance; make it static")]
    [InlineData("`Second` is [Init], as another method is; keep one of them")]
    [InlineData("`Both` is [OnAlive] and takes parameters")]
    [InlineData("`Start` is [OnStartup] and returns ValueTask; return void or Task")]
    [InlineData("`Ready` is [OnReady] and takes parameters")]
    [InlineData("`Ready` is [OnReady] and returns int; return bool or Task<bool>")]
    [InlineData("`Both` is [OnAlive] and [Api]; keep one of them")]
    [InlineData("`Nothing` returns nothing, and a caller wants an answer")]
    [InlineData("`Nobody` returns a Task of nothing, and a caller wants an answer")]
    [InlineData("`Value` returns ValueTask<int>; return Task<T>, which .AsTask() makes of it")]
    [InlineData("`Generic` is [Api] and generic")]
    [InlineData("`ByReference` takes `it` by reference; take it by value")]
    [InlineData("`OfStack` takes `it`, a Span<int>, which lives on the stack")]
    [InlineData("`Anything` takes `it`, an object, of which nobody knows the fields")]
    [InlineData("`Anything` returns object, of which nobody knows the fields")]
    [InlineData("`Rooted` has [Root] on `a` beside other parameters")]
    [InlineData("`Messages` takes `messages`, the messages of a socket, and does not return IAsyncEnumerable<T>")]
    [InlineData("`Wrapped` returns Task<IAsyncEnumerable<int>>; return IAsyncEnumerable<int> itself")]
    [InlineData("`Work` is a Job and returns IAsyncEnumerable<T>")]
    [InlineData("`One` is Batched, and so takes one array")]
    [InlineData("`Alone` has MaxBatch, which is about batches; give Batched = true too")]
    [InlineData("`WrongContext` takes a Context; a batched method takes a BatchContext")]
    [InlineData("the endpoint name \"same\" is used again")]
    [InlineData("`Route \"here\"`: wanted a path that begins with '/'")]
    [InlineData("the route \"/there\" is that of \"one_route\", \"same_route\"; give each its own, as in [Api(Route = \"/v1/x\")]")]
    [InlineData("`Unsupported` has an input that cannot travel: input.file is of type FileInfo")]
    [InlineData("`Checked` has an input that cannot travel: input.address has EmailAddress, which nothing checks here")]
    [InlineData("`Checked` has an input that cannot travel: input.name has Required, and a type that says it may be null")]
    [InlineData("`Checked` has an input that cannot travel: input.age has Range(5, 1)")]
    [InlineData("`Hidden` is [Api] and not public; make it public")]
    public void A_class_of_many_mistakes_tells_this_one_among_them(string sentence) =>
        Assert.Contains(Of.Mistakes<ManyMistakes>(), mistake => mistake.StartsWith(sentence, StringComparison.Ordinal));

    [Fact]
    public void No_mistake_is_told_that_is_not_in_the_list_above() => Assert.Equal(42, Of.Mistakes<ManyMistakes>().Count);

    [Fact]
    public void The_message_has_the_file_and_the_line_of_each()
    {
        var problem = Assert.Throws<InvalidServiceException>(BentoService.Of<FourMistakes>);
        Assert.Matches(@"\n  Broken\.cs\(8\): FourMistakes takes", problem.Message);
        Assert.Matches(@"\n  Broken\.cs\(14\): `Nothing` returns", problem.Message);
    }

    [Fact]
    public void A_class_without_endpoints_says_how_to_have_one() =>
        Assert.Equal(["no_endpoints has no endpoint; mark a public method with [Api]"], Of.Mistakes<NoEndpoints>());

    [Fact]
    public void Of_two_constructors_nobody_knows_which() =>
        Assert.Equal(
            ["TwoConstructors has 2 public constructors; keep one, or mark a static method [Init] that makes the instance"],
            Of.Mistakes<TwoConstructors>());

    [Fact]
    public void A_class_that_is_not_marked_is_no_service() =>
        Assert.Equal(["Unmarked is not marked [Service]; mark it"], Of.Mistakes<Unmarked>());

    [Theory]
    [InlineData(typeof(AllStatic), "AllStatic is static, so that there is no instance of it; mark a class that can be made")]
    [InlineData(typeof(Unfinished), "Unfinished is abstract, so that there is no instance of it; mark a class that can be made")]
    [InlineData(typeof(OfAnything<>), "OfAnything is generic, and nobody gives it a type; mark a class without type parameters")]
    [InlineData(typeof(OfAnything<int>), "OfAnything is generic, and nobody gives it a type; mark a class without type parameters")]
    [InlineData(typeof(Around<>.Within), "Within is generic, and nobody gives it a type; mark a class without type parameters")]
    [InlineData(typeof(Around<int>.Within), "Within is generic, and nobody gives it a type; mark a class without type parameters")]
    public void A_class_that_nobody_can_make_is_told_why_and_nothing_else(Type type, string sentence) =>
        Assert.Equal([sentence], Of.Mistakes(type));
}
