using System;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>Timestamps: where they come from, what is echoed, and what is too old (RFC 7323).</summary>
public class TimestampTests
{
    private static readonly Instant Start = Instant.FromSeconds(1000);
    private const uint Offset = 0x9ABCDEF0;
    private static readonly SequenceNumber LastAck = new(500);

    [Fact]
    public void The_clock_ticks_once_a_millisecond()
    {
        TimestampClock clock = new(Offset);
        Assert.Equal(1000u, clock.At(Start + TimeSpan.FromSeconds(1)) - clock.At(Start));
    }

    [Fact]
    public void It_goes_on_from_one_connection_of_a_pair_of_sockets_to_the_next_and_tells_nothing_about_others()
    {
        FlowKey flow = new(NetworkAddress.Parse("10.0.0.1"), 1025, NetworkAddress.Parse("10.0.0.2"), 80);
        InitialSequenceGenerator generator = new(RandomSource.FromSeed(1));
        uint offset = generator.TimestampOffset(flow);
        Assert.Equal(offset, generator.TimestampOffset(flow));
        Assert.NotEqual(offset, generator.TimestampOffset(flow with { LocalPort = 1026 }));
        Assert.NotEqual(offset, generator.TimestampOffset(flow with { RemoteAddress = NetworkAddress.Parse("10.0.0.3") }));
        Assert.NotEqual(offset, new InitialSequenceGenerator(RandomSource.FromSeed(2)).TimestampOffset(flow));
    }

    [Fact]
    public void An_echo_measures_even_when_the_clock_has_wrapped()
    {
        TimestampClock clock = new(Offset);
        // A time just before the value wraps.
        Instant sent = Instant.Zero + TimeSpan.FromMilliseconds(uint.MaxValue - clock.Offset);
        Assert.Equal(uint.MaxValue, clock.At(sent));
        Assert.True(clock.TryMeasure(clock.At(sent), sent + TimeSpan.FromMilliseconds(70), out TimeSpan elapsed));
        Assert.Equal(70, elapsed.TotalMilliseconds);
    }

    [Fact]
    public void An_echo_of_what_was_never_sent_measures_nothing()
    {
        TimestampClock clock = new(Offset);
        Assert.False(clock.TryMeasure(clock.At(Start) + 5, Start, out TimeSpan elapsed));
        Assert.Equal(TimeSpan.Zero, elapsed);
    }

    [Theory]
    // TS.Recent is 100 (or wraps); what arrives; whether it is too old (5.3, R1).
    [InlineData(100u, 99u, true)]
    [InlineData(100u, 100u, false)]
    [InlineData(100u, 101u, false)]
    [InlineData(5u, 0xFFFFFFF0u, true)]
    [InlineData(0xFFFFFFF0u, 5u, false)]
    [InlineData(0u, 0x80000000u, true)]
    [InlineData(0u, 0x7FFFFFFFu, false)]
    public void Older_is_told_from_newer_across_the_wrap(uint recent, uint value, bool isOld)
    {
        Paws paws = Started(recent);
        Assert.Equal(isOld, paws.IsOld(Timestamps(value), TcpFlags.Ack, Start));
    }

    [Fact]
    public void A_reset_is_never_too_old() => Assert.False(Started(100).IsOld(Timestamps(1), TcpFlags.Rst | TcpFlags.Ack, Start));

    [Fact]
    public void A_segment_without_the_option_is_not_judged() =>
        Assert.False(Started(100).IsOld(default, TcpFlags.Ack, Start));

    [Fact]
    public void Before_the_first_timestamp_nothing_is_old()
    {
        Paws paws = New();
        Assert.False(paws.HasRecent);
        Assert.False(paws.IsOld(Timestamps(0x90000000), TcpFlags.Ack, Start));
    }

    [Theory]
    [InlineData(23.9, true)]
    [InlineData(24.1, false)] // 5.5: the peer's clock may have gone halfway round
    public void What_is_remembered_expires_after_24_days(double days, bool isOld)
    {
        Paws paws = Started(100);
        Instant later = Start + TimeSpan.FromDays(days);
        Assert.Equal(isOld, paws.IsOld(Timestamps(1), TcpFlags.Ack, later));
        paws.Update(Timestamps(1), LastAck, LastAck, later);
        Assert.Equal(isOld ? 100u : 1u, paws.Recent);
    }

    [Theory]
    // 4.3 (2): SEG.TSval >= TS.Recent and SEG.SEQ <= Last.ACK.sent.
    [InlineData(101u, 500u, 101u)] // in order
    [InlineData(101u, 400u, 101u)] // spans the last acknowledgment
    [InlineData(101u, 501u, 100u)] // behind a gap: the older one stays, so that the peer measures the delay
    [InlineData(99u, 500u, 100u)] // older
    public void What_is_echoed_belongs_to_the_segment_that_the_acknowledgment_is_for(uint value, uint sequence, uint recent)
    {
        Paws paws = Started(100);
        paws.Update(Timestamps(value), new(sequence), LastAck, Start);
        Assert.Equal(recent, paws.Recent);
    }

    [Fact]
    public void The_order_of_sequence_numbers_is_minded_across_their_wrap()
    {
        Paws paws = Started(100);
        paws.Update(Timestamps(101), new(uint.MaxValue), new(5), Start);
        Assert.Equal(101u, paws.Recent);
        paws.Update(Timestamps(102), new(5), new(uint.MaxValue), Start);
        Assert.Equal(101u, paws.Recent);
    }

    private static Paws New() => new(TcpSettings.Default.TimestampExpiry);

    private static Paws Started(uint recent)
    {
        Paws paws = New();
        paws.Start(recent, Start);
        return paws;
    }

    private static SegmentOptions Timestamps(uint value)
    {
        byte[] bytes = [1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), value);
        return SegmentOptions.Parse(bytes);
    }
}
