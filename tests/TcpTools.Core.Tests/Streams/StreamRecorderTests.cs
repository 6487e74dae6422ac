using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Tests;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>What is kept of streams, and what following costs.</summary>
public sealed class StreamRecorderTests
{
    [Fact]
    public void A_conversation_is_kept_as_turns_gaps_and_warnings()
    {
        (TcpStreamAssembler assembler, List<TcpStream> ended) = Recorder();
        Feeder feed = new(assembler);
        feed.Open();
        feed.Send(true, 0, "GET ");
        feed.Send(true, 4, "/");
        feed.Send(false, 0, "200 ");
        feed.Send(false, 4, "OK");
        feed.Send(true, 5, "bye");
        feed.Send(true, 20, "later");
        feed.Send(true, 0, "PUT ");
        assembler.Finish();
        TcpStream stream = Assert.Single(ended);
        Assert.Equal("GET /byelater"u8.ToArray(), stream.ClientData);
        Assert.Equal("200 OK"u8.ToArray(), stream.ServerData);
        Assert.Same(stream.ClientData, stream.ClientData);
        Assert.Equal(["GET /", "200 OK", "bye", "later"], stream.Turns.Select(t => t.Text));
        Assert.Equal([0, 0, 5, 20], stream.Turns.Select(t => t.Offset));
        Assert.Equal(stream.Turns[0].StartTime.AddMilliseconds(1), stream.Turns[0].EndTime);
        Assert.Equal(12, Assert.Single(stream.Gaps).Length);
        Assert.Equal(StreamAnomalyKind.ConflictingData, Assert.Single(stream.Warnings).Kind);
        Assert.False(stream.Recording!.IsCut);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1000, 872)]
    public void No_more_is_kept_than_was_asked_for(int limit, int kept)
    {
        (TcpStreamAssembler assembler, List<TcpStream> ended) = Recorder(limit);
        Feeder feed = new(assembler);
        feed.Open();
        for (int i = 0; i < 10; i++)
        {
            feed.Send(true, i * 200, new string('x', 200));
        }

        assembler.Finish();
        Assert.Equal(kept, ended[0].ClientData.Length);
        Assert.Equal(2000, ended[0].ClientSide.Bytes);
    }

    [Fact]
    public void What_is_kept_of_all_streams_that_go_on_has_a_limit()
    {
        List<TcpStream> ended = [];
        TcpStreamAssembler assembler = new(new TcpStreamRecorder(ended.Add, null, 100_000, 10_000), new TcpStreamSettings { Midstream = true });
        void Send(int port, TcpFlags flags, string text, uint number = 1) => assembler.Receive(
            StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, (ushort)port, 80, flags, number, 1, System.Text.Encoding.ASCII.GetBytes(text)),
            PacketStart.IP,
            Instant.FromSeconds(1));
        for (int port = 1000; port < 1020; port++)
        {
            Send(port, TcpFlags.Ack, new string('x', 1000));
        }

        // Who ends makes room.
        Send(1000, TcpFlags.Rst, "", 1001);
        Send(1001, TcpFlags.Rst, "", 1001);
        Send(1100, TcpFlags.Ack, new string('y', 1000));
        assembler.Finish();
        Assert.InRange(ended.Sum(s => s.ClientData.Length), 9_000, 11_000);
        Assert.Equal(1000, ended.Single(s => s.Client.Port == 1100).ClientData.Length);
        Assert.True(ended.Single(s => s.Client.Port == 1019).Recording!.IsCut);
    }

    [Fact]
    public void Kept_bytes_are_there_again_in_front_of_the_next()
    {
        StreamBuffer buffer = new(10);
        buffer.Append("abc"u8);
        Assert.Equal("abc"u8, buffer.Data);
        buffer.Discard(0);
        buffer.Append("def"u8);
        Assert.Equal("abcdef"u8, buffer.Data);
        Assert.Equal((6, 3, 0), (buffer.Count, buffer.CountNew, buffer.Offset));
        buffer.Discard(4);
        buffer.Append("gh"u8);
        Assert.Equal("efgh"u8, buffer.Data);
        Assert.Equal(4, buffer.Offset);
        buffer.Append("ij"u8);
        Assert.Equal("ij"u8, buffer.Data);
        buffer.Discard(0);
        buffer.Append("0123456789"u8);
        Assert.Equal("0123456789"u8, buffer.Data);
    }

    [Fact]
    public void Nothing_is_allocated_for_a_segment_in_order()
    {
        TcpStreamAssembler assembler = new(new Silent(), new TcpStreamSettings { Midstream = true });
        byte[][] packets =
        [
            .. Enumerable.Range(0, 6000).Select(i => StreamRig.Packet(
                StreamRig.ClientAddress, StreamRig.ServerAddress, 4000, 80, TcpFlags.Ack, (uint)(i * 1000), 1, new byte[1000],
                options: [1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0])),
        ];
        int next = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                assembler.Receive(packets[next++], PacketStart.IP, Instant.FromSeconds(1));
            }
        }));
        Assert.Equal(next * 1000, assembler.Bytes);
    }

    private static (TcpStreamAssembler Assembler, List<TcpStream> Ended) Recorder(long limit = TcpStreamRecorder.DefaultMaximumBytes)
    {
        List<TcpStream> ended = [];
        return (new TcpStreamAssembler(new TcpStreamRecorder(ended.Add, null, limit)), ended);
    }

    private sealed class Silent : TcpStreamObserver;

    private sealed class Feeder(TcpStreamAssembler assembler)
    {
        private Instant _time = Instant.FromSeconds(10);

        public void Open()
        {
            Feed(StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 4000, 80, TcpFlags.Syn, 99, 0, []));
            Feed(StreamRig.Packet(StreamRig.ServerAddress, StreamRig.ClientAddress, 80, 4000, TcpFlags.Syn | TcpFlags.Ack, 199, 100, []));
        }

        public void Send(bool fromClient, int offset, string text) => Feed(StreamRig.Packet(
            fromClient ? StreamRig.ClientAddress : StreamRig.ServerAddress,
            fromClient ? StreamRig.ServerAddress : StreamRig.ClientAddress,
            (ushort)(fromClient ? 4000 : 80),
            (ushort)(fromClient ? 80 : 4000),
            TcpFlags.Ack,
            (uint)((fromClient ? 100 : 200) + offset),
            (uint)(fromClient ? 200 : 100),
            System.Text.Encoding.ASCII.GetBytes(text)));

        private void Feed(byte[] packet)
        {
            assembler.Receive(packet, PacketStart.IP, _time);
            _time += TimeSpan.FromMilliseconds(1);
        }
    }
}
