using Microsoft.CodeAnalysis;

namespace Bento.CSharp.Analyzers;

/// <summary>What a method marked [Api] must be, and what several must be beside each other.</summary>
internal sealed class EndpointRules(BentoTypes types, INamedTypeSymbol service, bool areNamesSnake, Findings findings)
{
    private static readonly string[] _aboutBatches = ["MaxBatch", "MaxDelayMilliseconds", "InFlight", "Retry"];

    private readonly Carriage _carriage = new(areNamesSnake);
    private readonly WarmupRules _warmups = new(service, findings);
    private readonly List<(string Name, string Route, Location Location)> _endpoints = [];

    /// <summary>Judges one method by itself.</summary>
    public void Check(IMethodSymbol method, GivenAttribute api)
    {
        var inputs = method.Parameters.Where(parameter => !types.IsFilledIn(parameter)).ToArray();
        var returned = Returned.Of(types, method);
        var name = api.Name ?? Names.Endpoint(method.Name);
        var isBroken = false;

        foreach (var (rule, location, mistake) in Mistakes(method, api, inputs, returned))
        {
            isBroken = true;
            findings.AddBroken(rule, location ?? api.Location, Names.Of(method), mistake);
        }

        if (!isBroken)
        {
            CheckTypes(method, api, inputs, returned);
            _warmups.Check(method, api, inputs, returned);
            _endpoints.Add((name, (api.Find("Route")?.Value as string) ?? "/" + name, api.Location));

            if (!Names.IsUsable(name))
            {
                findings.Add(Rules.Name, api.NameLocation, $"the endpoint name \"{name}\"", "is not usable; begin with a letter and use letters, digits, '-' and '_'");
            }
        }

        SettingRules.CheckEndpoint(Names.Of(method), api, findings);
    }

    /// <summary>Judges the endpoints of a class beside each other.</summary>
    public void CheckTogether(Location service, string serviceName)
    {
        if (_endpoints.Count == 0 && !findings.IsAnyEndpointBroken)
        {
            findings.Add(Rules.HasEndpoint, service, serviceName, "has no endpoint; mark a public method with [Api]");
        }

        foreach (var same in _endpoints.GroupBy(endpoint => endpoint.Name).Where(same => same.Count() > 1))
        {
            findings.Add(Rules.Unique, same.Last().Location, $"the endpoint name \"{same.Key}\"", "is used again; names are unique in a service");
        }

        // ASP.NET Core looks at neither case nor a slash at the end.
        var routes = _endpoints
            .GroupBy(endpoint => endpoint.Name)
            .Select(same => same.First())
            .Where(endpoint => Names.IsRoute(endpoint.Route))
            .GroupBy(endpoint => endpoint.Route.TrimEnd('/').ToLowerInvariant());

        foreach (var same in routes.Where(same => same.Count() > 1))
        {
            var names = string.Join(", ", same.Select(endpoint => $"\"{endpoint.Name}\""));
            findings.Add(Rules.Unique, same.Last().Location, $"the route \"{same.First().Route}\"", $"is that of {names}; give each its own, as in [Api(Route = \"/v1/x\")]");
        }
    }

    private IEnumerable<(DiagnosticDescriptor Rule, Location? Location, string Mistake)> Mistakes(
        IMethodSymbol method, GivenAttribute api, IParameterSymbol[] inputs, Returned returned)
    {
        if (method.DeclaredAccessibility != Accessibility.Public)
        {
            yield return (Rules.CanBeCalled, null, "is [Api] and not public; make it public");
        }

        if (method.IsGenericMethod)
        {
            yield return (Rules.CanBeCalled, null, "is [Api] and generic, and no caller gives it a type; take the type parameters away");
        }

        foreach (var mistake in FilledInMistakes(method, api))
        {
            yield return (Rules.Parameters, null, mistake);
        }

        foreach (var (rule, input, mistake) in InputMistakes(inputs, returned))
        {
            yield return (rule, GivenAttribute.PlaceOf(input), mistake);
        }

        foreach (var mistake in BatchMistakes(inputs, returned, api))
        {
            yield return (Rules.Batched, null, mistake);
        }

        if (returned.Mistake is { } wrong)
        {
            yield return (returned.Rule, GivenAttribute.PlaceOf(method), wrong);
        }
    }

