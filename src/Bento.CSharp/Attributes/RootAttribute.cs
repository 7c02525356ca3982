namespace Bento.CSharp;

/// <summary>
/// Makes the only parameter of an endpoint the whole body, a number, a text, a list or a tensor, in place of a field of it.
/// A record or class as the only parameter is the body without it.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class RootAttribute : Attribute;
