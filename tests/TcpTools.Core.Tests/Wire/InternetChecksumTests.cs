using System;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

public class InternetChecksumTests
{
    [Fact]
    public void Example_of_RFC_1071_section_3()
    {
        byte[] bytes = SampleFrames.Hex("0001f203f4f5f6f7");
        Assert.Equal(0xDDF2, InternetChecksum.Fold(InternetChecksum.Add(0, bytes)));
        Assert.Equal(0x220D, InternetChecksum.Compute(bytes));
    }

    [Theory]
    [InlineData(0xDD2F, 0x5555, 0x3285, 0x0000)] // RFC 1624, section 4: where equation 2 gave 0xFFFF
    [InlineData(0x0000, 0x0000, 0x0000, 0x0000)]
    public void Incremental_update_gives_the_value_of_RFC_1624(int before, int oldWord, int newWord, int after) =>
        Assert.Equal(after, InternetChecksum.Update((ushort)before, (ushort)oldWord, (ushort)newWord));

    [Fact]
    public void A_header_with_its_checksum_sums_to_all_ones()
    {
        byte[] header = SampleFrames.Hex("45000073000040004011b861c0a80001c0a800c7");
        Assert.True(InternetChecksum.IsValid(InternetChecksum.Add(0, header)));
        header[10] = header[11] = 0;
        Assert.Equal(0xB861, InternetChecksum.Compute(header));
    }

    [Fact]
    public void No_bytes_at_all_give_the_complement_of_zero() => Assert.Equal(0xFFFF, InternetChecksum.Compute([]));

    [Fact]
    public void Equals_the_plain_sum_for_every_alignment_and_length()
    {
        RandomSource random = RandomSource.FromSeed(1071);
        byte[] store = new byte[700];
        for (int length = 0; length <= 600; length++)
        {
            for (int offset = 0; offset < (length < 200 ? 66 : 9); offset++)
            {
                if (offset == 0)
                {
                    Fill(store, random, length % 3);
                }

                ReadOnlySpan<byte> bytes = store.AsSpan(offset, length);
                Assert.Equal(Plain(bytes), InternetChecksum.Fold(InternetChecksum.Add(0, bytes)));
            }
        }
    }

    [Theory]
    [InlineData(1460)]
    [InlineData(9000)]
    [InlineData(65535)]
    [InlineData(1_000_001)]
    public void Carries_are_not_lost_in_long_runs_of_ones(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)0xFF);
        Assert.Equal(Plain(bytes), InternetChecksum.Fold(InternetChecksum.Add(0, bytes)));
    }

    [Fact]
    public void Pieces_cut_anywhere_combine_to_the_sum_of_the_whole() => Prop.ForAll<byte[], byte[], byte[]>((a, b, c) =>
    {
        byte[] whole = [.. a, .. b, .. c];
        ulong ab = InternetChecksum.Combine(InternetChecksum.Add(0, a), InternetChecksum.Add(0, b), a.Length % 2 == 1);
        ulong abc = InternetChecksum.Combine(ab, InternetChecksum.Add(0, c), (a.Length + b.Length) % 2 == 1);
        return InternetChecksum.Fold(abc) == Plain(whole);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Sums_can_be_continued_at_even_offsets() => Prop.ForAll<ushort[], byte[]>((words, rest) =>
    {
        byte[] head = new byte[words.Length * 2];
        Buffer.BlockCopy(words, 0, head, 0, head.Length);
        ulong sum = InternetChecksum.Add(InternetChecksum.Add(0, head), rest);
        return InternetChecksum.Fold(sum) == Plain([.. head, .. rest]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Incremental_update_equals_computing_anew() => Prop.ForAll<ushort[], ushort, int>((words, value, index) =>
    {
        // A header is never all zeros, for which alone the two zeros of ones' complement could be told apart.
        ushort[] header = [0x4500, .. words, 1];
        int at = 1 + (int)((uint)index % (uint)(header.Length - 1));
        ushort before = Checksum(header);
        ushort old = header[at];
        header[at] = value;
        return InternetChecksum.Update(before, old, value) == Checksum(header);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Incremental_update_of_an_address_equals_computing_anew() => Prop.ForAll<uint, uint, ushort>((before, after, other) =>
    {
        ushort first = Checksum([0x4500, other, (ushort)(before >> 16), (ushort)before]);
        ushort second = Checksum([0x4500, other, (ushort)(after >> 16), (ushort)after]);
        return InternetChecksum.Update32(first, before, after) == second;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Pseudo_header_is_the_one_of_RFC_9293()
    {
        NetworkAddress source = NetworkAddress.Parse("172.16.10.99");
        NetworkAddress destination = NetworkAddress.Parse("192.0.2.255");
        byte[] written = SampleFrames.Hex("ac100a63 c00002ff 00 06 1234");
        Assert.Equal(Plain(written), InternetChecksum.Fold(InternetChecksum.PseudoHeader(source, destination, 6, 0x1234)));
    }

    [Fact]
    public void Pseudo_header_is_the_one_of_RFC_8200_for_IPv6()
    {
        NetworkAddress source = NetworkAddress.Parse("2001:db8::1");
        NetworkAddress destination = NetworkAddress.Parse("fe80::ffff:1234");
        byte[] written = SampleFrames.Hex(
            "20010db8000000000000000000000001 fe8000000000000000000000ffff1234 00012345 000000 11");
        Assert.Equal(Plain(written), InternetChecksum.Fold(InternetChecksum.PseudoHeader(source, destination, 17, 0x12345)));
    }

    [Fact]
    public void A_UDP_checksum_of_zero_is_sent_as_all_ones()
    {
        ulong allOnes = InternetChecksum.Add(0, [0xFF, 0xFF]);
        Assert.Equal(0, InternetChecksum.Finish(allOnes));
        Assert.Equal(0xFFFF, InternetChecksum.FinishUdp(allOnes));
        Assert.Equal(0x1234, InternetChecksum.FinishUdp(InternetChecksum.Add(0, [0xED, 0xCB])));
    }

    /// <summary>RFC 1071 word by word: the reference.</summary>
    private static ushort Plain(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += (uint)((bytes[i] << 8) | (i + 1 < bytes.Length ? bytes[i + 1] : 0));
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    private static ushort Checksum(ushort[] words)
    {
        byte[] bytes = new byte[words.Length * 2];
        for (int i = 0; i < words.Length; i++)
        {
            bytes[2 * i] = (byte)(words[i] >> 8);
            bytes[(2 * i) + 1] = (byte)words[i];
        }

        return InternetChecksum.Compute(bytes);
    }

    private static void Fill(byte[] store, RandomSource random, int kind)
    {
        for (int i = 0; i < store.Length; i++)
        {
            store[i] = kind switch { 0 => (byte)random.Next(256), 1 => 0xFF, _ => (byte)(random.Next(8) == 0 ? 0xFF : 0) };
        }
    }
}
