using Bento.CSharp;

namespace Bento.Bench.CSharp;

/// <summary>What is sent and sent back.</summary>
public sealed record Message(string Text, int Count, string[] Tags);

/// <summary>The same service as the block of F#.</summary>
[Service("echo")]
public sealed class EchoService
{
    /// <summary>Sends back what it is sent.</summary>
    [Api]
    public Message Echo(Message message) => message;
}
