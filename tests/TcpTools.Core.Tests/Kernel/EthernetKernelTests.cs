using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Channels;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;
using TcpListener = TcpTools.Stack.TcpListener;

namespace TcpTools.Tests.Kernel;

/// <summary>A stack beside the kernel on its interface, by an address that the kernel does not know; and on a TAP device.</summary>
[Trait("Category", "Root")]
public sealed class EthernetKernelTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);
    private static readonly IPAddress s_stack = IPAddress.Parse("10.8.0.50");
    private static readonly IPAddress s_far = IPAddress.Parse("10.8.0.2");

    private readonly LabNamespace _near = LabNamespace.Create();
    private readonly LabNamespace _far = LabNamespace.Create();

    public EthernetKernelTests()
    {
        LabNamespace.Join(_near, "10.8.0.1/24", _far, "10.8.0.2/24");
    }

    public void Dispose()
    {
        _near.Dispose();
        _far.Dispose();
    }

    [RootFact("ping")]
    public void Ten_megabytes_go_both_ways_and_pings_are_answered()
    {
        using TcpStack stack = Start(MacAddress.None);
        Assert.Contains("1 received", _far.Run("ping", "-c", "1", "-W", "10", "10.8.0.50").Output);
        _far.Adopt(KernelServer.Start(_far, s_far, 7, KernelServer.Echo));
        using (TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.From(s_far), RemotePort = 7 }))
        {
            Assert.True(session.WaitFor(SessionCondition.Established, s_limit));
            EchoThrough(session, RepeatableData.Make(10_000_000));
        }

        using TcpListener listener = stack.Listen(new ListenOptions { Port = 9 });
        using Socket client = KernelSocket.Connect(_far, s_stack, 9);
        using TcpSession accepted = listener.Accept(s_limit)!;
        byte[] data = RepeatableData.Make(10_000_000, 2);
        Thread sender = new(() =>
        {
            KernelServer.SendAll(client, data);
            client.Shutdown(SocketShutdown.Send);
        });
        sender.Start();
        Assert.True(data.AsSpan().SequenceEqual(ReadAll(accepted, data.Length)));
        sender.Join();
        Assert.Equal(stack.HardwareAddress, KernelsNeighbour(_far, "10.8.0.50", "veth0"));
    }

    [RootTheory("nstat")]
    [InlineData("made up")]
    [InlineData("the interface's own")]
    public void The_kernel_stays_silent_about_what_comes_for_the_stack(string mac)
    {
        MacAddress own = InterfaceNetwork.Read("veth0", _near.Name).HardwareAddress;
        using InterfaceChannel observer = _far.Do(() =>
        {
            InterfaceChannel channel = InterfaceChannel.Open("veth0");
            channel.Listen(PacketFilter.Compile("tcp[tcpflags] & tcp-rst != 0 or icmp", channel.Start));
            return channel;
        });
        using TcpStack stack = Start(mac == "made up" ? MacAddress.None : own);
        using TcpListener listener = stack.Listen(new ListenOptions { Port = 80 });
        using (Socket client = KernelSocket.Connect(_far, s_stack, 80))
        {
            using TcpSession accepted = listener.Accept(s_limit)!;
            client.Send([1, 2, 3]);
            Assert.Equal(3, accepted.ReadSome(new byte[10], s_limit));
            accepted.Close();
            Assert.Equal(0, client.Receive(new byte[1]));
        }

        // A port that nobody has is refused by the stack, once.
        Assert.Throws<SocketException>(() => KernelSocket.Connect(_far, s_stack, 81));
        Assert.Equal(1, stack.Counters["TcpOutRsts"]);
        Assert.NotNull(observer.Receive(observer.Now + s_limit, default));
        Assert.Null(observer.Receive(observer.Now + TimeSpan.FromMilliseconds(300), default));
        // What the kernel beside the stack has counted: no resets, no ICMP.
        string[] sent = _near.Run("nstat", "-asz", "TcpOutRsts", "IcmpOutMsgs").Output.Split('\n');
        Assert.DoesNotContain(sent, line => (line.StartsWith("TcpOutRsts", StringComparison.Ordinal) || line.StartsWith("IcmpOutMsgs", StringComparison.Ordinal)) && !line.Contains(" 0 ", StringComparison.Ordinal));
    }

    [RootFact]
    public void An_address_that_a_host_has_is_left_to_it_and_ours_is_defended()
    {
        using (TcpStack taken = Start(MacAddress.None, "10.8.0.2/24"))
        {
            Assert.True(taken.WaitForClaims(s_limit));
            Assert.Equal(AddressClaimState.Lost, Assert.Single(taken.Claims).State);
        }

        using TcpStack stack = Start(MacAddress.None);
        Assert.True(stack.WaitForClaims(s_limit));
        using TcpStack other = Start(MacAddress.None, place: _far);
        Assert.True(other.WaitForClaims(s_limit));
        Assert.Equal(stack.HardwareAddress, Assert.Single(other.Conflicts).HardwareAddress);
        Assert.Equal(AddressClaimState.Claimed, Assert.Single(stack.Claims).State);
    }

    [RootFact]
    public void Who_is_not_there_is_told_to_be_unreachable()
    {
        using TcpStack stack = Start(MacAddress.None);
        Assert.True(stack.WaitForClaims(s_limit));
        using TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.8.0.99"), RemotePort = 80 });
        Assert.False(session.WaitFor(SessionCondition.Established, s_limit));
        Assert.Equal(TcpCloseReason.Unreachable, session.CloseReason);
    }

    [RootFact]
    public void An_interface_that_is_down_missing_or_without_Ethernet_is_refused()
    {
        Assert.Equal(StackError.NoInterface, Error(() => InterfaceNetwork.Read("nothing0", _near.Name)));
        Assert.Equal(StackError.InvalidArgument, Error(() => PacketSocketLink.OpenStation(InterfaceNetwork.Read("lo", _near.Name), MacAddress.Parse("02:00:00:00:00:01"))));
        _near.Configure("link", "set", "veth0", "down");
        Assert.Equal(StackError.LinkDown, Error(() => Start(MacAddress.None)));

        static StackError Error(Action action) => Assert.Throws<StackException>(action).Error;
    }

    [RootFact("tshark", "ping")]
    public void Tshark_finds_nothing_wrong_with_what_the_stack_sends()
    {
        string file = Path.GetTempFileName();
        try
        {
            using (LabProcess capture = _far.Start("tcpdump", "-i", "veth0", "-U", "-w", file, "ether src 02:11:22:33:44:55"))
            {
                Assert.True(Tool.Until(() => capture.Error.Contains("listening", StringComparison.Ordinal), s_limit));
                using TcpStack stack = Start(MacAddress.Parse("02:11:22:33:44:55"), offload: false);
                Assert.Contains("1 received", _far.Run("ping", "-c", "1", "-W", "10", "10.8.0.50").Output);
                _far.Adopt(KernelServer.Start(_far, s_far, 7, KernelServer.Echo));
                using TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.From(s_far), RemotePort = 7 });
                Assert.True(session.WaitFor(SessionCondition.Established, s_limit));
                EchoThrough(session, RepeatableData.Make(200_000));
                Assert.True(Tool.Until(() => new FileInfo(file).Length > 200_000, s_limit));
                capture.Signal("INT");
                Assert.True(capture.WaitForExit(s_limit));
            }

            string[] common = ["-r", file, "-o", "ip.check_checksum:TRUE"];
            Assert.Equal("", Tool.Run("tshark", [.. common, "-Y", "_ws.malformed || ip.checksum.status == 0 || tcp.flags.reset == 1 || arp.duplicate-address-detected"]).Trim());
            string[] arp = Tool.Run("tshark", [.. common, "-Y", "arp"]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(arp.Length >= 4, string.Join('\n', arp));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [RootFact("ping")]
    public void A_stack_on_a_TAP_device_and_the_kernel_find_each_other_by_ARP()
    {
        PacketBufferPool pool = new();
        MacAddress kernel = MacAddress.Parse("02:66:00:00:00:01");
        TunLink tap = TunLink.Open(new TunOptions
        {
            Ethernet = true,
            HardwareAddress = kernel,
            Owner = 65534,
            Address = InterfaceAddress.Parse("10.66.0.1/24"),
            NetworkNamespace = _near.Name,
            Pool = pool,
        });
        string device = _near.Configure("-d", "link", "show", "dev", tap.Name);
        Assert.Contains("tun type tap", device);
        Assert.Contains("user nobody", device);
        Assert.Contains("persist off", device);
        using (TcpStack stack = TcpStack.Start(new TcpStackOptions { Link = tap, Addresses = [InterfaceAddress.Parse("10.66.0.2/24")], Buffers = pool }))
        {
            Assert.Contains("1 received", _near.Run("ping", "-c", "1", "-W", "10", "10.66.0.2").Output);
            Assert.Equal(stack.HardwareAddress, KernelsNeighbour(_near, "10.66.0.2", tap.Name));
            Assert.Equal(kernel, stack.ResolveNeighbor(NetworkAddress.Parse("10.66.0.1"), s_limit)!.HardwareAddress);
            _near.Adopt(KernelServer.Start(_near, IPAddress.Parse("10.66.0.1"), 7, KernelServer.Echo));
            using TcpSession session = stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.66.0.1"), RemotePort = 7 });
            Assert.True(session.WaitFor(SessionCondition.Established, s_limit));
            EchoThrough(session, RepeatableData.Make(3_000_000));
        }

        Assert.DoesNotContain(tap.Name, _near.Configure("link"));
        Assert.Equal(0, pool.Outstanding);
    }

    [RootFact]
    public void Options_that_no_TAP_device_can_have_are_refused()
    {
        TunOptions options = new() { NetworkNamespace = _near.Name };
        Refused(options with { HardwareAddress = MacAddress.Parse("02:00:00:00:00:01") });
        Refused(options with { Ethernet = true, HardwareAddress = MacAddress.Broadcast });
        Refused(options with { Ethernet = true, Address = InterfaceAddress.Parse("10.66.0.1/24"), Peer = NetworkAddress.Parse("10.67.0.1") });

        static void Refused(TunOptions options) =>
            Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => TunLink.Open(options)).Error);
    }

    private TcpStack Start(MacAddress mac, string address = "10.8.0.50/24", bool offload = true, LabNamespace? place = null)
    {
        InterfaceNetwork network = InterfaceNetwork.Read("veth0", (place ?? _near).Name);
        MacAddress own = mac == MacAddress.None ? EthernetProtocol.CreateAddress(RandomSource.System) : mac;
        ILink link = PacketSocketLink.OpenStation(network, own);
        return TcpStack.Start(new TcpStackOptions
        {
            // What impairs nothing still makes every packet complete by itself.
            Link = offload ? link : new ImpairmentLink(link, new Impairment(), RandomSource.FromSeed(1)),
            HardwareAddress = own,
            Addresses = [InterfaceAddress.Parse(address)],
            Neighbors = NeighborSettings.Quick,
        });
    }

    private static void EchoThrough(TcpSession session, byte[] data)
    {
        Thread writer = new(() =>
        {
            session.WriteAll(data, s_limit);
            session.Shutdown();
        });
        writer.Start();
        Assert.True(data.AsSpan().SequenceEqual(ReadAll(session, data.Length)));
        writer.Join();
    }

    private static byte[] ReadAll(TcpSession session, int expected)
    {
        byte[] data = new byte[expected + 1];
        int length = 0;
        for (int count = session.ReadSome(data, s_limit); count > 0; count = session.ReadSome(data.AsSpan(length), s_limit))
        {
            length += count;
        }

        return data[..length];
    }

    private static MacAddress KernelsNeighbour(LabNamespace place, string address, string device)
    {
        string entry = place.Configure("neigh", "show", address, "dev", device);
        int at = entry.IndexOf("lladdr ", StringComparison.Ordinal);
        Assert.True(at >= 0, entry);
        return MacAddress.Parse(entry.Substring(at + 7, 17));
    }
}
