namespace TcpTools.Links;

/// <summary>What a wire in memory is like.</summary>
public sealed record PacketWireOptions
{
    /// <summary>The name; its ends are called by it with <c>.A</c> and <c>.B</c>.</summary>
    public string Name { get; init; } = "wire";

    /// <summary>What frames start with.</summary>
    public LinkMedium Medium { get; init; } = LinkMedium.IP;

    /// <summary>The largest IP packet, in bytes, that passes unsplit.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>
    /// The largest IP packet, in bytes, that passes as one frame when it is marked as standing for several packets; 0 when
    /// every frame must be a packet of its own.
    /// </summary>
    public int MaximumSegmentationLength { get; init; } = 65535;

    /// <summary>How many frames wait in each direction at most; what comes then is dropped and counted.</summary>
    public int QueueLimit { get; init; } = 1024;
}
