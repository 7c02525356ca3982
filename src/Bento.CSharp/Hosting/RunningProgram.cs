namespace Bento.CSharp;

/// <summary>A program that is a service: from its arguments to its exit code.</summary>
internal static class RunningProgram
{
    private static readonly Dictionary<string, string> _flags = new(StringComparer.Ordinal)
    {
        ["--host"] = "server.host",
        ["--port"] = "server.port",
        ["--prefix"] = "server.prefix",
        ["--log"] = "server.log",
        ["--grace"] = "server.grace",
        ["--drain-delay"] = "server.drainDelay",
        ["--tls-cert"] = "server.tls.certificate",
        ["--tls-key"] = "server.tls.key",
        ["--tls-key-password-file"] = "server.tls.keyPasswordFile",
        ["--workers"] = "services.<service>.workers",
        ["--threads"] = "services.<service>.threads",
        ["--timeout"] = "services.<service>.traffic.timeout",
        ["--concurrency"] = "services.<service>.traffic.concurrency",
        ["--queue"] = "services.<service>.traffic.queue",
    };

    public static async Task<int> RunAsync(Func<Definition> describe, string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var options = Serve.options;

        try
        {
            var definition = describe();

            if (args is ["--help" or "-h" or "-?", ..])
            {
                Console.WriteLine($"Serves \"{definition.Name}\" over HTTP.\n\nFlags, each with a value: --config FILE, {string.Join(", ", _flags.Keys)}.");
                return 0;
            }

            DefinitionModule.require(definition);
            var configured = ConfigurationModule.apply(Flagged(definition, args), options, [definition]);
            options = configured.Options;
            var chosen = configured.Definitions.Head;
            var server = await Serve.start(options, chosen).ConfigureAwait(false);

            await using (server.ConfigureAwait(false))
            {
                Foreground.announce(DefinitionModule.require(chosen).Card, server.Address, options);
                await server.Completion.ConfigureAwait(false);
                return server.Cancelled == 0 ? 0 : 1;
            }
        }
        catch (FlagException mistake)
        {
            await Console.Error.WriteLineAsync(mistake.Message).ConfigureAwait(false);
            return 2;
        }
        catch (Exception problem)
        {
            // A program that ends by an exception has none of the exit codes that it promises.
            await Console.Error.WriteLineAsync(Foreground.explain(options, "Choose another with --host or --port.", problem))
                .ConfigureAwait(false);
            return 1;
        }
    }

    private static Configuration Flagged(Definition definition, string[] args)
    {
        var configuration = Foreground.configuration(definition);

        for (var index = 0; index < args.Length; index++)
        {
            var equals = args[index].IndexOf('=', StringComparison.Ordinal);
            var flag = equals < 0 ? args[index] : args[index][..equals];

            if (flag != "--config" && !_flags.ContainsKey(flag))
            {
                throw new FlagException($"There is no flag {flag}; there are --config, {string.Join(", ", _flags.Keys)}.");
            }

            var value = equals >= 0 ? args[index][(equals + 1)..]
                : ++index < args.Length ? args[index]
                : throw new FlagException($"{flag} wants a value behind it.");

            configuration = flag == "--config"
                ? ConfigurationModule.withFile(value, configuration)
                : ConfigurationModule.withFlag(flag, _flags[flag].Replace("<service>", definition.Name, StringComparison.Ordinal), value, configuration);
        }

        return configuration;
    }

    private sealed class FlagException(string message) : Exception(message);
}
