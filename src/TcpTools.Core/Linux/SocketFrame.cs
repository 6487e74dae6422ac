using System;

namespace TcpTools.Linux;

/// <summary>One frame as a packet socket gives it. Its bytes may be changed and are valid until the next call.</summary>
internal ref struct SocketFrame
{
    internal const byte ToOtherHost = 3;
    internal const byte Outgoing = 4;

    /// <summary>The virtio header; empty where there is none.</summary>
    internal ReadOnlySpan<byte> Virtio;

    internal Span<byte> Bytes;

    /// <summary>Bytes that the frame had; more than <see cref="Bytes"/> where it was cut.</summary>
    internal int WireLength;

    /// <summary>When the kernel saw it, in nanoseconds since 1970; 0 when it does not say.</summary>
    internal long Nanoseconds;

    internal int Interface;

    /// <summary>To us, to all, to a group, to another host, or from us (PACKET_HOST and so on).</summary>
    internal byte PacketType;

    /// <summary>The EtherType.</summary>
    internal ushort Protocol;

    /// <summary>Whether the transport checksum is still to be completed; a virtio header says where, else the packet does.</summary>
    internal bool HasOpenChecksum;

    /// <summary>Whether the kernel took a VLAN tag out.</summary>
    internal bool HasTag;

    internal ushort TagProtocol;

    internal ushort TagControl;
}
