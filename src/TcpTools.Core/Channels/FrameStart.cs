using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>The names that the rooms below have for what a frame starts with.</summary>
internal static class FrameStart
{
    // DLT_RAW, which is LINKTYPE_RAW's number inside libpcap.
    private const int Raw = 12;

    /// <summary>What frames of a link start with.</summary>
    internal static PacketStart Of(LinkMedium medium) => medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP;

    /// <summary>libpcap's number for it.</summary>
    internal static int LinkTypeOf(PacketStart start) => start == PacketStart.IP ? Raw : start.ToLinkType();
}
