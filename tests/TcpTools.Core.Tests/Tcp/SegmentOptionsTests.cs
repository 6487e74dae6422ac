using System;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Tcp;

/// <summary>The options that TCP acts on are found among whatever a peer sends.</summary>
public class SegmentOptionsTests
{
    [Fact]
    public void The_options_of_a_syn_are_read()
    {
        SegmentOptions options = Parse("020405B4 0402 080A 00000001 00000000 01 030307");
        Assert.Equal((ushort)1460, options.MaximumSegmentSize);
        Assert.Equal((byte)7, options.WindowScale);
        Assert.True(options.SackPermitted && options.HasTimestamps);
        Assert.Equal((1u, 0u), (options.TimestampValue, options.TimestampEcho));
        Assert.Equal(0, options.SackCount);
    }

    [Fact]
    public void Timestamps_and_three_sack_blocks_of_a_data_segment_are_read()
    {
        SegmentOptions options = Parse(
            "0101080A FFFFFFFE 00000005 0101 051A 00000001 00000002 00000003 00000004 FFFFFFFF 00000001");
        Assert.Equal((0xFFFFFFFEu, 5u), (options.TimestampValue, options.TimestampEcho));
        Assert.Equal([Block(1, 2), Block(3, 4), Block(uint.MaxValue, 1)], options.SackBlocks.ToArray());
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("00 020405B4", false)] // behind the end of the list
    [InlineData("01 01 01 020405B4", true)]
    [InlineData("FE0400AA 020405B4", true)] // behind an unknown one
    [InlineData("0203AA 020405B4", true)] // behind one of the wrong length
    [InlineData("0806AABBCCDD 020405B4", true)]
    [InlineData("1E00 020405B4", false)] // a length of 0 has no next
    [InlineData("1E01 020405B4", false)]
    [InlineData("1E20 020405B4", false)] // reaches beyond the end
    [InlineData("0204", false)] // cut off
    [InlineData("02", false)]
    [InlineData("020405", false)]
    public void A_malformed_option_spoils_no_other_unless_it_hides_where_that_begins(string hex, bool isFound)
    {
        SegmentOptions options = Parse(hex);
        Assert.Equal(isFound ? (ushort)1460 : null, options.MaximumSegmentSize);
    }

    [Theory]
    [InlineData("030300", 0)]
    [InlineData("03030E", 14)]
    [InlineData("03030F", 14)] // RFC 7323, 2.3: more than 14 counts as 14
    [InlineData("0303FF", 14)]
    public void A_window_shift_is_at_most_14(string hex, int shift) => Assert.Equal((byte)shift, Parse(hex).WindowScale);

    [Theory]
    [InlineData("0502")] // no block
    [InlineData("0509 00000001 000000")] // part of one
    [InlineData("050E 00000001 00000002 00000003")]
    public void Sack_of_a_wrong_length_is_no_block(string hex) => Assert.Equal(0, Parse(hex).SackCount);

    [Fact]
    public void More_blocks_than_fit_in_a_header_are_not_kept()
    {
        byte[] options = new byte[200];
        options[0] = 5;
        options[1] = 200 - 6;
        Assert.Equal(SegmentOptions.MaximumSackBlocks, SegmentOptions.Parse(options).SackCount);
    }

    [Fact]
    public void Any_bytes_can_be_read() => Prop.ForAll<byte[]>(bytes =>
    {
        SegmentOptions options = SegmentOptions.Parse(bytes);
        return options.SackBlocks.Length <= 4 && options.WindowScale is null or <= 14;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Reading_allocates_nothing()
    {
        byte[] bytes = Convert.FromHexString("0101080AFFFFFFFE000000050101050A0000000100000002");
        int blocks = 0;
        Assert.Equal(0, Allocation.Least(() => blocks += SegmentOptions.Parse(bytes).SackBlocks.Length));
        Assert.True(blocks > 0);
    }

    private static SegmentOptions Parse(string hex) =>
        SegmentOptions.Parse(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

    private static SackBlock Block(uint left, uint right) => new(new(left), new(right));
}
