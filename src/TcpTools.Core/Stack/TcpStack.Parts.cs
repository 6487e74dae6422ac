using System.Collections.Generic;
using TcpTools.Tcp;

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
        Options.Tcp.CongestionControlFactory is null ? Options.Tcp.CongestionControl : "custom",
        Options.Tcp.RetransmissionTimeoutFactory is null ? Options.Tcp.RetransmissionTimeout : "custom",
        Options.Tcp.OptionLayout?.Name ?? (Options.Tcp.Profile == TcpProfile.FreeBSD ? "freebsd" : "linux"),
        _ports.Name);

    private static IPortSelector MakePorts(TcpStackOptions options, PartErrors errors)
    {
        if (options.PortSelection is null or PortAllocator or SequentialPorts or RandomPorts or PortList)
        {
            return options.PortSelection ?? new PortAllocator(options.Random, options.FirstEphemeralPort, options.LastEphemeralPort);
        }

        PortAllocator fallback = new(options.Random, options.FirstEphemeralPort, options.LastEphemeralPort);
        return new GuardedPortSelector(options.PortSelection, fallback, errors);
    }
}
