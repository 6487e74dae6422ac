using System.Diagnostics.CodeAnalysis;
using TcpTools.Packets;

namespace TcpTools.Inspection;

/// <summary>Lets fields be computed again that were set.</summary>
[RequiresUnreferencedCode("Sets the properties of layers by reflection.")]
public static class PacketReset
{
    /// <summary>Leaves every field to be computed that can be, in all layers; what ICMP errors quote stays as it is, and so do trailers.</summary>
    public static void ComputeAll(Packet packet)
    {
        foreach (PacketLayer layer in packet.Layers)
        {
            foreach (string name in layer.FixedFields)
            {
                layer.GetType().GetProperty(name)?.SetValue(layer, null);
            }
        }
    }
}
