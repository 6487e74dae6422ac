using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

public class TcpOptionTests
{
    [Fact]
    public void Every_written_option_is_read_back()
    {
        TcpOptionWriter writer = new(stackalloc byte[TcpOptionWriter.MaximumLength]);
        writer.AddMaximumSegmentSize(1460);
        writer.AddSackPermitted();
        writer.AddTimestamps(0x01020304, 0xA0B0C0D0);
        writer.AddNop();
        writer.AddWindowScale(7);
        Assert.Equal("020405B40402080A01020304A0B0C0D001030307", Convert.ToHexString(writer.Written));

        TcpOptionReader reader = new(writer.Written);
        Assert.True(reader.MoveNext() && reader.TryReadMaximumSegmentSize(out ushort size) && size == 1460);
        Assert.True(reader.MoveNext() && reader.Kind == TcpOptionKind.SackPermitted && reader.Data.IsEmpty);
        Assert.True(reader.MoveNext() && reader.TryReadTimestamps(out uint value, out uint echo)
            && value == 0x01020304 && echo == 0xA0B0C0D0);
        Assert.True(reader.MoveNext() && reader.Kind == TcpOptionKind.NoOperation);
        Assert.True(reader.MoveNext() && reader.TryReadWindowScale(out byte shift) && shift == 7);
        Assert.False(reader.MoveNext() || reader.IsMalformed);
    }

    [Fact]
    public void As_many_SACK_blocks_are_written_as_fit_beside_timestamps()
    {
        SackBlock[] blocks = [.. Enumerable.Range(0, 4).Select(i => new SackBlock(new((uint)(i * 100)), new((uint)((i * 100) + 50))))];
        TcpOptionWriter writer = new(stackalloc byte[40]);
        writer.AddNop();
        writer.AddNop();
        writer.AddTimestamps(1, 2);
        writer.AddNop();
        writer.AddNop();
        writer.AddSack(blocks);
        Assert.Equal(40, writer.Length);
        Assert.True(writer.IsOverflowed);

        TcpOptionReader reader = new(writer.Written);
        while (reader.MoveNext() && reader.Kind != TcpOptionKind.Sack)
        {
        }

        SackBlock[] read = new SackBlock[4];
        Assert.Equal(3, reader.ReadSack(read)); // RFC 2018, section 3
        Assert.Equal(blocks[..3], read[..3]);
    }

    [Fact]
    public void What_does_not_fit_is_left_out_whole()
    {
        TcpOptionWriter writer = new(stackalloc byte[5]);
        writer.AddMaximumSegmentSize(1);
        writer.AddTimestamps(1, 2);
        writer.AddSack([new(new(1), new(2))]);
        writer.AddRaw(77, new byte[300]);
        Assert.Equal(4, writer.Length);
        Assert.True(writer.IsOverflowed);
    }

    [Fact]
    public void Padding_ends_the_list_on_a_32_bit_boundary()
    {
        TcpOptionWriter writer = new(stackalloc byte[40]);
        writer.AddWindowScale(2);
        writer.AddPadding();
        Assert.Equal("03030200", Convert.ToHexString(writer.Written));
    }

    [Theory]
    [InlineData("0200", true, "")]
    [InlineData("0201", true, "")]
    [InlineData("02", true, "")]
    [InlineData("02ff05b4", true, "")] // a length beyond the end: no MSS of 1460 is seen
    [InlineData("0103030702", true, "01,030307")]
    [InlineData("0802", false, "0802")]
    [InlineData("00020405b4", false, "00")] // nothing counts after the end of the list
    [InlineData("fd00", true, "")]
    [InlineData("0204", true, "")]
    [InlineData("", false, "")]
    public void Lengths_that_lie_end_the_walk_and_are_told(string hex, bool malformed, string expected)
    {
        byte[] bytes = SampleFrames.Hex(hex);
        TcpOptionReader reader = new(bytes);
        List<string> seen = [];
        while (reader.MoveNext())
        {
            seen.Add(Convert.ToHexString(reader.Raw).ToLowerInvariant());
        }

        Assert.Equal(malformed, reader.IsMalformed);
        Assert.Equal(expected, string.Join(',', seen));
        Assert.Equal(hex, string.Concat(seen) + Convert.ToHexString(reader.Rest).ToLowerInvariant());
        Assert.False(reader.MoveNext());
    }

