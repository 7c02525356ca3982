using Bento.CSharp.Reading;

namespace Bento.CSharp;

/// <summary>What a batched method returns, from the answers to requests.</summary>
internal abstract class RowAnswers
{
    /// <summary>The reader of a method that returns an array of answers, or of outcomes.</summary>
    public static RowAnswers Of(Type returned)
    {
        var item = returned.GetElementType()!;
        var reader = item.IsGenericType && item.GetGenericTypeDefinition() == typeof(BatchOutcome<>)
            ? typeof(Outcomes<>).MakeGenericType(item.GetGenericArguments())
            : typeof(Answers<>).MakeGenericType(item);
        return (RowAnswers)Activator.CreateInstance(reader)!;
    }

    /// <summary>The answers to requests of one row each; of answers that are no outcomes a failure is raised.</summary>
    public abstract Task<object> OfEachAsync(EndpointCard card, IEnumerable<Task<byte[]>> answers);

    /// <summary>The answer to one request of several rows.</summary>
    public abstract object OfAll(EndpointCard card, byte[] answer);

    private sealed class Answers<T> : RowAnswers
    {
        public override async Task<object> OfEachAsync(EndpointCard card, IEnumerable<Task<byte[]>> answers)
        {
            var bodies = await Task.WhenAll(answers).ConfigureAwait(false);
            return Array.ConvertAll(bodies, body => CallWriter.Read<T>(card, body));
        }

        public override object OfAll(EndpointCard card, byte[] answer) => CallWriter.Read<T[]>(card, answer)!;
    }

    private sealed class Outcomes<T> : RowAnswers
    {
        public override async Task<object> OfEachAsync(EndpointCard card, IEnumerable<Task<byte[]>> answers) =>
            await Task.WhenAll(answers.Select(answer => OutcomeAsync(card, answer))).ConfigureAwait(false);

        public override object OfAll(EndpointCard card, byte[] answer) =>
            Array.ConvertAll(CallWriter.Read<T[]>(card, answer), one => (BatchOutcome<T>)one);

        private static async Task<BatchOutcome<T>> OutcomeAsync(EndpointCard card, Task<byte[]> answer)
        {
            try
            {
                return CallWriter.Read<T>(card, await answer.ConfigureAwait(false));
            }
            catch (BentoException failure)
            {
                return failure;
            }
        }
    }
}
