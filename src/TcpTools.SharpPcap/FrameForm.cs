using PacketDotNet;
using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Bridge;

/// <summary>What frames start with, in their words and in ours.</summary>
internal static class FrameForm
{
    /// <summary>Their name for what a packet starts with.</summary>
    public static LinkLayers LinkLayersOf(PacketStart start) => start == PacketStart.Ethernet ? LinkLayers.Ethernet : LinkLayers.Raw;

    /// <summary>What packets of a device or a file start with; null for what is not taken apart here.</summary>
    public static PacketStart? StartOf(LinkLayers layers) => (int)layers switch
    {
        1 => PacketStart.Ethernet,
        12 or 14 or 101 or 228 or 229 => PacketStart.IP,
        _ => null,
    };

    /// <summary>What a link is made of that carries such frames.</summary>
    /// <exception cref="StackException">No link carries them.</exception>
    public static LinkMedium MediumOf(LinkLayers layers, string name) => StartOf(layers) switch
    {
        PacketStart.Ethernet => LinkMedium.Ethernet,
        PacketStart.IP => LinkMedium.IP,
        _ => throw new StackException(
            StackError.InvalidArgument,
            $"The frames of {name} are of the kind {layers}: a link carries Ethernet or IP."),
    };
}