    [Theory]
    [InlineData("0802")]
    [InlineData("0203ff")]
    [InlineData("0302")]
    [InlineData("050900000001000000")]
    [InlineData("0502")]
    public void An_option_of_a_length_its_kind_cannot_have_is_walked_but_not_believed(string hex)
    {
        TcpOptionReader reader = new(SampleFrames.Hex(hex));
        Assert.True(reader.MoveNext());
        Assert.False(reader.HasPlausibleLength);
        Assert.False(reader.TryReadTimestamps(out _, out _));
        Assert.False(reader.TryReadMaximumSegmentSize(out _));
        Assert.False(reader.TryReadWindowScale(out _));
        Assert.Equal(0, reader.ReadSack(new SackBlock[4]));
        Assert.False(reader.IsMalformed);
    }

    [Theory]
    [InlineData(TcpOptionKind.FastOpen, "2,6,8,18", "3,4,5,7,20")]
    [InlineData(TcpOptionKind.Md5Signature, "18", "2,17,19")]
    [InlineData(TcpOptionKind.UserTimeout, "4", "3,5")]
    [InlineData(TcpOptionKind.AccurateEcn0, "2,5,8,11", "3,4,14")]
    [InlineData(TcpOptionKind.Sack, "10,18,26,34", "2,9,11")]
    [InlineData(TcpOptionKind.Experimental2, "4,6", "2,3")]
    [InlineData((byte)200, "2,40", "1")]
    public void Plausible_lengths_are_those_of_the_defining_RFC(byte kind, string good, string bad)
    {
        Assert.All(good.Split(','), length => Assert.True(TcpOptionKind.IsLengthPlausible(kind, int.Parse(length, null))));
        Assert.All(bad.Split(','), length => Assert.False(TcpOptionKind.IsLengthPlausible(kind, int.Parse(length, null))));
    }

    [Fact]
    public void Any_bytes_are_walked_in_pieces_that_make_up_the_whole() => Prop.ForAll<byte[]>(bytes =>
    {
        TcpOptionReader reader = new(bytes);
        List<byte> walked = [];
        int steps = 0;
        while (reader.MoveNext())
        {
            walked.AddRange(reader.Raw);
            steps++;
        }

        walked.AddRange(reader.Rest);
        return steps <= bytes.Length && walked.SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Raw_options_of_any_kind_are_read_back() => Prop.ForAll<byte, byte[]>((kind, data) =>
    {
        if (kind < 2)
        {
            return true;
        }

        data = data.Length > 38 ? data[..38] : data;
        TcpOptionWriter writer = new(new byte[40]);
        writer.AddRaw(kind, data);
        TcpOptionReader reader = new(writer.Written);
        return reader.MoveNext() && reader.Kind == kind && reader.Data.SequenceEqual(data) && reader.Rest.IsEmpty;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void IPv4_options_are_walked_alike()
    {
        IPv4OptionReader reader = new(SampleFrames.Hex("0707040a090001 01 9404 0000 00 ff"));
        Assert.True(reader.MoveNext() && reader.Kind == IPv4OptionKind.RecordRoute && reader.Data.Length == 5);
        Assert.True(reader.MoveNext() && reader.Kind == IPv4OptionKind.NoOperation);
        Assert.True(reader.MoveNext() && reader.Kind == IPv4OptionKind.RouterAlert && IPv4OptionKind.IsCopied(reader.Kind));
        Assert.True(reader.MoveNext() && reader.Kind == IPv4OptionKind.End);
        Assert.False(reader.MoveNext() || reader.IsMalformed);
        Assert.Equal(1, reader.Rest.Length);

        IPv4OptionReader bad = new(SampleFrames.Hex("0700"));
        Assert.False(bad.MoveNext());
        Assert.True(bad.IsMalformed);
    }
}
