using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Replay;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Replay;

/// <summary>
/// What a small TCP has to do, told by records of sessions rather than by calls: a stack gets what the client or the server of the record
/// got and must send what it sent. The records are our own; the cases are those of teeceepee's tests.
/// </summary>
public sealed class ReplayAcceptanceTests
{
    private static readonly byte[] s_get = Encoding.ASCII.GetBytes("GET /page HTTP/1.1\r\nHost: example.org\r\nUser-Agent: ours\r\nAccept: */*\r\nConnection: close\r\nX: 0123456789012\r\n\r\n");

    // 36,240 bytes in three segments, as over a loopback device, ending in the digits.
    private static readonly byte[] s_digits = [.. new byte[240], .. Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1234567890", 3600)))];
    private static readonly PacketWireOptions s_wide = new() { Mtu = 16384 + 52, MaximumSegmentationLength = 0 };

    [Fact]
    public void Syn()
    {
        using ReplayRig rig = new([Recording.Session(s_get, [1])[0]]);
        TcpSession session = rig.Connect();
        rig.Network.RunUntilIdle();
        Assert.Equal(TcpState.SynSent, session.State);
        Assert.Equal(TcpFlags.Syn, Assert.Single(rig.Sent).Tcp!.Flags);
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
    }

    [Fact]
    public void Handshake_client()
    {
        using ReplayRig rig = new(Recording.Session(s_get, [1]).Take(3));
        TcpSession session = rig.Open();
        Assert.Equal([TcpFlags.Syn, TcpFlags.Ack], rig.Sent.Select(p => p.Tcp!.Flags));
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
        // The stack chose numbers of its own all the same.
        Assert.NotEqual(rig.Sent[0].Tcp!.Sequence, session.Info.InitialSendSequence.Value);
    }

    [Fact]
    public void Send_push_ack()
    {
        Assert.Equal(109, s_get.Length);
        using ReplayRig rig = new(Recording.Session(s_get, [1]).Take(4));
        TcpSession session = rig.Open();
        session.Write(s_get);
        rig.Network.RunUntilIdle();
        Packet last = rig.Sent[^1];
        Assert.Equal(TcpFlags.Psh | TcpFlags.Ack, last.Tcp!.Flags);
        Assert.Equal(s_get, last.Payload!.Data);
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
    }

    [Fact]
    public void Fin_ack_client()
    {
        List<Packet> record = Recording.Make(rig =>
        {
            (TcpSession client, TcpSession server) = rig.Establish();
            client.Close();
            Assert.True(rig.Network.RunUntil(() => server.IsPeerFinished, Rig.Limit));
            server.Close();
        });
        Assert.Equal(["S", "SA", "A", "FA", "A", "FA", "A"], record.Select(Flags));
        using ReplayRig rig = new(record);
        TcpSession session = rig.Open();
        session.Close();
        Assert.True(session.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.Equal(4, rig.Sent.Count);
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
        Assert.Equal(TcpCloseReason.Finished, session.CloseReason);
    }

    [Fact]
    public void Recv_one_packet()
    {
        byte[] answer = Transfer.Bytes(253, 3);
        List<Packet> record = Recording.Session(s_get, answer);
        using ReplayRig rig = new(record);
        Assert.Equal(answer, Fetch(rig, answer.Length));
        Assert.True(rig.Result.IsEquivalent, string.Join('\n', rig.Result.Steps));
        Assert.True(rig.Result.IsFinished);
    }

    [Fact]
    public void Recv_many_in_order()
    {
        List<Packet> record = Recording.Session(s_get, s_digits, s_wide);
        Assert.Equal([16384, 16384, 3472], record.Where(IsData).Select(p => p.Payload!.Length));
        using ReplayRig rig = new(record);
        byte[] got = Fetch(rig, s_digits.Length);
        Assert.Equal(string.Concat(Enumerable.Repeat("1234567890", 3600)), Encoding.ASCII.GetString(got[240..]));
        Assert.True(rig.Result.IsEquivalent, string.Join('\n', rig.Result.Steps));
    }

    [Fact]
    public void Recv_many_out_of_order()
    {
        List<Packet> record = Recording.Session(s_get, s_digits, s_wide);
        Packet[] data = [.. record.Where(IsData)];
        int at = record.IndexOf(data[0]);
        // The record's own acknowledgments of the data say nothing about this order.
        List<Packet> shuffled = [.. record.Take(at), data[1], data[2], data[1], data[0], data[2], data[1], data[2]];
        using ReplayRig rig = new(shuffled.Select((p, i) => { Packet copy = Packet.FromFrame(p.ToBytes()); copy.Number = i + 1; return copy; }));
        TcpSession session = rig.Open();
        session.Write(s_get);
        byte[] got = new byte[100_000];
        int length = 0;
        rig.RunUntil(() =>
        {
            length += session.Read(got.AsSpan(length));
            return rig.Link.PendingCount == 0;
        });
        length += session.Read(got.AsSpan(length));
        Assert.Equal(s_digits, got[..length]);
    }

    [Fact]
    public void Bind_handshake()
    {
        using ReplayRig rig = new(Recording.Session(s_get, [1]).Take(3), asServer: true);
        using TcpListener listener = rig.Stack.Listen(new ListenOptions { Port = Rig.Port });
        TcpSession session = listener.Accept(Rig.Limit)!;
        Assert.Equal(TcpState.Established, session.State);
        Assert.Equal(TcpFlags.Syn | TcpFlags.Ack, Assert.Single(rig.Sent).Tcp!.Flags);
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
    }

    [Fact]
    public void Tiny_session_server()
    {
        List<Packet> record = Recording.Make(rig =>
        {
            (TcpSession client, TcpSession server) = rig.Establish();
            client.Close();
            Assert.True(rig.Network.RunUntil(() => server.IsPeerFinished, Rig.Limit));
            server.Close();
        });
        using ReplayRig rig = new(record, asServer: true);
        using TcpListener listener = rig.Stack.Listen(new ListenOptions { Port = Rig.Port });
        TcpSession session = listener.Accept(Rig.Limit)!;
        Assert.True(rig.RunUntil(() => session.IsPeerFinished));
        session.Close();
        Assert.True(session.WaitFor(SessionCondition.Closed, Rig.Limit));
        Assert.True(rig.Result.IsSame, string.Join('\n', rig.Result.Steps));
    }

    [Fact]
    public void Closes_on_reset()
    {
        List<Packet> record = [.. Recording.Session(s_get, [1]).Take(3)];
        Packet synAck = record[1];
        Packet reset = Recording.Segment(
            true, new TcpLayer { Flags = TcpFlags.Rst, Sequence = synAck.Tcp!.Sequence + 1 }, clientPort: record[0].Tcp!.SourcePort);
        reset.Number = 4;
        using ReplayRig rig = new([.. record, reset]);
        TcpSession session = rig.Connect();
        Assert.True(rig.RunUntil(() => session.State == TcpState.Closed));
        Assert.Equal(TcpCloseReason.ResetByPeer, session.CloseReason);
    }

    [Fact]
    public void Sends_reset()
    {
        using ReplayRig rig = new([Recording.Segment(true, new TcpLayer { Flags = TcpFlags.Syn | TcpFlags.Ack, Sequence = 5, Acknowledgment = 1000 })]);
        rig.Network.RunUntilIdle();
        TcpLayer sent = Assert.Single(rig.Sent).Tcp!;
        Assert.Equal((TcpFlags.Rst, 1000u), (sent.Flags, sent.Sequence));
    }

    [Fact]
    public void Has_load()
    {
        // Every frame of the record is padded to Ethernet's least length, and beyond.
        IEnumerable<Packet> record = Recording.Session(s_get, [1]).Take(3).Select(p =>
        {
            byte[] frame = (Packet.Of(new EthernetLayer()) / p).ToBytes();
            Packet padded = Packet.FromFrame([.. frame, .. Enumerable.Repeat((byte)0x55, 12)], PacketStart.Ethernet);
            padded.Number = p.Number;
            return padded;
        });
        using ReplayRig rig = new(record, asServer: true);
        using TcpListener listener = rig.Stack.Listen(new ListenOptions { Port = Rig.Port });
        TcpSession session = listener.Accept(Rig.Limit)!;
        rig.Network.RunUntilIdle();
        Assert.Equal(0, session.Available);
        Assert.True(rig.Result.IsSame, rig.Result.ToString());
    }

    [Theory]
    [InlineData(false, "SynSent Established FinWait1 FinWait2 TimeWait Closed")]
    [InlineData(true, "SynSent Established CloseWait LastAck Closed")]
    public void A_page_and_the_states_on_the_way(bool serverClosesFirst, string states)
    {
        byte[] page = Transfer.Bytes(20_145, 9);
        List<Packet> record = Recording.Make(
            rig =>
            {
                (TcpSession client, TcpSession server) = rig.Establish();
                client.Write(s_get);
                rig.Network.RunUntil(() => server.Available == s_get.Length, Rig.Limit);
                server.ReadSome(new byte[200], Rig.Limit);
                server.Write(page);
                byte[] buffer = new byte[65536];
                int received = 0;
                rig.Network.RunUntil(() => (received += client.Read(buffer)) == page.Length, Rig.Limit);
                (TcpSession first, TcpSession second) = serverClosesFirst ? (server, client) : (client, server);
                first.Close();
                rig.Network.RunUntil(() => second.IsPeerFinished, Rig.Limit);
                second.Close();
            },
            new PacketWireOptions { Mtu = 1418 + 52, MaximumSegmentationLength = 0 });
        Assert.Equal(15, record.Count(IsData));
        using ReplayRig rig = new(record);
        List<TcpState> seen = [];
        TcpSession session = rig.Connect();
        seen.Add(session.State);
        session.StateChanged += (_, change) => seen.Add(change.To);
        session.WaitFor(SessionCondition.Established, Rig.Limit);
        session.Write(s_get);
        byte[] got = new byte[page.Length];
        int length = 0;
        Assert.True(rig.RunUntil(() => (length += session.Read(got.AsSpan(length))) == page.Length), string.Join('\n', rig.Result.Steps));
        Assert.Equal(page, got);
        if (serverClosesFirst)
        {
            Assert.True(rig.RunUntil(() => session.IsPeerFinished));
        }

        session.Close();
        rig.Network.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(states, string.Join(' ', seen));
        Assert.True(rig.Result.IsEquivalent, string.Join('\n', rig.Result.Steps));
    }

    private static byte[] Fetch(ReplayRig rig, int expected)
    {
        TcpSession session = rig.Open();
        session.Write(s_get);
        byte[] got = new byte[expected + 1];
        int length = 0;
        Assert.True(
            rig.RunUntil(() =>
            {
                length += session.Read(got.AsSpan(length));
                return session.IsPeerFinished && session.Available == 0;
            }),
            string.Join('\n', rig.Result.Steps));
        session.Close();
        Assert.True(rig.RunUntil(() => rig.Link.PendingCount == 0), string.Join('\n', rig.Result.Steps));
        return got[..length];
    }

    private static bool IsData(Packet packet) => packet.Payload is not null && packet.Tcp!.SourcePort == Rig.Port;

    private static string Flags(Packet packet) => string.Concat(new[] { (TcpFlags.Syn, "S"), (TcpFlags.Fin, "F"), (TcpFlags.Psh, "P"), (TcpFlags.Ack, "A") }
        .Where(flag => (packet.Tcp!.Flags & flag.Item1) != 0).Select(flag => flag.Item2));
}
