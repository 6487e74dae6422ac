using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>What captures call the starts of packets.</summary>
public static class CaptureStart
{
    /// <summary>What packets of a link type start with.</summary>
    public static PacketStart ToPacketStart(this CaptureLinkType linkType) => PacketStarts.FromLinkType((int)linkType);

    /// <summary>The link type that a packet has in a capture.</summary>
    public static CaptureLinkType GetLinkType(this Packet packet) =>
        (CaptureLinkType)(packet.LinkType ?? packet.Start.ToLinkType());
}