    private IEnumerable<string> FilledInMistakes(IMethodSymbol method, GivenAttribute api)
    {
        if (method.Parameters.Count(parameter => BentoTypes.Same(parameter.Type, types.CancellationToken)) > 1)
        {
            yield return "takes two CancellationTokens; keep one";
        }

        var contexts = method.Parameters.Where(parameter => types.IsContext(parameter.Type)).ToArray();

        if (contexts.Length > 1)
        {
            yield return "takes two contexts; keep one";
        }

        var isBatched = api.IsBatched;
        var wanted = isBatched ? types.BatchContext : types.Context;

        foreach (var context in contexts)
        {
            var isWithState = context.Type is INamedTypeSymbol { TypeArguments: [var state] } named
                && BentoTypes.Same(named.BaseType, wanted)
                && BentoTypes.Same(state, method.ContainingType);

            if (!BentoTypes.Same(context.Type, wanted) && !isWithState)
            {
                yield return $"takes a {Names.Show(context.Type)}; {(isBatched ? "a batched method" : "a method that is not batched")} takes a {wanted?.Name}";
            }
        }
    }

    private IEnumerable<(DiagnosticDescriptor Rule, IParameterSymbol Input, string Mistake)> InputMistakes(
        IParameterSymbol[] inputs, Returned returned)
    {
        foreach (var input in inputs)
        {
            if (input.RefKind != RefKind.None)
            {
                yield return (Rules.Parameters, input, $"takes `{input.Name}` by reference; take it by value");
            }
            else if (input.Type.IsRefLikeType || input.Type.TypeKind == TypeKind.Pointer)
            {
                yield return (Rules.CanTravel, input, $"takes `{input.Name}`, a {Names.Show(input.Type)}, which lives on the stack and cannot travel; take an array");
            }
            else if (input.Type.SpecialType == SpecialType.System_Object || input.Type.TypeKind == TypeKind.Dynamic)
            {
                yield return (Rules.CanTravel, input, $"takes `{input.Name}`, an object, of which nobody knows the fields; take a type that has some");
            }

            if (HasRoot(input) && inputs.Length > 1)
            {
                yield return (Rules.Parameters, input, $"has [Root] on `{input.Name}` beside other parameters; it is for a parameter that is the only one");
            }

            if (IsItems(input) && returned.Kind != AnswerKind.Items)
            {
                yield return (Rules.Parameters, input, $"takes `{input.Name}`, the messages of a socket, and does not return IAsyncEnumerable<T>; return the messages that it answers with");
            }
            else if (IsItems(input) && inputs.Length > 1)
            {
                yield return (Rules.Parameters, input, $"takes `{input.Name}`, the messages of a socket, beside other parameters; a socket takes its messages only");
            }
        }
    }

    private static IEnumerable<string> BatchMistakes(IParameterSymbol[] inputs, Returned returned, GivenAttribute api)
    {
        var isJob = api.IsSet("Job");
        var isBatched = api.IsBatched;
        var batched = api.AreRowsSeveral ? "BatchedRows" : "Batched";

        if (isJob && isBatched)
        {
            yield return $"is Job and {batched}; keep one of them";
        }
        else if (isJob && returned.Kind == AnswerKind.Items)
        {
            yield return "is a Job and returns IAsyncEnumerable<T>; a job returns its result, data or Task<T>";
        }

        if (api.IsSet("Batched") && api.AreRowsSeveral)
        {
            yield return "is Batched and BatchedRows; keep the first where a request brings one row, the second where it brings several";
        }

        if (isBatched && (inputs is not [{ Type: IArrayTypeSymbol { IsSZArray: true } }] || returned.Kind == AnswerKind.Items || returned.Type is not IArrayTypeSymbol { IsSZArray: true }))
        {
            var brought = api.AreRowsSeveral ? "some elements" : "an element";
            yield return $"is {batched}, and so takes one array, of which each request brings {brought}, and returns an array of as many answers, or a task of it";
        }

        if (!isBatched)
        {
            foreach (var word in _aboutBatches.Where(api.Has))
            {
                yield return $"has {word}, which is about batches; give Batched = true too, or take it away";
            }
        }
    }

