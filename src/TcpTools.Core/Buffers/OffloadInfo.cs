namespace TcpTools.Buffers;

/// <summary>What kind of unsplit segment a frame holds.</summary>
public enum SegmentationKind : byte
{
    /// <summary>One ordinary packet.</summary>
    None = 0,

    /// <summary>A TCP segment over IPv4, to be split by the link or by whoever receives it.</summary>
    TcpIPv4 = 1,

    /// <summary>A TCP segment over IPv6.</summary>
    TcpIPv6 = 4,
}

/// <summary>
/// What is still to be done to a frame, or was done by the link below: the facts of a virtio-net header, independent of
/// any device. A frame without offload has the default value.
/// </summary>
public struct OffloadInfo
{
    /// <summary>
    /// The transport checksum field holds only the (uncomplemented) sum over the pseudo-header; the sum from
    /// <see cref="ChecksumStart"/> to the end of the frame is still to be added at <see cref="ChecksumOffset"/>.
    /// </summary>
    public bool NeedsChecksum { get; set; }

    /// <summary>The link vouches for the transport checksum: do not verify it.</summary>
    public bool ChecksumVerified { get; set; }

    /// <summary>Bytes from the frame's start to where summing starts (the transport header).</summary>
    public ushort ChecksumStart { get; set; }

    /// <summary>Bytes from <see cref="ChecksumStart"/> to the checksum field: 16 for TCP, 6 for UDP.</summary>
    public ushort ChecksumOffset { get; set; }

    /// <summary>Whether, and for which protocol, the frame stands for several packets.</summary>
    public SegmentationKind Segmentation { get; set; }

    /// <summary>Payload bytes of each packet the frame stands for, when <see cref="Segmentation"/> is set.</summary>
    public ushort SegmentSize { get; set; }

    /// <summary>Bytes of all headers that each packet repeats, when <see cref="Segmentation"/> is set.</summary>
    public ushort HeaderLength { get; set; }
}
