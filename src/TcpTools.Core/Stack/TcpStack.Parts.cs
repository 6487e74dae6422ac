using System;
using System.Collections.Generic;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>The parts that can be replaced, and what went wrong in them.</content>
public sealed partial class TcpStack
{
    private readonly PartErrors _partErrors = new();

    /// <summary>The last failures of replaced parts, oldest first. The usual part did the work in their place.</summary>
    public IReadOnlyList<PartError> PartErrors => _partErrors.Last;

    /// <summary>How often a replaced part has failed.</summary>
    public long PartFailures => _partErrors.Count;

    /// <summary>Names of the parts in use for connections that do not say otherwise, in a line.</summary>
    public string Parts => string.Join(
        ", ",
        Options.Tcp.InitialSequence?.Name ?? _services.InitialSequence.Name,
        NameOf(() => Options.Tcp.CreateCongestionControl().Name),
        NameOf(() => Options.Tcp.CreateRetransmissionTimeout().Name),
        Options.Tcp.OptionLayout?.Name ?? (Options.Tcp.Profile == TcpProfile.FreeBSD ? "freebsd" : "linux"),
        _ports.Name);

    /// <summary>
    /// Asks parts that may take long, a script for a port or for a sequence number, before the lock is taken. What they said then stands in
    /// the options.
    /// </summary>
    private ConnectOptions AskOutsideLock(ConnectOptions options)
    {
        TcpSettings settings = options.Settings ?? Options.Tcp;
        bool asksForPort = _ports.MayBlock && options.LocalPort is null;
        if (!asksForPort && settings.InitialSequence is not { MayBlock: true })
        {
            return options;
        }

        NetworkAddress remote = options.RemoteAddress;
        ushort remotePort = (ushort)options.RemotePort;
        NetworkAddress local;
        using (Enter())
        {
            ThrowIfStopped();
            local = SelectLocalAddress(options.LocalAddress, remote);
        }

        ushort port = (ushort)(options.LocalPort ?? 0);
        if (asksForPort && !_ports.TrySelect(local, remote, remotePort, IsFreeNow, out port))
        {
            throw NoPort(remote, remotePort);
        }

        // Without a port there is no pair of sockets yet: it is chosen under the lock, and so is the number.
        if (settings.InitialSequence is { MayBlock: true } generator && port != 0)
        {
            FlowKey key = new(local, port, remote, remotePort);
            settings = settings with { InitialSequence = AskForNumber(generator, key) };
        }

        return options with { LocalAddress = local, LocalPort = port == 0 ? null : port, Settings = settings };

        bool IsFreeNow(ushort candidate)
        {
            lock (_lock)
            {
                return IsFree(local, candidate, remote, remotePort);
            }
        }
    }

    private ChosenSequence? AskForNumber(IInitialSequenceGenerator generator, in FlowKey key)
    {
        try
        {
            return new ChosenSequence(generator.Next(key, Now), generator.Name);
        }
#pragma warning disable CA1031 // Whatever it is, it is the generator's fault, and the connection goes on without it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _partErrors.Add(PartKind.InitialSequence, generator.Name, e);
            return null;
        }
    }

    private static string NameOf(Func<string> part)
    {
        try
        {
            return part();
        }
#pragma warning disable CA1031 // A factory of somebody else's may throw anything; a name is not worth an error.
        catch (Exception)
#pragma warning restore CA1031
        {
            return "broken";
        }
    }

    private static IPortSelector MakePorts(TcpStackOptions options, PartErrors errors)
    {
        if (options.PortSelection is null or PortAllocator or SequentialPorts or RandomPorts or PortList)
        {
            return options.PortSelection ?? new PortAllocator(options.Random, options.FirstEphemeralPort, options.LastEphemeralPort);
        }

        PortAllocator fallback = new(options.Random, options.FirstEphemeralPort, options.LastEphemeralPort);
        return new GuardedPortSelector(options.PortSelection, fallback, errors);
    }

    /// <summary>What a generator said before the connection was there to ask for it.</summary>
    private sealed class ChosenSequence(SequenceNumber number, string name) : IInitialSequenceGenerator
    {
        public string Name => name;

        public SequenceNumber Next(in FlowKey flow, Instant now) => number;
    }
}
