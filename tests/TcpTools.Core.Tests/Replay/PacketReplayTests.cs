using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Replay;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Replay;

/// <summary>What a replay delivers, when, with which numbers, and what it finds different.</summary>
public sealed class PacketReplayTests
{
    private static readonly byte[] s_question = "question"u8.ToArray();
    private static readonly byte[] s_answer = Transfer.Bytes(5000, 1);

    [Fact]
    public void What_the_stack_says_otherwise_is_found_field_by_field()
    {
        using ReplayRig rig = new(Recording.Session(s_question, s_answer), change: o => o with
        {
            Tcp = TcpSettings.For(TcpProfile.Linux) with { WindowScaling = false },
        });
        TcpSession session = rig.Open();
        session.Write("QUESTION"u8);
        rig.Network.Run(TimeSpan.FromSeconds(3));
        ReplayStep syn = rig.Result.Steps[0];
        Assert.Equal(ReplayStepKind.Different, syn.Kind);
        Assert.Contains(syn.Differences, d => d.Layer == "TCP" && d.Field.StartsWith("Options", StringComparison.Ordinal));
        ReplayStep question = rig.Result.Steps.First(s => s.Recorded?.Payload is not null);
        Assert.Equal("Payload.Data", Assert.Single(question.Differences).Path);
        Assert.Contains("Different", question.ToString());
        Assert.False(rig.Result.IsEquivalent);
        Assert.True(rig.Link.Compare(["TCP", "Payload", "IP"]).Steps.All(s => s.Kind != ReplayStepKind.Different));
    }

    [Fact]
    public void What_the_stack_does_not_say_is_missing_and_what_follows_waits()
    {
        using ReplayRig rig = new(Recording.Session(s_question, s_answer));
        rig.Open();
        rig.Network.Run(TimeSpan.FromMinutes(5));
        ReplayResult result = rig.Result;
        Assert.Contains(result.Steps, s => s.Kind == ReplayStepKind.Missing && s.Recorded!.Payload is not null);
        Assert.True(rig.Link.PendingCount > 3);
        Assert.False(result.IsFinished);
        Assert.Contains("Pending", result.ToString());
    }

