using System;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>What the channels have in common: checks, and the words of their errors.</summary>
internal static class PacketChannel
{
    internal static void CheckListen(IPacketChannel channel, PacketFilter? filter, int capacity)
    {
        if (capacity < 1)
        {
            throw new StackException(StackError.InvalidArgument, "A channel keeps at least 1 frame.");
        }

        if (filter is not null && filter.Start != channel.Start)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The filter '{filter}' is for frames that start with {filter.Start}; those of {channel.Name} start with {channel.Start}.");
        }
    }

    /// <inheritdoc cref="LinkChannel.TryAttach"/>
    internal static IDisposable? TryAttach(IPacketChannel channel, Action<RawFrame> onFrame) => channel switch
    {
        LinkChannel link => link.TryAttach(onFrame),
        StackChannel stack => stack.TryAttach(onFrame),
        _ => null,
    };

    /// <summary>
    /// In simulated time, lets somebody take part who has something to do at certain times, on the thread that moves the network; null in
    /// real time, where a thread of his own must wait.
    /// </summary>
    internal static IDisposable? TryAttach(IPacketChannel channel, Func<bool> service, Func<Instant> nextDeadline) => channel switch
    {
        LinkChannel link => link.Network?.Attach(service, nextDeadline),
        StackChannel stack => stack.Stack.Clock?.Network.Attach(service, nextDeadline),
        _ => null,
    };

    internal static StackException NotListening(IPacketChannel channel) => new(
        StackError.InvalidArgument, $"Nobody listens on {channel.Name}: call Listen before Receive.");

    /// <summary>
    /// The bytes of a packet for a channel that knows no addresses but its own: an Ethernet header is left out where frames
    /// start with IP, and one that is missing cannot be made up.
    /// </summary>
    internal static ReadOnlyMemory<byte> ToBytes(IPacketChannel channel, Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (packet.Start == channel.Start)
        {
            return packet.AsMemory();
        }

        PacketLayer? first = packet.Layers.Count > 0 ? packet.Layers[0] : null;
        if (channel.Start == PacketStart.IP && first is EthernetLayer)
        {
            return WithoutLinkLayers(channel, packet).ToBytes();
        }

        if (channel.Start == PacketStart.Ethernet && first is IPLayer or ArpLayer)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"Frames of {channel.Name} start with an Ethernet header, and this packet has none.",
                "Put it into a frame: New-EthernetFrame | New-IPPacket.");
        }

        return packet.AsMemory();
    }

    private static Packet WithoutLinkLayers(IPacketChannel channel, Packet packet)
    {
        int start = 0;
        while (start < packet.Layers.Count && packet.Layers[start] is EthernetLayer or VlanLayer)
        {
            start++;
        }

        if (start == packet.Layers.Count || packet.Layers[start] is not IPLayer)
        {
            throw new StackException(
                StackError.InvalidArgument, $"Only IP packets go over {channel.Name}, and there is none in this frame.");
        }

        return new Packet(packet.Layers.Skip(start).Select(layer => layer.Copy()));
    }
}
