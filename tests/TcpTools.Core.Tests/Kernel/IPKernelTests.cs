using System;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Tasks;
using TcpTools.Buffers;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>IP and ICMP with a kernel at the other end: its fragments, its checks, its router's complaints.</summary>
[Trait("Category", "Root")]
public sealed class IPKernelTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    [RootFact]
    public void Pings_of_every_size_come_back_whole_through_fragments_of_both_makers()
    {
        using TunPair pair = new();
        using Socket socket = pair.Place.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        socket.ReceiveTimeout = 5000;
        socket.SendBufferSize = socket.ReceiveBufferSize = 1 << 20;
        byte[] received = new byte[65536];
        foreach (int length in (int[])[0, 1, 56, 1471, 1472, 1473, 2951, 2952, 2953, 8000, 30_001, 65_506, 65_507])
        {
            byte[] data = TestPacket.Pattern(length);
            socket.SendTo(TestPacket.Icmp(IcmpType.EchoRequest, 0, 0x00070000u + (uint)length, data), new IPEndPoint(TunPair.OwnAddress, 0));
            int count = socket.Receive(received);
            var packet = new IPv4View(received.AsSpan(0, count));
            var reply = new Icmpv4View(packet.Payload);
            Assert.True(reply.IsValid, $"{length} bytes");
            Assert.Equal((IcmpType.EchoReply, (ushort)(length & 0xFFFF)), (reply.Type, reply.Sequence));
            Assert.True(reply.Payload.SequenceEqual(data), $"{length} bytes");
        }

        Assert.True(pair.Stack.Counters["IpReasmOKs"] >= 7);
        Assert.True(pair.Stack.Counters["IpFragOKs"] >= 7);
        Assert.Equal(0, pair.Stack.Counters["IpReasmFails"]);
        pair.AssertNothingLeft();
    }

    [RootFact]
    public void A_kernels_UDP_socket_learns_that_nobody_has_the_port()
    {
        using TunPair pair = new();
        using Socket socket = pair.Place.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
        socket.ReceiveTimeout = 5000;
        socket.Connect(TunPair.OwnAddress, 53);
        // The kernel checks the quote before it believes that: ports, addresses, checksum of the message.
        socket.Send([1, 2, 3]);
        SocketException refused = Assert.Throws<SocketException>(() => socket.Receive(new byte[10]));
        Assert.Equal(SocketError.ConnectionRefused, refused.SocketErrorCode);
        Assert.Equal(1, pair.Stack.Counters["UdpNoPorts"]);
        Assert.Equal(1, pair.Stack.Counters["IcmpOutDestUnreachs"]);
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_upload_gets_through_a_router_with_a_smaller_link_behind_it(bool offload)
    {
        using LabNamespace router = LabNamespace.Create();
        using LabNamespace far = LabNamespace.Create();
        LabNamespace.Join(router, "10.78.0.1/24", far, "10.78.0.2/24");
        router.Configure("link", "set", "veth0", "mtu", "1000");
        router.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
        far.Configure("route", "add", "default", "via", "10.78.0.1");

        var pool = new PacketBufferPool();
        TunLink tun = TunLink.Open(new TunOptions
        {
            NetworkNamespace = router.Name,
            Address = InterfaceAddress.Parse("10.9.0.1/24"),
            Offload = offload,
            Pool = pool,
        });
        byte[] data = RepeatableData.Make(2_000_000);
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using KernelServer server = KernelServer.Start(far, IPAddress.Parse("10.78.0.2"), 5001, socket =>
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[65536];
            for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
            {
                hash.AppendData(buffer, 0, count);
            }

            seen.SetResult(Convert.ToHexString(hash.GetHashAndReset()));
        });
        using (TcpStack stack = TcpStack.Start(new TcpStackOptions
        {
            Link = tun,
            Addresses = [InterfaceAddress.Parse("10.9.0.2/24")],
            Gateway = NetworkAddress.Parse("10.9.0.1"),
            Buffers = pool,
        }))
        {
            TcpSession session = stack.Connect(
                new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.78.0.2"), RemotePort = 5001 });
            Assert.True(session.WaitFor(SessionCondition.Established, s_limit));
            session.WriteAll(data, s_limit);
            session.Shutdown();
            Assert.True(seen.Task.Wait(s_limit), "the far kernel has not got all of it");
            Assert.Equal(RepeatableData.Hash(data), seen.Task.Result);
            Assert.InRange(session.Info.SendMaximumSegment, 500, 960);
            Assert.True(stack.Counters["IcmpInDestUnreachs"] > 0);
        }

        Assert.Equal(0, pool.Outstanding);
    }
}
