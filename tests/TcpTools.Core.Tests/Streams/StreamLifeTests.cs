using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Streams;

/// <summary>How followed streams begin and end.</summary>
public sealed class StreamLifeTests
{
    private const TcpFlags SynAck = TcpFlags.Syn | TcpFlags.Ack;
    private const TcpFlags FinAck = TcpFlags.Fin | TcpFlags.Ack;

    [Fact]
    public void An_ordinary_connection_opens_talks_and_closes()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "GET", ack: 0);
        rig.Server(0, "page", ack: 3);
        rig.Server(4, "", FinAck, 3);
        rig.Client(3, "", FinAck, 5);
        rig.Server(5, "", TcpFlags.Ack, 4);
        Assert.Equal(["open", ">GET", "<page", "fin<", "fin>", "Closed"], rig.Log);
        TcpStream stream = rig.Ended_.Single();
        Assert.Equal("10.0.0.1:40000", stream.Client.ToString());
        Assert.Equal("10.0.0.2:80", stream.Server.ToString());
        Assert.Equal((3, 4), (stream.ClientSide.Bytes, stream.ServerSide.Bytes));
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(1000), stream.StartTime);
        Assert.Equal(0, rig.Assembler.StreamCount);
    }

    [Fact]
    public void A_stream_opens_with_the_last_segment_of_the_handshake()
    {
        StreamRig rig = new();
        rig.Client(-1, "", TcpFlags.Syn);
        rig.Server(-1, "", SynAck);
        Assert.Empty(rig.Log);
        rig.Client(0);
        Assert.Equal(["open"], rig.Log);
        rig.Assembler.Finish();
        Assert.Equal(["open", "EndOfInput"], rig.Log);
    }

    [Fact]
    public void Both_sides_may_open_at_once()
    {
        StreamRig rig = new();
        rig.Client(-1, "", TcpFlags.Syn);
        rig.Server(-1, "", TcpFlags.Syn);
        rig.Client(-1, "", SynAck);
        rig.Server(-1, "", SynAck);
        rig.Client(0);
        rig.Server(0, "hi");
        rig.Client(0, "ho");
        Assert.Equal(["open", "<hi", ">ho"], rig.Log);
        Assert.True(rig.Stream!.IsSimultaneousOpen);
    }

    [Fact]
    public void Segments_of_the_handshake_that_the_capture_missed_are_made_up_for()
    {
        StreamRig noSyn = new();
        noSyn.Server(-1, "", SynAck);
        noSyn.Client(0, "a");
        Assert.Equal(["open", ">a"], noSyn.Log);
        Assert.Equal(StreamRig.ClientAddress, noSyn.Stream!.Client.Address);

        StreamRig noSynAck = new();
        noSynAck.Client(-1, "", TcpFlags.Syn);
        noSynAck.Client(0, "a");
        noSynAck.Server(0, "b", ack: 1);
        Assert.Equal(["open", ">a", "<b"], noSynAck.Log);

        StreamRig noAck = new();
        noAck.Client(-1, "", TcpFlags.Syn);
        noAck.Server(-1, "", SynAck);
        noAck.Server(0, "b");
        Assert.Equal(["open", "<b"], noAck.Log);
    }

    [Fact]
    public void A_connection_is_picked_up_in_its_middle_only_when_asked()
    {
        StreamRig no = new();
        no.Client(500, "middle");
        Assert.Empty(no.Log);

        StreamRig yes = new(new TcpStreamSettings { Midstream = true });
        yes.Server(700, "from the server", ack: 500);
        yes.Client(500, "middle", ack: 715);
        Assert.Equal(["open", "<from the server", ">middle"], yes.Log);
        Assert.True(yes.Stream!.IsMidstream);
        Assert.Equal(80, yes.Stream.Server.Port);
    }

    [Fact]
    public void A_reset_ends_a_stream_when_its_number_fits()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        rig.Client(50_000, "", TcpFlags.Rst);
        Assert.Equal(["open", ">abc", "!SuspiciousReset"], rig.Log);
        rig.Client(3, "", TcpFlags.Rst | TcpFlags.Ack);
        Assert.Equal("Reset", rig.Log[^1]);
    }

    [Fact]
    public void A_doubtful_reset_counts_unless_data_refutes_it()
    {
        StreamRig silent = new StreamRig().Open();
        silent.Client(2000, "", TcpFlags.Rst);
        silent.Wait(11);
        Assert.Equal(["open", "!SuspiciousReset", "Reset"], silent.Log);

        StreamRig lively = new StreamRig().Open();
        lively.Client(2000, "", TcpFlags.Rst);
        lively.Client(0, "still here");
        lively.Wait(11);
        lively.Assembler.Finish();
        Assert.Equal(["open", "!SuspiciousReset", ">still here", "EndOfInput"], lively.Log);
    }

    [Fact]
    public void A_refusal_ends_what_never_opened()
    {
        StreamRig rig = new();
        rig.Client(-1, "", TcpFlags.Syn);
        rig.Feed(StreamRig.Packet(StreamRig.ServerAddress, StreamRig.ClientAddress, 80, 40000, TcpFlags.Rst | TcpFlags.Ack, 0, 1001, []));
        Assert.Equal(["Reset"], rig.Log);
        Assert.False(rig.Ended_[0].WasOpened);
    }

    [Fact]
    public void After_a_reset_the_same_sockets_make_a_new_stream()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "old");
        rig.Server(0, "", TcpFlags.Rst);
        rig.ClientNumber = 777_000;
        rig.ServerNumber = 888_000;
        rig.Open();
        rig.Client(0, "new");
        Assert.Equal(["open", ">old", "Reset", "open", ">new"], rig.Log);
        Assert.Equal(2, rig.Stream!.Number);
    }

    [Fact]
    public void A_SYN_on_an_established_stream_starts_a_new_one_only_when_it_is_answered()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "one");
        uint client = rig.ClientNumber;
        rig.ClientNumber = 5_000_000;
        rig.Client(-1, "", TcpFlags.Syn);
        Assert.Equal("!SynOnStream", rig.Log[^1]);
        rig.ClientNumber = client;
        rig.Client(3, "two");
        Assert.Equal(">two", rig.Log[^1]);

        rig.ClientNumber = 6_000_000;
        rig.ServerNumber = 7_000_000;
        rig.Open();
        rig.Client(0, "three");
        Assert.Equal(["open", ">three"], rig.Log[^2..]);
        Assert.Contains("Replaced", rig.Log);
        Assert.Equal("onetwothree", rig.ClientText);
    }

    [Fact]
    public void FIN_before_data_waits_for_it()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(3, "def", FinAck);
        Assert.Equal(["open"], rig.Log);
        rig.Client(0, "abc");
        Assert.Equal(["open", ">abc", ">def", "fin>"], rig.Log);
    }

    [Fact]
    public void Ten_seconds_after_both_FINs_a_stream_ends_with_what_is_missing_as_a_gap()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(3, "def", FinAck);
        rig.Server(0, "", FinAck);
        rig.Wait(9.4);
        Assert.Equal(["open", "fin<"], rig.Log);
        rig.Wait(1);
        Assert.Equal(["open", "fin<", "gap 3 End", ">def", "fin>", "Closed"], rig.Log);
    }

    [Fact]
    public void Data_with_a_SYN_counts_when_the_server_takes_it()
    {
        StreamRig taken = new();
        taken.Client(-1, "early", TcpFlags.Syn);
        taken.Server(-1, "", SynAck, 5);
        taken.Client(5, "late");
        Assert.Equal(["open", ">early", ">late"], taken.Log);

        StreamRig refused = new();
        refused.Client(-1, "early", TcpFlags.Syn);
        refused.Server(-1, "", SynAck, 0);
        refused.Client(0, "early");
        refused.Client(5, "late");
        Assert.Equal("earlylate", refused.ClientText);
        Assert.Empty(refused.Anomalies);
    }

    [Fact]
    public void Data_after_FIN_and_after_the_end_is_strange_and_left_out()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc", FinAck);
        rig.Client(3, "xyz");
        rig.Client(4, "xyz");
        Assert.Equal(["open", ">abc", "fin>", "!DataAfterFin", "!DataAfterFin"], rig.Log);
        rig.Server(0, "", FinAck, 4);
        rig.Server(1, "more", ack: 4);
        Assert.Equal(["fin<", "Closed", "!DataAfterEnd"], rig.Log[^3..]);
        Assert.Equal("abc", rig.ClientText);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ICMP_unreachable_ends_a_stream_and_fragmentation_needed_does_not(byte code)
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        byte[] quoted = StreamRig.Packet(StreamRig.ClientAddress, StreamRig.ServerAddress, 40000, 80, TcpFlags.Ack, 1001, 9001, "abc"u8)[..28];
        rig.Feed(Icmp(4, quoted));
        Assert.Equal(["open", ">abc"], rig.Log);
        quoted[24] ^= 0x40;
        rig.Feed(Icmp(code, quoted));
        Assert.Equal(["open", ">abc"], rig.Log);
        quoted[24] ^= 0x40;
        rig.Feed(Icmp(code, quoted));
        Assert.Equal(["open", ">abc", "Unreachable"], rig.Log);
    }

    [Fact]
    public void Silence_ends_streams_and_handshakes()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { IdleTimeout = TimeSpan.FromSeconds(100) }).Open();
        rig.ClientPort = 40001;
        rig.Client(-1, "", TcpFlags.Syn);
        rig.Wait(76);
        Assert.Equal(["open", "TimedOut"], rig.Log);
        rig.ClientPort = 40000;
        rig.Client(0, "x");
        rig.Wait(99);
        Assert.Equal(["open", "TimedOut", ">x"], rig.Log);
        rig.Wait(3);
        Assert.Equal(["open", "TimedOut", ">x", "TimedOut"], rig.Log);
    }

    [Fact]
    public void A_clock_that_was_set_does_not_stop_the_others()
    {
        StreamRig rig = new StreamRig(new TcpStreamSettings { IdleTimeout = TimeSpan.FromSeconds(100) }).Open();
        Instant start = rig.Time;
        rig.Time = start + TimeSpan.FromDays(10_000);
        rig.Feed([]);
        Assert.Equal("TimedOut", rig.Log[^1]);
        rig.Time = start + TimeSpan.FromSeconds(1);
        rig.ClientPort++;
        rig.Open();
        rig.Wait(99);
        Assert.Equal("open", rig.Log[^1]);
        rig.Wait(3);
        Assert.Equal("TimedOut", rig.Log[^1]);
    }

    [Fact]
    public void Keep_alives_and_windows_of_zero_are_counted_and_nothing_else()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        rig.Server(0, "", ack: 3);
        rig.Client(2);
        rig.Client(2, "\0");
        rig.Window = 0;
        rig.Client(3);
        Assert.Equal(["open", ">abc"], rig.Log);
        Assert.Equal((2, 1, 0), (rig.Stream!.ClientSide.KeepAlives, rig.Stream.ClientSide.ZeroWindows, rig.Stream.ClientSide.Retransmissions));
    }

    [Fact]
    public void The_next_numbers_are_known_for_whoever_wants_to_reset()
    {
        StreamRig rig = new StreamRig().Open();
        rig.Client(0, "abc");
        rig.Server(0, "wxyz", ack: 3);
        Assert.Equal(1004u, rig.Stream!.ClientSide.NextSequence.Value);
        Assert.Equal(9005u, rig.Stream.ServerSide.NextSequence.Value);
        Assert.Equal(65535, rig.Stream.ServerSide.Window);
    }

    private static byte[] Icmp(byte code, byte[] quoted)
    {
        byte[] message = [3, code, 0, 0, 0, 0, 0, 0, .. quoted];
        new Icmpv4Editor(message).UpdateChecksum();
        return [.. StreamRig.Header4(NetworkAddress.Parse("10.0.0.254"), StreamRig.ClientAddress, IPProtocol.Icmp, message.Length), .. message];
    }
}
