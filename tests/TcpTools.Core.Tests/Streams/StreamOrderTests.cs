using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>Data in its order, whatever the order and the pieces in which it comes.</summary>
public sealed class StreamOrderTests
{
    [Theory]
    [InlineData("1345", "abcd")]
    [InlineData("1435", "abcd")]
    [InlineData("64351", "abcde")]
    [InlineData("13456", "abcde")]
    [InlineData("1666543", "abcde")]
    [InlineData("664351", "abcde")]
    [InlineData("14663566", "abcde")]
    [InlineData("2332322", "")]
    public void Orders_of_others_campaigns(string order, string expected)
    {
        // Segments 1, 3, 4, 5, 6 carry a, b, c, d, e; 2 carries nothing.
        StreamRig rig = new StreamRig().Open();
        foreach (char c in order)
        {
            switch (c)
            {
                case '1': rig.Client(0, "a"); break;
                case '2': rig.Client(1); break;
                default: rig.Client(c - '2', ((char)('b' + c - '3')).ToString()); break;
            }
        }

        Assert.Equal(order.Contains('1') ? expected : "", rig.ClientText);
        Assert.Empty(rig.Gaps);
    }

    [Fact]
    public void Sequence_numbers_wrap()
    {
        StreamRig rig = new StreamRig(clientNumber: 0xFFFFFFFE, serverNumber: 0xFFFFFFFC).Open();
        rig.Client(4, "56");
        rig.Client(0, "1234");
        rig.Server(0, "abcdef", ack: 6);
        rig.Server(2, "cdefgh", ack: 6);
        Assert.Equal("123456", rig.ClientText);
        Assert.Equal("abcdefgh", rig.ServerText);
    }

    [Fact]
    public void More_than_four_gigabytes_go_by()
    {
        byte[] block = new byte[60000];
        long sent = 0;
        Counting counting = new();
        TcpStreamAssembler assembler = new(counting, new TcpStreamSettings { CheckWindow = false, HistoryBytes = 0, Midstream = true, Checksums = [ChecksumRule.Parse("0.0.0.0/0", false)] });
        byte[] packet = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 4000, 80, TcpFlags.Ack, 0, 1, block);
        TcpEditor editor = new(packet.AsSpan(20));
        while (sent < 5_000_000_000)
        {
            editor.Sequence = new SequenceNumber((uint)sent);
            assembler.Receive(packet, PacketStart.IP, Instant.FromSeconds(1));
            sent += block.Length;
        }

