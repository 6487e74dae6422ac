using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>
/// Hostile frames into stacks with live connections. Who sees the traffic can break a connection, but never the stack; who
/// does not see it, and so misses the windows, cannot even do that (RFC 5961, RFC 5927).
/// </summary>
public sealed class StackFuzzTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Live_connections_do_not_notice_an_attacker_who_misses_their_windows(int seed) => Blind(seed, 4000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Mutated_traffic_harms_no_more_than_the_connections_it_belongs_to(int seed) => InTheMiddle(seed, 4000);

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(101)]
    [InlineData(102)]
    public void Live_connections_do_not_notice_an_attacker_who_misses_their_windows_for_long(int seed) => Blind(seed, 150_000);

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(101)]
    [InlineData(102)]
    public void Mutated_traffic_harms_no_more_than_the_connections_it_belongs_to_for_long(int seed) => InTheMiddle(seed, 150_000);

    private static void Blind(int seed, int frames)
    {
        using Rig rig = NewRig();
        var random = new Random(seed);
        TcpListener listener = rig.Listen();
        (TcpSession Client, TcpSession Server)[] live = [.. Enumerable.Range(0, 3).Select(_ => rig.Establish(listener: listener))];
        for (int i = 0; i < frames; i++)
        {
            (TcpSession client, TcpSession server) = live[random.Next(live.Length)];
            bool toServer = random.Next(2) == 0;
            byte[] frame = BlindFrame(toServer ? server : client, random);
            (toServer ? rig.Client : rig.Server).SendRaw(frame);
            if (i % 16 == 0)
            {
                rig.Network.Run(TimeSpan.FromMilliseconds(random.Next(200)));
                AssertBounded(rig);
            }

            if (i % 50 == 0)
            {
                byte[] data = TestPacket.Pattern(random.Next(1, 5000));
                Exchange(client, server, data);
                Exchange(server, client, data);
            }
        }

        foreach ((TcpSession client, TcpSession server) in live)
        {
            Assert.Equal((TcpState.Established, TcpState.Established), (client.State, server.State));
            client.Close();
            server.Close();
        }

        Finish(rig, listener, [.. live.Select(l => l.Client), .. live.Select(l => l.Server)]);
    }

    private static void InTheMiddle(int seed, int frames)
    {
        using Rig rig = NewRig();
        var random = new Random(seed);
        TcpListener listener = rig.Listen();
        using RawReceiver seenByServer = rig.Server.OpenRawReceiver(64);
        using RawReceiver seenByClient = rig.Client.OpenRawReceiver(64);
        List<byte[]> toServer = [];
        List<byte[]> toClient = [];
        byte[] buffer = new byte[100_000];
        List<TcpSession> held = [];
        for (int i = 0; i < frames; i++)
        {
            while (rig.Client.Sessions.Count(s => !s.IsClosed) < 3)
            {
                held.Add(rig.Connect());
            }

            // Some traffic to mutate, in every phase of connections' lives.
            held.RemoveAll(s => s.IsClosed);
            foreach (TcpSession session in held)
            {
                Use(session, buffer, random);
            }

            while (listener.TryAccept(out TcpSession? accepted))
            {
                held.Add(accepted!);
            }

            Remember(seenByServer, toServer, random);
            Remember(seenByClient, toClient, random);
            bool up = random.Next(2) == 0;
            List<byte[]> known = up ? toServer : toClient;
            if (known.Count > 0)
            {
                (up ? rig.Client : rig.Server).SendRaw(Mutate([.. known[random.Next(known.Count)]], random));
            }

            rig.Network.Run(TimeSpan.FromMilliseconds(random.Next(random.Next(100) == 0 ? 5000 : 20)));
            AssertBounded(rig);
        }

        Finish(rig, listener, held);
    }

    private static void Use(TcpSession session, byte[] buffer, Random random)
    {
        try
        {
            switch (random.Next(400))
            {
                case < 20:
                    session.Write(buffer.AsSpan(0, random.Next(1, 3000)));
                    break;
                case < 60:
                    session.Read(buffer);
                    break;
                case 60 or 61:
                    session.Shutdown();
                    break;
                case 62:
                    session.Close();
                    break;
                case 63:
                    session.Abort();
                    break;
                default:
                    break;
            }
        }
        catch (StackException error) when (error.Error is not StackError.SystemError)
        {
            // The connection was reset or finished, and says so.
        }
    }

    private static Rig NewRig() => new(
        wire: new PacketWireOptions { QueueLimit = 4096 },
        client: o => o with { Gateway = Rig.ServerAddress, MaximumSessions = 200 },
        server: o => o with { Gateway = Rig.ClientAddress, MaximumSessions = 200 });

    private static void AssertBounded(Rig rig)
    {
        Assert.InRange(rig.Client.Sessions.Count, 0, 200);
        Assert.InRange(rig.Server.Sessions.Count, 0, 200);
        Assert.InRange(rig.Buffers.Outstanding, 0, 10_000);
    }

    /// <summary>Everything goes, and a new connection works as if nothing had been.</summary>
    private static void Finish(Rig rig, TcpListener listener, IEnumerable<TcpSession> held)
    {
        // Most of what was sent got beyond the first checks, or the test would show little.
        Assert.True(rig.Server.Counters["TcpInSegs"] > rig.Server.Counters["IpInReceives"] / 3);
        foreach (TcpSession session in held)
        {
            session.Abort();
        }

        rig.Network.Run(TimeSpan.FromMinutes(30));
        while (listener.TryAccept(out TcpSession? leftover))
        {
            leftover!.Abort();
        }

        (TcpSession client, TcpSession server) = rig.Establish(listener: listener);
        Exchange(client, server, TestPacket.Pattern(50_000));
        client.Close();
        server.Close();
        listener.Stop();
        rig.Network.Run(TimeSpan.FromMinutes(30));
        Assert.Equal((StackState.Running, StackState.Running), (rig.Client.State, rig.Server.State));
        rig.AssertNothingLeft();
    }

    private static void Exchange(TcpSession from, TcpSession to, byte[] data)
    {
        byte[] received = new byte[data.Length];
        int sent = 0;
        for (int got = 0; got < data.Length;)
        {
            sent += from.Write(data.AsSpan(sent));
            int count = to.ReadSome(received.AsSpan(got), Rig.Limit);
            Assert.True(count > 0, "The connection has ended.");
            got += count;
        }

        Assert.Equal(data, received);
    }

    /// <summary>A frame for one end of a connection from somebody who knows its addresses and ports, but not its numbers.</summary>
    private static byte[] BlindFrame(TcpSession target, Random random)
    {
        TcpInfo info = target.Info;
        FlowKey flow = target.Flow;
        // Far from the window on either side; a window is at most 2^30, and the fields wrap.
        uint missed = (uint)random.Next(100_000, 1 << 29);
        uint sequence = random.Next(2) == 0
            ? info.ReceiveNext.Value + (uint)Math.Min(info.ReceiveWindow, 1 << 24) + missed
            : info.ReceiveNext.Value - missed;
        switch (random.Next(10))
        {
            case 0:
                return TestPacket.Echo(flow.RemoteAddress, flow.LocalAddress, TestPacket.Pattern(random.Next(1400)));
            case 1:
                byte type = (byte)random.Next(20);
                byte[] quote = TestPacket.IPv4(
                    flow.LocalAddress, flow.RemoteAddress, IPProtocol.Tcp,
                    TestPacket.TcpStart(flow.LocalPort, flow.RemotePort, info.SendNext.Value + missed));
                return TestPacket.IPv4(
                    NetworkAddress.FromIPv4(0xC0000200u + (uint)random.Next(256)), flow.LocalAddress, IPProtocol.Icmp,
                    TestPacket.Icmp(random.Next(2) == 0 ? (byte)3 : type, (byte)random.Next(16), (uint)random.Next(1500), quote));
            case 2:
                byte[] piece = new byte[8 * random.Next(1, 60)];
                random.NextBytes(piece);
                return TestPacket.IPv4(
                    NetworkAddress.FromIPv4(0xC0000200u + (uint)random.Next(256)), flow.LocalAddress, IPProtocol.Udp, piece,
                    id: (ushort)random.Next(4), offset: 8 * random.Next(40), more: random.Next(4) != 0);
            case 3:
                byte[] noise = new byte[random.Next(1, 100)];
                random.NextBytes(noise);
                return noise;
            case 4:
                // A new connection, or something for a port that nobody has, from an address that does not exist.
                return Segment(
                    NetworkAddress.FromIPv4(0xC6336400u + (uint)random.Next(256)), (ushort)random.Next(1, 65536), flow.LocalAddress,
                    random.Next(2) == 0 ? (ushort)Rig.Port : (ushort)random.Next(1, 65536), (uint)random.Next(), (uint)random.Next(),
                    (TcpFlags)random.Next(512), random);
            default:
                return Segment(
                    flow.RemoteAddress, flow.RemotePort, flow.LocalAddress, flow.LocalPort, sequence,
                    random.Next(3) == 0 ? info.SendNext.Value : (uint)random.Next(),
                    random.Next(3) == 0 ? TcpFlags.Rst : (TcpFlags)random.Next(512), random);
        }
    }

    private static byte[] Segment(
        NetworkAddress source, ushort sourcePort, NetworkAddress destination, ushort destinationPort, uint sequence, uint acknowledgment,
        TcpFlags flags, Random random)
    {
        int options = 4 * random.Next(11);
        byte[] segment = new byte[20 + options + random.Next(500)];
        random.NextBytes(segment);
        _ = new TcpEditor(segment)
        {
            SourcePort = sourcePort,
            DestinationPort = destinationPort,
            Sequence = new SequenceNumber(sequence),
            Acknowledgment = new SequenceNumber(acknowledgment),
            DataOffset = 20 + options,
            Flags = flags,
        };
        new TcpEditor(segment).UpdateChecksum(source, destination);
        return TestPacket.IPv4(source, destination, IPProtocol.Tcp, segment);
    }

    private static void Remember(RawReceiver receiver, List<byte[]> known, Random random)
    {
        while (receiver.TryReceive(out ReceivedFrame? frame))
        {
            if (known.Count < 50)
            {
                known.Add(frame!.Bytes.ToArray());
            }
            else
            {
                known[random.Next(known.Count)] = frame!.Bytes.ToArray();
            }
        }
    }

    private static byte[] Mutate(byte[] frame, Random random)
    {
        for (int changes = random.Next(4); changes > 0 && frame.Length > 0; changes--)
        {
            int at = random.Next(3) == 0 ? random.Next(frame.Length) : random.Next(Math.Min(frame.Length, 60));
            frame[at] = random.Next(3) switch
            {
                0 => (byte)random.Next(256),
                1 => (byte)(frame[at] ^ (1 << random.Next(8))),
                _ => (byte)(frame[at] + random.Next(-2, 3)),
            };
            if (random.Next(20) == 0)
            {
                frame = frame[..random.Next(1, frame.Length + 1)];
            }
        }

        var ip = new IPv4View(frame);
        if (random.Next(10) != 0 && ip.HasValidHeader)
        {
            // Offloaded frames carry half a checksum; whole ones get beyond the first check.
            if (ip.Protocol == IPProtocol.Tcp)
            {
                new TcpEditor(frame.AsSpan(ip.HeaderLength)).UpdateChecksum(ip.Source, ip.Destination);
            }

            new IPv4Editor(frame).UpdateChecksum();
        }

        return frame;
    }
}
