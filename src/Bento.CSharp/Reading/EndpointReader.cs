using System.Reflection;
using Bento.Lowering;
using Microsoft.FSharp.Core;

namespace Bento.CSharp.Reading;

/// <summary>Reads methods into endpoints: what travels, how the answer comes, and what the attribute says.</summary>
/// <typeparam name="TService">What a worker's instance is.</typeparam>
internal sealed class EndpointReader<TService>(ServiceFront<TService> front)
{
    /// <summary>Reads one method, called on the worker's instance or else on a target.</summary>
    public void Read(MethodInfo method, object? target, string name, ApiAttribute api)
    {
        var part = target is null ? CSharpNames.Of(method) : $"\"{name}\"";
        var mistakes = new List<string>();

        if (target is null && !method.IsPublic)
        {
            mistakes.Add("is [Api] and not public; make it public");
        }

        if (method.IsGenericMethodDefinition)
        {
            mistakes.Add("is [Api] and generic, and no caller gives it a type; take the type parameters away");
        }

        mistakes.AddRange(FilledInMistakes(method, api));
        var inputs = method.GetParameters().Where(parameter => !MethodPlan.IsFilledIn(parameter, typeof(TService))).ToArray();
        var returned = Returned.Of(method.ReturnType);
        var isSocket = returned.Kind == AnswerKind.Items && inputs.Any(IsItems);
        mistakes.AddRange(InputMistakes(inputs, returned));
        mistakes.AddRange(ShapeMistakes(inputs, returned, api));

        if (returned.Mistake is { } mistake)
        {
            mistakes.Add(mistake);
        }

        EndpointSettings.Read(part, name, api, front);

        if (mistakes.Count > 0)
        {
            mistakes.ForEach(one => front.BrokenEndpoint(part, one, api.Line));
            return;
        }

        var plan = Plan(method, target, inputs, takesSeveral: api.Batched || isSocket);
        Add(plan, part, name, api, returned, isSocket);
    }

