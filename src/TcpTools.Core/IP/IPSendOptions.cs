using System;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>How a datagram is to be sent: the header fields that the transport decides about.</summary>
public readonly ref struct IPSendOptions
{
    /// <summary>An address of this host; of no family to let the route choose one.</summary>
    public NetworkAddress Source { get; init; }

    /// <summary>Where to.</summary>
    public NetworkAddress Destination { get; init; }

    /// <summary>The payload's protocol.</summary>
    public byte Protocol { get; init; }

    /// <summary>Hops allowed; 0 takes <see cref="IPSettings.TimeToLive"/>, since 0 must never be sent (RFC 1122, 3.2.1.7).</summary>
    public byte TimeToLive { get; init; }

    /// <summary>The type-of-service byte: DSCP and ECN.</summary>
    public byte TypeOfService { get; init; }

    /// <summary>Whether routers and this layer may not fragment it (path MTU discovery, RFC 1191).</summary>
    public bool DontFragment { get; init; }

    /// <summary>The identification field to use; null to let the layer choose (RFC 6864).</summary>
    public ushort? Identification { get; init; }

    /// <summary>Encoded IP options, at most 40 bytes; padded with end-of-list to a multiple of 4.</summary>
    public ReadOnlySpan<byte> Options { get; init; }
}