    private bool IsItems(IParameterSymbol parameter) => BentoTypes.IsOf(parameter.Type, types.Items);

    private bool HasRoot(IParameterSymbol parameter) =>
        parameter.GetAttributes().Any(attribute => BentoTypes.Same(attribute.AttributeClass, types.Root));

    // Types -----------------------------------------------------------------------------------------------------------

    private void CheckTypes(IMethodSymbol method, GivenAttribute api, IParameterSymbol[] inputs, Returned returned)
    {
        void Tell(string direction, ISymbol place, string path, ITypeSymbol type, Func<ITypeSymbol, string?> placement)
        {
            var faults = _carriage.Faults(path, type).ToArray();
            var misplaced = faults.Length == 0 ? placement(type) : null;

            foreach (var fault in misplaced is null ? faults : [new(path, misplaced)])
            {
                findings.Add(
                    Rules.CanTravel,
                    GivenAttribute.PlaceOf(place),
                    Names.Of(method),
                    $"has an {direction} that cannot travel: {fault.Path} {fault.Reason}");
            }
        }

        var isSocket = false;

        if (inputs is [{ Type: IArrayTypeSymbol rows } batch] && api.IsBatched)
        {
            TellInput(batch, api.AreRowsSeveral ? rows : rows.ElementType);
        }
        else if (inputs is [{ Type: INamedTypeSymbol { TypeArguments: [var message] } } socket] && IsItems(socket))
        {
            isSocket = true;
            Tell("input", socket, "input", message, FilePlacement.OfMessage);
        }
        else if (inputs is [var only] && (HasRoot(only) || Carriage.IsObject(only.Type)))
        {
            TellInput(only, only.Type);
        }
        else
        {
            foreach (var input in inputs)
            {
                Tell("input", input, "input." + _carriage.NameOf(input.Name), input.Type, FilePlacement.OfField);
            }
        }

        void TellInput(ISymbol place, ITypeSymbol type)
        {
            if (!Carriage.IsObject(type) || Kinds.IsOfFSharp(type) || _carriage.Faults("input", type).Any())
            {
                Tell("input", place, "input", type, FilePlacement.OfRoot);
                return;
            }

            foreach (var field in new Anatomy((INamedTypeSymbol)type).Fields)
            {
                Tell("input", place, "input." + _carriage.NameOf(field.Name), field.Type, FilePlacement.OfField);
            }
        }

        Tell("output", method, "output", Answer(returned.Type, api), returned.Kind switch
        {
            AnswerKind.Items when isSocket => FilePlacement.OfMessage,
            AnswerKind.Items => FilePlacement.OfItem,
            _ => FilePlacement.OfAnswer,
        });
    }

    /// <summary>What one caller is sent.</summary>
    private ITypeSymbol Answer(ITypeSymbol returned, GivenAttribute api)
    {
        if (!api.IsBatched || returned is not IArrayTypeSymbol { ElementType: var row })
        {
            return returned;
        }

        var answer = row is INamedTypeSymbol { TypeArguments: [var inner] } outcome && BentoTypes.IsOf(outcome, types.BatchOutcome) ? inner : row;
        return api.AreRowsSeveral ? types.ArrayOf(answer) : answer;
    }
}