    private static bool IsItems(ParameterInfo parameter) =>
        parameter.ParameterType.IsGenericType && parameter.ParameterType.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>);

    // Mistakes ------------------------------------------------------------------------------------------------------

    private static IEnumerable<string> FilledInMistakes(MethodInfo method, ApiAttribute api)
    {
        var types = method.GetParameters().Select(parameter => parameter.ParameterType).ToArray();

        if (types.Count(type => type == typeof(CancellationToken)) > 1)
        {
            yield return "takes two CancellationTokens; keep one";
        }

        if (types.Count(MethodPlan.IsContext) > 1)
        {
            yield return "takes two contexts; keep one";
        }

        foreach (var context in types.Where(MethodPlan.IsContext))
        {
            var wanted = api.Batched ? typeof(BatchContext) : typeof(Context);

            if (context != wanted && context != (api.Batched ? typeof(BatchContext<TService>) : typeof(Context<TService>)))
            {
                yield return $"takes a {CSharpNames.Of(context)}; {(api.Batched ? "a batched method" : "a method that is not batched")} takes a {CSharpNames.Of(wanted)}";
            }
        }
    }

    private static IEnumerable<string> InputMistakes(ParameterInfo[] inputs, Returned returned)
    {
        foreach (var input in inputs)
        {
            if (input.ParameterType.IsByRef)
            {
                yield return $"takes `{input.Name}` by reference; take it by value";
            }
            else if (input.ParameterType.IsByRefLike || input.ParameterType.IsPointer)
            {
                yield return $"takes `{input.Name}`, a {CSharpNames.Of(input.ParameterType)}, which lives on the stack and cannot travel; take an array";
            }
            else if (input.ParameterType == typeof(object))
            {
                yield return $"takes `{input.Name}`, an object, of which nobody knows the fields; take a type that has some";
            }

            if (input.IsDefined(typeof(RootAttribute), true) && inputs.Length > 1)
            {
                yield return $"has [Root] on `{input.Name}` beside other parameters; it is for a parameter that is the only one";
            }

            if (IsItems(input) && returned.Kind != AnswerKind.Items)
            {
                yield return $"takes `{input.Name}`, the messages of a socket, and does not return IAsyncEnumerable<T>; return the messages that it answers with";
            }
            else if (IsItems(input) && inputs.Length > 1)
            {
                yield return $"takes `{input.Name}`, the messages of a socket, beside other parameters; a socket takes its messages only";
            }
        }
    }

    private static IEnumerable<string> ShapeMistakes(ParameterInfo[] inputs, Returned returned, ApiAttribute api)
    {
        if (api.Job && api.Batched)
        {
            yield return "is Job and Batched; keep one of them";
        }
        else if (api.Job && returned.Kind == AnswerKind.Items)
        {
            yield return "is a Job and returns IAsyncEnumerable<T>; a job returns its result, data or Task<T>";
        }

        if (api.Batched && (inputs is not [{ ParameterType.IsSZArray: true }] || returned.Kind == AnswerKind.Items || !returned.Type.IsSZArray))
        {
            yield return "is Batched, and so takes one array, of which each request brings an element, and returns an array of as many answers, or a task of it";
        }

        if (!api.Batched)
        {
            var words = new (string Word, bool IsGiven)[]
            {
                (nameof(api.MaxBatch), api.MaxBatchOrNull is not null),
                (nameof(api.MaxDelayMilliseconds), api.MaxDelayOrNull is not null),
                (nameof(api.InFlight), api.InFlightOrNull is not null),
                (nameof(api.Retry), api.RetryOrNull is not null),
            };

            foreach (var (word, _) in words.Where(word => word.IsGiven))
            {
                yield return $"has {word}, which is about batches; give Batched = true too, or take it away";
            }
        }
    }

    // Endpoints -----------------------------------------------------------------------------------------------------

    private static MethodPlan Plan(MethodInfo method, object? target, ParameterInfo[] inputs, bool takesSeveral)
    {
        var plan = new MethodPlan(method, target, inputs);

        return inputs switch
        {
            [] => plan with { Input = typeof(Unit) },
            [{ ParameterType: { IsSZArray: true } type }] when takesSeveral => plan with { Input = type.GetElementType()! },
            [{ ParameterType: var type }] when takesSeveral => plan with { Input = type.GetGenericArguments()[0] },
            [var one] when MethodPlan.IsItself(one) => plan with { Input = one.ParameterType },
            _ => plan with { AreFields = true },
        };
    }

    private void Add(MethodPlan plan, string part, string name, ApiAttribute api, Returned returned, bool isSocket)
    {
        var place = new Place(plan, part, name, api.Line);

        switch (returned.Kind)
        {
            case AnswerKind.Plain when api.Batched:
            case AnswerKind.Task when api.Batched:
                AddBatched(place, returned);
                break;
            case AnswerKind.Plain when api.Job:
                Generic(nameof(AddPlainJob), plan.Input, returned.Type)(place);
                break;
            case AnswerKind.Plain:
                Generic(nameof(AddPlain), plan.Input, returned.Type)(place);
                break;
            case AnswerKind.Task when api.Job:
                Generic(nameof(AddJob), plan.Input, returned.Type)(place);
                break;
            case AnswerKind.Task:
                Generic(nameof(AddTask), plan.Input, returned.Type)(place);
                break;
            default:
                Generic(isSocket ? nameof(AddSocket) : nameof(AddStream), plan.Input, returned.Type)(place);
                break;
        }
    }

    private void AddBatched(Place place, Returned returned)
    {
        var raw = returned.Type.GetElementType()!;
        var isOutcome = raw.IsGenericType && raw.GetGenericTypeDefinition() == typeof(BatchOutcome<>);
        var output = isOutcome ? raw.GetGenericArguments()[0] : raw;
        var depth = (returned.Kind == AnswerKind.Task ? 2 : 1) + (isOutcome ? 1 : 0);
        var adding = returned.Kind == AnswerKind.Task ? nameof(AddBatchedTask) : nameof(AddBatchedPlain);
        Generic(adding, place.Plan.Input, raw, output)(place with { Depth = depth });
    }

    /// <summary>One call at the endpoint's own types, when the service is described.</summary>
    private Action<Place> Generic(string adding, params Type[] types) =>
        GetType()
            .GetMethod(adding, BindingFlags.Instance | BindingFlags.NonPublic)!
            .MakeGenericMethod(types)
            .CreateDelegate<Action<Place>>(this);

    private void AddPlain<TIn, TOut>(Place place) =>
        front.Api(place.Name, place.Line, place.Part, place.Described(0), place.Handler<Func<Context<TService>, TIn, TOut>>());

    private void AddTask<TIn, TOut>(Place place) =>
        front.ApiAsync(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, Task<TOut>>>());

    private void AddPlainJob<TIn, TOut>(Place place)
    {
        var run = place.Handler<Func<Context<TService>, TIn, TOut>>();
        front.Job<TIn, TOut>(place.Name, place.Line, place.Part, place.Described(0), (context, input) => Task.Run(() => run(context, input)));
    }

    private void AddJob<TIn, TOut>(Place place) =>
        front.Job(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, Task<TOut>>>());

    private void AddStream<TIn, TOut>(Place place) =>
        front.Stream(place.Name, place.Line, place.Part, place.Described(1), place.Handler<Func<Context<TService>, TIn, IAsyncEnumerable<TOut>>>());

    private void AddSocket<TIn, TOut>(Place place) =>
        front.Socket(
            place.Name,
            place.Line,
            place.Part,
            place.Described(1),
            place.Handler<Func<Context<TService>, IAsyncEnumerable<TIn>, IAsyncEnumerable<TOut>>>());

    private void AddBatchedPlain<TIn, TRaw, TOut>(Place place) =>
        front.Batched(
            place.Name,
            place.Line,
            place.Part,
            place.Described(place.Depth),
            place.Handler<Func<BatchContext<TService>, TIn[], TRaw[]>>(),
            RowReader<TRaw, TOut>());

    private void AddBatchedTask<TIn, TRaw, TOut>(Place place) =>
        front.BatchedAsync(
            place.Name,
            place.Line,
            place.Part,
            place.Described(place.Depth),
            place.Handler<Func<BatchContext<TService>, TIn[], Task<TRaw[]>>>(),
            RowReader<TRaw, TOut>());

    /// <summary>A row's answer from its result, which is one or the other.</summary>
    private static Func<TRaw, TOut> RowReader<TRaw, TOut>()
    {
        if (typeof(TRaw) == typeof(TOut))
        {
            Func<TOut, TOut> same = static answer => answer;
            return (Func<TRaw, TOut>)(object)same;
        }

        Func<BatchOutcome<TOut>, TOut> read = static outcome => outcome.Read();
        return (Func<TRaw, TOut>)(object)read;
    }

    /// <summary>An endpoint in the making.</summary>
    private sealed record Place(MethodPlan Plan, string Part, string Name, int Line)
    {
        /// <summary>Gets how deep the type that travels lies in what a batched method returns.</summary>
        public int Depth { get; init; }

        public EndpointMethod Described(int depth) => Plan.Described(depth);

        public T Handler<T>()
            where T : Delegate => HandlerCompiler.Handler<T>(Plan);
    }
}
