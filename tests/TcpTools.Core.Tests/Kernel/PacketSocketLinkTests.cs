using System;
using System.Net.Sockets;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>Interfaces as links: two of them and two copies of frames are a bridge.</summary>
[Trait("Category", "Root")]
public sealed class PacketSocketLinkTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [RootFact]
    public void An_interface_is_a_link_that_answers_like_any_other()
    {
        using LabNamespace near = LabNamespace.Create();
        using LabNamespace far = LabNamespace.Create();
        LabNamespace.Join(near, "10.8.0.1/24", far, "10.8.0.2/24");
        MacAddress own = near.Do(() => PacketInterface.Find("veth0")!.HardwareAddress!.Value);
        MacAddress target = far.Do(() => PacketInterface.Find("veth0")!.HardwareAddress!.Value);
        using PacketSocketLink link = near.Do(() => PacketSocketLink.Open("veth0"));
        using LinkChannel channel = new(link);
        channel.Listen(PacketFilter.Compile("icmp[0] = 0", channel.Start));
        channel.Send(Packet.Of(new EthernetLayer { Source = own, Destination = target }) / InterfaceChannelTests.Ping("10.8.0.1", "10.8.0.2", 1));
        Packet answer = channel.Receive(channel.Now + s_limit, default)!.ToPacket();
        Assert.Equal(0, (int)answer.Icmp!.Type);
        Assert.Empty(answer.Anomalies);
        Assert.True(link.Counters is { SentFrames: 1, ReceivedFrames: > 0 });
        Assert.Equal(StackError.NoInterface, Assert.Throws<StackException>(() => PacketSocketLink.Open("nothing0")).Error);
    }

    [RootFact("ethtool")]
    public void Two_links_and_copies_both_ways_are_a_bridge_for_the_kernels_tcp()
    {
        using LabNamespace left = LabNamespace.Create();
        using LabNamespace middle = LabNamespace.Create();
        using LabNamespace right = LabNamespace.Create();
        Plug(left, "10.8.0.1/24", middle, "west");
        Plug(right, "10.8.0.2/24", middle, "east");
        using InterfaceChannel west = Open(middle, "west");
        using InterfaceChannel east = Open(middle, "east");
        using System.Threading.CancellationTokenSource stop = new();
        System.Threading.Thread[] ways = [new(() => Copy(west, east)), new(() => Copy(east, west))];
        Array.ForEach(ways, way => way.Start());
        using (KernelServer server = KernelServer.Start(right, System.Net.IPAddress.Parse("10.8.0.2"), 80, KernelServer.Echo))
        using (Socket socket = KernelSocket.Connect(left, System.Net.IPAddress.Parse("10.8.0.2"), 80))
        {
            byte[] sent = RepeatableData.Make(20_000);
            socket.Send(sent);
            byte[] echoed = new byte[sent.Length];
            for (int at = 0; at < echoed.Length;)
            {
                at += socket.Receive(echoed.AsSpan(at));
            }

            Assert.True(sent.AsSpan().SequenceEqual(echoed));
        }

        stop.Cancel();
        Array.ForEach(ways, way => way.Join());

        void Copy(InterfaceChannel from, InterfaceChannel to)
        {
            try
            {
                while (from.Receive(Instant.Never, stop.Token) is { } frame)
                {
                    to.Send(frame.Bytes.Span);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    private static InterfaceChannel Open(LabNamespace place, string name) => place.Do(() =>
    {
        InterfaceChannel channel = InterfaceChannel.Open(name, new InterfaceOptions { Promiscuous = true });
        channel.Listen();
        // The sending socket belongs to the namespace in which it is first used.
        channel.Send(new byte[60]);
        return channel;
    });

    /// <summary>Segments must fit the wire: without offloads the kernel cuts them itself.</summary>
    private static void Plug(LabNamespace place, string address, LabNamespace middle, string name)
    {
        Tool.Run("ip", "link", "add", "veth0", "netns", place.Name, "type", "veth", "peer", "name", name, "netns", middle.Name);
        place.SetAddress("veth0", address);
        middle.Configure("link", "set", name, "up");
        place.Run("ethtool", "-K", "veth0", "tso", "off", "gso", "off", "gro", "off", "tx", "off");
        middle.Run("ethtool", "-K", name, "gro", "off");
    }
}
