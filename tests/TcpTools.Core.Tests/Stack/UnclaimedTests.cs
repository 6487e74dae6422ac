using System;
using System.Threading;
using TcpTools.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Stack;

/// <summary>Packets for nobody: made by hand, sent raw from one stack to the other.</summary>
public sealed class UnclaimedTests
{
    [Fact]
    public void A_segment_for_a_port_nobody_has_is_answered_by_a_reset()
    {
        using Rig rig = new();
        RawReceiver answers = rig.Client.OpenRawReceiver();
        rig.Client.SendRaw(Segment(TcpFlags.Syn, 1000, 0));
        ReceivedFrame? frame = answers.Receive(TimeSpan.FromSeconds(1));
        Assert.NotNull(frame);
        TcpView reset = new(new IPv4View(frame.Bytes.Span).Payload);
        // RFC 9293, 3.10.7.1: without an ACK the answer is <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>.
        Assert.Equal(TcpFlags.Rst | TcpFlags.Ack, reset.Flags);
        Assert.Equal(0u, reset.Sequence.Value);
        Assert.Equal(1001u, reset.Acknowledgment.Value);
        Assert.Equal(1, rig.Server.Counters["TcpOutRsts"]);
    }

    [Fact]
    public void An_acknowledgment_for_nobody_is_answered_by_a_reset_with_its_number()
    {
        using Rig rig = new();
        RawReceiver answers = rig.Client.OpenRawReceiver();
        rig.Client.SendRaw(Segment(TcpFlags.Ack, 1000, 77));
        ReceivedFrame? frame = answers.Receive(TimeSpan.FromSeconds(1));
        Assert.NotNull(frame);
        TcpView reset = new(new IPv4View(frame.Bytes.Span).Payload);
        Assert.Equal(TcpFlags.Rst, reset.Flags);
        Assert.Equal(77u, reset.Sequence.Value);
    }

    [Fact]
    public void A_reset_for_nobody_is_not_answered()
    {
        using Rig rig = new();
        RawReceiver answers = rig.Client.OpenRawReceiver();
        rig.Client.SendRaw(Segment(TcpFlags.Rst, 1000, 0));
        Assert.Null(answers.Receive(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_stack_told_to_drop_says_nothing()
    {
        using Rig rig = new(server: o => o with { UnclaimedPorts = UnclaimedPortPolicy.Drop });
        RawReceiver answers = rig.Client.OpenRawReceiver();
        rig.Client.SendRaw(Segment(TcpFlags.Syn, 1000, 0));
        Assert.Null(answers.Receive(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_segment_with_a_bad_checksum_is_counted_and_dropped()
    {
        using Rig rig = new();
        RawReceiver answers = rig.Client.OpenRawReceiver();
        byte[] frame = Segment(TcpFlags.Syn, 1000, 0);
        frame[^1] ^= 1;
        rig.Client.SendRaw(frame);
        Assert.Null(answers.Receive(TimeSpan.FromSeconds(1)));
        Assert.Equal(1, rig.Server.Counters["TcpInCsumErrors"]);
        Assert.Equal(1, rig.Server.Counters["TcpInErrs"]);
    }

    [Fact]
    public void A_full_raw_receiver_drops_and_counts()
    {
        using Rig rig = new();
        RawReceiver receiver = rig.Server.OpenRawReceiver(capacity: 2);
        for (int i = 0; i < 5; i++)
        {
            rig.Client.SendRaw(Segment(TcpFlags.Rst, 1000, 0));
        }

        rig.Network.RunUntilIdle();
        Assert.Equal(2, receiver.Count);
        Assert.Equal(3, receiver.Dropped);
        receiver.Dispose();
        rig.Client.SendRaw(Segment(TcpFlags.Rst, 1000, 0));
        rig.Network.RunUntilIdle();
        Assert.Equal(2, receiver.Count);
    }

    [Fact]
    public void Waiting_for_a_raw_frame_can_be_cancelled()
    {
        using Rig rig = new(StackMode.Threaded);
        RawReceiver receiver = rig.Server.OpenRawReceiver();
        using CancellationTokenSource source = new(50);
        Assert.ThrowsAny<OperationCanceledException>(() => receiver.Receive(Timeout.InfiniteTimeSpan, source.Token));
    }

    internal static byte[] Segment(
        TcpFlags flags, uint sequence, uint acknowledgment, int port = Rig.Port, int sourcePort = 4000)
    {
        byte[] frame = new byte[40];
        IPv4Editor ip = new(frame)
        {
            Version = 4,
            HeaderLength = 20,
            TotalLength = (ushort)frame.Length,
            TimeToLive = 64,
            Protocol = IPProtocol.Tcp,
            Source = Rig.ClientAddress,
            Destination = Rig.ServerAddress,
        };
        ip.UpdateChecksum();
        TcpEditor tcp = new(frame.AsSpan(20))
        {
            SourcePort = (ushort)sourcePort,
            DestinationPort = (ushort)port,
            Sequence = new SequenceNumber(sequence),
            Acknowledgment = new SequenceNumber(acknowledgment),
            DataOffset = 20,
            Flags = flags,
            Window = 1000,
        };
        tcp.UpdateChecksum(Rig.ClientAddress, Rig.ServerAddress);
        return frame;
    }
}
