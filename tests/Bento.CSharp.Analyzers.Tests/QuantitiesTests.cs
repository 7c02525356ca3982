using Xunit;

namespace Bento.CSharp.Analyzers.Tests;

public sealed class QuantitiesTests
{
    private static readonly string[] _numbers = ["", "0", "1", "500", "0.5", "1.5", "0.0001", "-1", " 1", "1e3", "1,000", "9223372036854775807", "99999999999999999999", "x"];

    private static readonly string[] _suffixes = ["", "m", "k", "K", "Ki", "KiB", "KB", "kB", "M", "Mi", "MiB", "MB", "MB1", "G", "Gi", "GiB", "GB", "T", "Ti", "TiB", "TB", "P", " MiB", "mib"];

    /// <summary>Both readers are given the same, so that neither takes what the other refuses.</summary>
    [Fact]
    public void Quantities_are_read_as_a_host_reads_them()
    {
        foreach (var text in from number in _numbers from suffix in _suffixes select number + suffix)
        {
            Assert.True(CoresModule.parse(text).IsOk == Quantities.AreCores(text), $"cores \"{text}\"");
            Assert.True(MemoryModule.parse(text).IsOk == Quantities.IsMemory(text), $"memory \"{text}\"");
        }
    }
}
