namespace TcpTools.Linux;

/// <summary>How a packet socket is to be opened.</summary>
internal sealed record PacketSocketOptions
{
    /// <summary>The interface's number; 0 for all of them.</summary>
    internal int Interface { get; init; }

    /// <summary>Whether frames come without their link-layer header, which is the kernel's to read and to write.</summary>
    internal bool IsCooked { get; init; }

    /// <summary>Whether the socket receives at all.</summary>
    internal bool Receives { get; init; } = true;

    /// <summary>Whether a virtio header stands in front of every frame, in both directions.</summary>
    internal bool VirtioHeader { get; init; }

    /// <summary>Whether frames that this host sends stay out of sight.</summary>
    internal bool IgnoreOutgoing { get; init; }

    /// <summary>Whether frames for other stations are wanted too, for as long as the socket lives.</summary>
    internal bool Promiscuous { get; init; }

    /// <summary>Which frames the kernel keeps; null for all.</summary>
    internal BpfProgram? Filter { get; init; }

    /// <summary>Bytes that the kernel may hold for the socket.</summary>
    internal int BufferSize { get; init; } = 8 << 20;

    /// <summary>Whether that memory is a ring shared with the kernel (TPACKET_V3), which gives frames by blocks, not one by one.</summary>
    internal bool Ring { get; init; }
}
