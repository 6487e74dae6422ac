using System;
using TcpTools.Links;

namespace TcpTools.PowerShell;

/// <summary>
/// A wire in memory with two ends, <see cref="A"/> and <see cref="B"/>, and what happens to packets on it, which may be
/// changed at any time.
/// </summary>
public sealed class ImpairedWire : IDisposable
{
    private readonly PacketWire _wire;
    private readonly ImpairmentLink _a;

    internal ImpairedWire(PacketWireOptions options, Impairment impairment, RandomSource random)
    {
        _wire = new PacketWire(options);
        // One decorator at one end sees both directions.
        _a = new ImpairmentLink(_wire.A, impairment, random);
    }

    /// <summary>The wire's name.</summary>
    public string Name => _wire.Options.Name;

    /// <summary>One end.</summary>
    public ILink A => _a;

    /// <summary>The other end.</summary>
    public ILink B => _wire.B;

    /// <summary>The largest IP packet, in bytes, that passes.</summary>
    public int Mtu => _wire.Options.Mtu;

    /// <summary>What frames start with.</summary>
    public LinkMedium Medium => _wire.Options.Medium;

    /// <summary>What happens to packets from A to B.</summary>
    public Impairment AToB => _a.Outgoing;

    /// <summary>What happens to packets from B to A.</summary>
    public Impairment BToA => _a.Incoming;

    /// <summary>What has become of packets from A to B.</summary>
    public ImpairmentCounters AToBCounters => _a.OutgoingCounters;

    /// <summary>What has become of packets from B to A.</summary>
    public ImpairmentCounters BToACounters => _a.IncomingCounters;

    internal ImpairmentLink Impairments => _a;

    /// <summary>Closes both ends.</summary>
    public void Dispose()
    {
        _a.Dispose();
        _wire.Dispose();
    }

    /// <summary>The wire's name.</summary>
    public override string ToString() => Name;
}