    [Fact]
    public void What_the_record_does_not_have_is_extra()
    {
        using ReplayRig rig = new(Recording.Session(s_question, s_answer).Take(3));
        TcpSession session = rig.Open();
        session.Write("more"u8);
        rig.Stack.Connect(new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.9.0.77"), RemotePort = 1 });
        rig.Network.RunUntilIdle();
        ReplayStep[] extra = [.. rig.Result.Steps.Where(s => s.Kind == ReplayStepKind.Extra)];
        Assert.Equal(2, extra.Length);
        Assert.All(extra, s => Assert.Null(s.Number));
        Assert.False(rig.Result.IsEquivalent);
    }

    [Fact]
    public void Recorded_times_are_kept_when_they_are_asked_for()
    {
        List<Packet> record = Recording.Make(
            rig =>
            {
                (TcpSession client, TcpSession server) = rig.Establish();
                rig.Network.Run(TimeSpan.FromSeconds(3));
                server.Write([1, 2, 3]);
                rig.Network.Run(TimeSpan.FromSeconds(1));
                Assert.Equal(3, client.Available);
            });
        using ReplayRig rig = new(record, pacing: ReplayPacing.Recorded);
        Assert.Equal(Instant.Never, rig.Link.NextDeadline);
        TcpSession session = rig.Connect();
        Assert.True(rig.RunUntil(() => session.Available == 3), string.Join('\n', rig.Result.Steps));
        Assert.Equal(3, rig.Network.Now.TotalMilliseconds / 1000);
    }

    [Fact]
    public void Selective_acknowledgments_and_timestamps_fit_what_the_stack_has_chosen()
    {
        // The client sends a lot and loses some; its record shows the server's selective acknowledgments.
        byte[] upload = Transfer.Bytes(200_000, 4);
        List<Packet> record = Recording.Make(
            rig =>
            {
                (TcpSession client, TcpSession server) = rig.Establish();
                byte[] buffer = new byte[65536];
                int sent = 0;
                int received = 0;
                Assert.True(rig.Network.RunUntil(
                    () =>
                    {
                        sent += sent < upload.Length ? client.Write(upload.AsSpan(sent)) : 0;
                        return (received += server.Read(buffer)) == upload.Length;
                    },
                    TimeSpan.FromMinutes(5)));
            },
            impairment: new Impairment { Loss = 0.03, Delay = TimeSpan.FromMilliseconds(5) });
        Assert.Contains(record, p => p.Tcp!.Options.OfType<TcpSackOption>().Any());
        using ReplayRig rig = new(record);
        TcpSession session = rig.Open();
        int written = 0;
        Assert.True(
            rig.RunUntil(() =>
            {
                written += written < upload.Length ? session.Write(upload.AsSpan(written)) : 0;
                return rig.Link.PendingCount == 0;
            }),
            string.Join('\n', rig.Result.Steps.Where(s => s.Kind is ReplayStepKind.Missing or ReplayStepKind.Pending).Take(10)));
        Assert.Equal(upload.Length, session.Info.BytesAcknowledged);
        Assert.True(session.Info.SmoothedRtt < TimeSpan.FromSeconds(1));
        Assert.Equal(0, rig.Stack.Counters["TcpInCsumErrors"]);
        Assert.Equal(0, rig.Stack.Counters["TcpExtPAWSEstab"]);
    }

    [Fact]
    public void An_error_that_quotes_a_segment_reaches_the_connection()
    {
        Packet syn = Recording.Session(s_question, [1])[0];
        Packet error = Packet.FromFrame((Packet.Of(new IPv4Layer { Source = Rig.ServerAddress, Destination = Rig.ClientAddress })
            / Packet.Of(new IcmpLayer { Type = IcmpType.DestinationUnreachable, Code = IcmpCode.PortUnreachable }) / syn.ToBytes()).ToBytes());
        using ReplayRig rig = new([syn, error]);
        TcpSession session = rig.Connect();
        Assert.True(rig.RunUntil(() => session.State == TcpState.Closed), rig.Result.ToString());
        Assert.Equal(TcpCloseReason.Refused, session.CloseReason);
    }

    [Fact]
    public void Damaged_checksums_stay_damaged_and_open_ones_are_completed()
    {
        List<Packet> record = [.. Recording.Session(s_question, s_answer).Take(3)];
        byte[] damaged = record[1].ToBytes();
        damaged[^1] ^= 1;
        using (ReplayRig rig = new([record[0], Packet.FromFrame(damaged)]))
        {
            TcpSession session = rig.Connect();
            rig.RunUntil(() => rig.Link.PendingCount == 0);
            Assert.Equal(TcpState.SynSent, session.State);
            Assert.Equal(1, rig.Stack.Counters["TcpInCsumErrors"]);
        }

        byte[] open = record[1].ToBytes();
        TcpView tcp = new(open.AsSpan(20));
        ulong sum = InternetChecksum.PseudoHeader(Rig.ServerAddress, Rig.ClientAddress, IPProtocol.Tcp, open.Length - 20);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(open.AsSpan(36), InternetChecksum.Fold(sum));
        Assert.True(tcp.IsValid);
        using (ReplayRig rig = new([record[0], Packet.FromFrame(open)]))
        {
            rig.Open();
        }
    }

    [Fact]
    public void A_manual_stack_gets_one_packet_a_step()
    {
        using ReplayRig rig = new(Recording.Session(s_question, [1]).Take(3), asServer: true, change: o => o with { Mode = StackMode.Manual, Clock = new VirtualClock() });
        using TcpListener listener = rig.Stack.Listen(new ListenOptions { Port = Rig.Port });
        Assert.True(rig.Stack.Step().DidSomething);
        Assert.Equal(TcpState.SynReceived, Assert.Single(rig.Stack.Sessions).State);
        Assert.Equal(1, rig.Link.PendingCount);
        rig.Stack.Step();
        Assert.Equal(TcpState.Established, Assert.Single(rig.Stack.Sessions).State);
        Assert.True(rig.Result.IsSame);
    }

    [Fact]
    public void A_stack_with_a_thread_of_its_own_is_woken_for_each_packet()
    {
        using ReplayRig rig = new(
            Recording.Session(s_question, s_answer), change: o => o with { Mode = StackMode.Threaded, Clock = null });
        TcpSession session = rig.Connect();
        Assert.True(session.WaitFor(SessionCondition.Established, Rig.Limit));
        session.WriteAll(s_question, Rig.Limit);
        byte[] got = new byte[s_answer.Length];
        for (int length = 0; length < got.Length;)
        {
            int count = session.ReadSome(got.AsSpan(length), Rig.Limit);
            Assert.NotEqual(0, count);
            length += count;
        }

        Assert.Equal(s_answer, got);
    }

    [Fact]
    public void Records_that_cannot_be_replayed_are_refused()
    {
        List<Packet> record = Recording.Session(s_question, [1]);
        Refuse(record, "192.0.2.1", StackError.InvalidData);
        Refuse(record, "fe80::1", StackError.InvalidArgument);
        Refuse([Packet.FromFrame(record[3].ToBytes()[..30])], "10.9.0.1", StackError.InvalidData);
        Assert.Equal(Rig.ServerAddress, Assert.Single(new PacketReplay(record, new ReplayOptions { Address = Rig.ClientAddress }).Peers));

        static void Refuse(IEnumerable<Packet> packets, string address, StackError error) => Assert.Equal(
            error,
            Assert.Throws<StackException>(() => new PacketReplay(packets, new ReplayOptions { Address = NetworkAddress.Parse(address) })).Error);
    }
}
