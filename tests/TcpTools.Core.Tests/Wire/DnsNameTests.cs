using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

public class DnsNameTests
{
    [Theory]
    [InlineData("example.org", "076578616d706c65036f726700")]
    [InlineData("example.org.", "076578616d706c65036f726700")]
    [InlineData(".", "00")]
    [InlineData("", "00")]
    [InlineData("a\\.b.c", "03612e62016300")]
    [InlineData("\\000\\255.x", "0200ff017800")]
    [InlineData("My\\ Printer", "0a4d79205072696e74657200")]
    [InlineData("bücher.example", "0762c3bc63686572076578616d706c6500")]
    [InlineData("xn--bcher-kva.example", "0d786e2d2d62636865722d6b7661076578616d706c6500")]
    public void Text_and_bytes_of_a_name_agree(string text, string hex)
    {
        DnsName name = DnsName.Parse(text);
        Assert.Equal(hex, Convert.ToHexStringLower(name.ToBytes()));
        Assert.Equal(name, DnsName.Parse(name.ToString()));
        Assert.True(DnsName.TryRead(SampleFrames.Hex(hex), 0, out DnsName? read, out int end));
        Assert.Equal(name.ToBytes(), read.ToBytes());
        Assert.Equal(hex.Length / 2, end);
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a\\")]
    [InlineData("a\\12")]
    [InlineData("a\\256")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void What_is_no_name_is_refused(string text)
    {
        Assert.False(DnsName.TryParse(text, out _));
        Assert.Contains(text, Assert.Throws<FormatException>(() => DnsName.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_have_255_bytes_at_most()
    {
        string label = new('a', 62);
        Assert.Equal(254, DnsName.Parse($"{label}.{label}.{label}.{new string('a', 63)}").Length);
        Assert.Equal(255, DnsName.Parse($"{label}.{label}.{new string('a', 63)}.{new string('a', 63)}").Length);
        Assert.False(DnsName.TryParse($"{label}.{new string('a', 63)}.{new string('a', 63)}.{new string('a', 63)}", out _));
    }

    [Fact]
    public void Case_does_not_tell_names_apart_but_is_kept()
    {
        Assert.Equal(DnsName.Parse("Example.ORG"), DnsName.Parse("example.org"));
        Assert.Equal(DnsName.Parse("Example.ORG").GetHashCode(), DnsName.Parse("example.org").GetHashCode());
        Assert.Equal("Example.ORG", DnsName.Parse("Example.ORG").ToString());
    }

    [Theory]
    [InlineData("0161 c000", 2, "a")] // a pointer alone
    [InlineData("016100 0162c000", 3, "b.a")]
    [InlineData("016100 0162c000 0163c003", 7, "c.b.a")]
    public void Pointers_lead_back_to_names_before(string hex, int at, string expected)
    {
        byte[] message = SampleFrames.Hex(hex == "0161 c000" ? "0161c000" : hex);
        bool found = DnsName.TryRead(message, at, out DnsName? name, out int end);
        if (hex == "0161 c000")
        {
            // It leads back into what leads to itself: no name, however long one reads.
            Assert.False(found);
            return;
        }

        Assert.True(found);
        Assert.Equal(expected, name!.ToString());
        Assert.Equal(message.Length, end);
    }

    [Theory]
    [InlineData("c000", 0)]
    [InlineData("c002 c000", 0)]
    [InlineData("c002 c000", 2)]
    [InlineData("0161c002", 2)]
    [InlineData("0161c006 00 00 016200", 0)]
    [InlineData("40", 0)]
    [InlineData("8061", 0)]
    [InlineData("0361", 0)]
    [InlineData("c0", 0)]
    [InlineData("", 0)]
    [InlineData("00", 5)]
    public void Loops_forward_pointers_and_cut_names_are_no_names(string hex, int at) =>
        Assert.False(DnsName.TryRead(SampleFrames.Hex(hex), at, out _, out _));

    [Fact]
    public void Any_bytes_end_and_what_is_read_survives_as_text() => Prop.ForAll<byte[]>(bytes =>
        Enumerable.Range(0, bytes.Length + 1).All(at => !DnsName.TryRead(bytes, at, out DnsName? name, out _)
            || DnsName.Parse(name.ToString()).ToBytes().AsSpan().SequenceEqual(name.ToBytes()))).QuickCheckThrowOnFailure();

    [Fact]
    public void Labels_of_any_bytes_survive_as_text() => Prop.ForAll<byte[]>(bytes =>
    {
        byte[] label = [.. bytes.Take(63)];
        byte[] wire = label.Length == 0 ? [0] : [(byte)label.Length, .. label, 0];
        return DnsName.TryRead(wire, 0, out DnsName? name, out _)
            && DnsName.Parse(name.ToString()).ToBytes().AsSpan().SequenceEqual(wire);
    }).QuickCheckThrowOnFailure();
}
