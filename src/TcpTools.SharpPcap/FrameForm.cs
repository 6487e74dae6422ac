using PacketDotNet;
using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Bridge;

/// <summary>What frames start with, in their words and in ours.</summary>
internal static class FrameForm
{
    /// <summary>Their name for what a packet starts with.</summary>
    public static LinkLayers LinkLayersOf(PacketStart start) => (LinkLayers)start.ToLinkType();

    /// <summary>What packets of a device or a file start with.</summary>
    public static PacketStart StartOf(LinkLayers layers) => PacketStarts.FromLinkType((int)layers);

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
