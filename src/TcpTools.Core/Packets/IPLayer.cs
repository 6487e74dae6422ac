using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What the headers of IPv4 and IPv6 have in common.</summary>
public abstract class IPLayer : PacketLayer
{
    /// <summary>The version field: 4 or 6 unless set to something else.</summary>
    public byte Version { get; set; }

    /// <summary>Differentiated services and ECN: type of service in IPv4, traffic class in IPv6.</summary>
    public byte TypeOfService { get; set; }

    /// <summary>The differentiated services code point: the upper 6 bits of <see cref="TypeOfService"/> (RFC 2474).</summary>
    public byte Dscp
    {
        get => (byte)(TypeOfService >> 2);
        set => TypeOfService = (byte)((TypeOfService & 3) | (value << 2));
    }

    /// <summary>The ECN code point: the lower 2 bits of <see cref="TypeOfService"/> (RFC 3168).</summary>
    public byte Ecn
    {
        get => (byte)(TypeOfService & 3);
        set => TypeOfService = (byte)((TypeOfService & 0xFC) | (value & 3));
    }

    /// <summary>How many routers the packet may pass; called hop limit in IPv6.</summary>
    public byte TimeToLive { get; set; } = 64;

    /// <summary>The source address.</summary>
    /// <exception cref="ArgumentException">The address is not one of this version.</exception>
    public abstract NetworkAddress Source { get; set; }

    /// <summary>Whether the source was set. Where it was not, a channel that knows the host's routes fills it in.</summary>
    public bool IsSourceSet { get; private protected set; }

    /// <summary>The destination address in the header.</summary>
    /// <exception cref="ArgumentException">The address is not one of this version.</exception>
    public abstract NetworkAddress Destination { get; set; }

    /// <summary>Where the packet ends up when source routes are followed. It is what transport checksums are computed with.</summary>
    public abstract NetworkAddress FinalDestination { get; }

    /// <summary>
    /// What the packet carries, behind all extension headers: <see cref="IPProtocol"/>. Computed from the layers unless set.
    /// </summary>
    public abstract byte? Protocol { get; set; }

    /// <summary>Where this fragment's data belongs in the original, in bytes: a multiple of 8 up to 65528.</summary>
    public abstract int FragmentOffset { get; set; }

    /// <summary>Whether more fragments follow.</summary>
    public abstract bool MoreFragments { get; set; }

    /// <summary>Whether this is a part of a packet only.</summary>
    public bool IsFragment => MoreFragments || FragmentOffset != 0;

    /// <summary>The partial checksum over the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1).</summary>
    /// <param name="protocol">The protocol whose checksum it is for.</param>
    /// <param name="length">Bytes of that protocol's header and data.</param>
    public virtual ulong PseudoHeader(byte protocol, int length) =>
        InternetChecksum.PseudoHeader(PseudoSource, FinalDestination, protocol, length);

    /// <summary>The source that transport checksums are computed with.</summary>
    private protected virtual NetworkAddress PseudoSource => Source;
}