        Assert.Equal(sent, counting.Bytes);
        Assert.Equal(sent - block.Length, counting.LastOffset);
        Assert.Equal((uint)sent, assembler.Streams.Single().ClientSide.NextSequence.Value);
    }

    [Fact]
    public void A_hole_that_the_receiver_acknowledged_is_a_gap_and_never_zeros()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        rig.Client(6, "ghi");
        rig.Server(0, "", ack: 9);
        Assert.Equal("abc", rig.ClientText);
        rig.Wait(0.06);
        Assert.Equal("abc[3]ghi", rig.ClientText);
        StreamGap gap = Assert.Single(rig.Gaps);
        Assert.Equal((3, 3, StreamGapReason.LostByCapture), (gap.Offset, gap.Length, gap.Reason));
        rig.Client(9, "jkl");
        Assert.Equal("abc[3]ghijkl", rig.ClientText);
    }

    [Fact]
    public void An_acknowledgment_that_the_capture_saw_before_the_data_makes_no_gap()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Server(0, "", ack: 6);
        rig.Client(3, "def");
        rig.Client(0, "abc");
        rig.Wait(1);
        Assert.Equal("abcdef", rig.ClientText);
        Assert.Empty(rig.Gaps);
    }

    [Fact]
    public void A_hole_that_nobody_acknowledged_waits_and_is_a_gap_at_the_end()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        rig.Client(6, "ghi");
        rig.Server(0, "x", ack: 3);
        rig.Wait(60);
        Assert.Equal("abc", rig.ClientText);
        rig.Assembler.Finish();
        Assert.Equal("abc[3]ghi", rig.ClientText);
        Assert.Equal(StreamGapReason.End, rig.Gaps.Single().Reason);
    }

    [Fact]
    public void A_stream_of_which_one_direction_is_seen_only_goes_on_behind_a_hole_at_the_limit()
    {
        StreamRig rig = new(new TcpStreamSettings { MaximumQueuedBytes = 4000 });
        rig.Client(-1, "", TcpFlags.Syn);
        rig.Client(0, "start");
        for (int i = 0; i < 20; i++)
        {
            rig.Client(105 + (i * 100), new string((char)('a' + i), 100));
        }

        rig.Assembler.Finish();
        Assert.Equal(100, rig.Gaps.Single().Length);
        Assert.Equal(StreamGapReason.QueueLimit, rig.Gaps.Single().Reason);
        Assert.Equal("start[100]".Length + 2000, rig.ClientText.Length);
    }

    [Fact]
    public void A_frame_that_the_capture_cut_leaves_a_gap()
    {
        StreamRig rig = new StreamRig().Open();
        byte[] packet = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "abcdefgh"u8);
        rig.Assembler.Receive(packet.AsSpan(0, packet.Length - 5), PacketStart.IP, rig.Time, packet.Length);
        rig.Client(8, "ij");
        Assert.Equal("abc[5]ij", rig.ClientText);
        Assert.Equal(StreamGapReason.CutByCapture, rig.Gaps.Single().Reason);
    }

    [Fact]
    public void Data_beyond_the_window_counts_only_when_it_is_acknowledged()
    {
        StreamRig rig = new StreamRig { Window = 10 }.Open();
        rig.Client(0, "0123456789ABCDEF");
        Assert.Equal("0123456789", rig.ClientText);
        rig.Client(10, "abcdef");
        Assert.Equal("0123456789", rig.ClientText);
        rig.Server(0, "", ack: 10);
        Assert.Equal("0123456789ABCDEF", rig.ClientText);
    }

    [Fact]
    public void What_lies_beyond_the_window_gives_way_to_what_comes_when_it_has_moved()
    {
        StreamRig rig = new StreamRig { Window = 10 }.Open();
        rig.Client(2, "23456789FAKE!!");
        rig.Client(0, "01");
        Assert.Equal("0123456789", rig.ClientText);
        rig.Client(10, "real");
        rig.Server(0, "", ack: 10);
        Assert.StartsWith("0123456789FAKE", rig.ClientText, StringComparison.Ordinal);

        StreamRig later = new StreamRig { Window = 10 }.Open();
        later.Client(2, "23456789FAKE");
        later.Server(0, "", ack: 4);
        later.Client(8, "89real");
        later.Client(0, "01");
        Assert.Equal("0123456789real", later.ClientText);
    }

    [Fact]
    public void Data_far_outside_the_window_is_strange()
    {
        StreamRig rig = new StreamRig { Window = 1000 }.Open();
        rig.Client(200_000, "far");
        Assert.Equal([StreamAnomalyKind.OutsideWindow], rig.Kinds);
        Assert.Equal(0, rig.Assembler.QueuedBytes);
    }

    [Fact]
    public void Windows_are_scaled_when_both_sides_offer_it()
    {
        byte[] scale = [3, 3, 7, 1];
        StreamRig rig = new StreamRig { Window = 100 }.Open(scale);
        rig.Server(0, "", ack: 0);
        rig.Client(0, new string('x', 12_000));
        Assert.Equal(12_000, rig.ClientText.Length);
        Assert.Equal(100 << 7, rig.Stream!.ServerSide.Window);
    }

    [Fact]
    public void Old_timestamps_are_left_out()
    {
        StreamRig rig = new StreamRig().Open(Timestamp(100));
        rig.Client(0, "abc", options: Timestamp(105));
        rig.Client(3, "bad", options: Timestamp(104));
        rig.Client(3, "def", options: Timestamp(105));
        Assert.Equal("abcdef", rig.ClientText);
        Assert.Equal([StreamAnomalyKind.OldTimestamp], rig.Kinds);

        // They wrap too (RFC 7323, 5.2).
        StreamRig wrap = new StreamRig().Open(Timestamp(0xFFFFFFF0));
        wrap.Client(0, "abc", options: Timestamp(0xFFFFFFFF));
        wrap.Client(3, "def", options: Timestamp(3));
        Assert.Equal("abcdef", wrap.ClientText);
    }

    [Fact]
    public void An_urgent_byte_is_told_apart_or_left_where_it_is()
    {
        StreamRig apart = new StreamRig().Open();
        apart.Client(0, "abC", TcpFlags.Ack | TcpFlags.Urg, urgent: 3);
        apart.Client(3, "de");
        Assert.Equal(["open", ">ab", "urgent C", ">de"], apart.Log);
        Assert.Equal(1, apart.Stream!.ClientSide.UrgentBytes);

        StreamRig inLine = new StreamRig(new TcpStreamSettings { UrgentData = UrgentHandling.InLine }).Open();
        inLine.Client(0, "abC", TcpFlags.Ack | TcpFlags.Urg, urgent: 3);
        Assert.Equal(["open", ">abC"], inLine.Log);

        StreamRig announced = new StreamRig().Open();
        announced.Client(0, "ab", TcpFlags.Ack | TcpFlags.Urg, urgent: 4);
        announced.Client(2, "cDe");
        Assert.Equal(["open", ">ab", ">c", "urgent D", ">e"], announced.Log);
    }

    [Fact]
    public void Random_pieces_in_any_order_and_repeated_make_the_stream()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            byte[] data = new byte[random.Next(1, 3000)];
            random.NextBytes(data);
            string text = Encoding.Latin1.GetString(data);
            StreamRig rig = new StreamRig(clientNumber: (uint)random.NextInt64(uint.MaxValue)).Open();
            List<(int Start, int Length)> pieces = [];
            for (int at = 0; at < data.Length;)
            {
                int length = Math.Min(random.Next(1, 200), data.Length - at);
                int overlap = random.Next(0, Math.Min(at, 50) + 1);
                pieces.Add((at - overlap, length + overlap));
                at += length;
            }

            pieces.AddRange([.. pieces.Where(_ => random.Next(4) == 0)]);
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(pieces));
            foreach ((int start, int length) in pieces)
            {
                rig.Client(start, text.Substring(start, length), start + length == data.Length ? TcpFlags.Ack | TcpFlags.Fin : TcpFlags.Ack);
            }

            rig.Server(0, "", TcpFlags.Ack | TcpFlags.Fin, data.Length + 1);
            Assert.True(text == rig.ClientText, $"seed {seed}");
            Assert.Equal("Closed", rig.Log[^1]);
            Assert.Empty(rig.Anomalies);
            Assert.Equal(0, rig.Assembler.QueuedBytes);
        }
    }

    private static byte[] Timestamp(uint value) =>
        [1, 1, 8, 10, (byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value, 0, 0, 0, 0];

    private sealed class Counting : TcpStreamObserver
    {
        public long Bytes { get; private set; }

        public long LastOffset { get; private set; }

        public override void Data(TcpStream stream, in StreamData data)
        {
            Bytes += data.Bytes.Length;
            LastOffset = data.Offset;
        }
    }
}
