using System;
using System.Collections.Generic;

namespace TcpTools.Tests.Wire;

/// <summary>Frames that other stacks have sent or might send, sound and unsound, in hexadecimal.</summary>
internal static class SampleFrames
{
    /// <summary>A SYN as Linux sends it: MSS, SACK permitted, timestamps, NOP, window scale. Checksums sound.</summary>
    public static byte[] LinuxSynPacket => Hex(
        "4500003c1c4640004006b1e6ac100a63ac100a0c" +
        "b2a80050 7c3d1a22 00000000 a002faf0 6c0a0000 020405b4 0402080a 0a1b2c3d00000000 01030307");

    /// <summary>An echo request of 8 data bytes.</summary>
    public static byte[] EchoRequestPacket => Hex("45000024000100004001f98f0a0900010a090002" + "0800e5ca00010001 6162636465666768");

    /// <summary>A UDP datagram of 5 bytes, without checksum.</summary>
    public static byte[] UdpPacket => Hex("450000210001000040116dc87f0000017f000001 00350035000d0000 68656c6c6f");

    /// <summary>An ARP request in an Ethernet frame with padding to 60 bytes.</summary>
    public static byte[] ArpFrame => Hex(
        "ffffffffffff020000000001 0806 0001080006040001 020000000001 0a090001 000000000000 0a090002" + new string('0', 36));

    /// <summary>The option bytes that other stacks stumbled over.</summary>
    public static IReadOnlyList<byte[]> BadOptions { get; } =
    [
        Hex("0200"), Hex("0802"), Hex("02ff05b4"), Hex("00020405b4"), Hex("0201"), Hex("02"), Hex("fe00"), Hex("05020000"),
        Hex("050a0000000100000002"), Hex("0101080a00000001"), Hex("0303ff"), Hex("0402"), Hex("1e03000000"), Hex("2200"),
        Hex("fe04f98900000000"), Hex("13120000000000000000000000000000000000ff"), Hex("010101"), Hex("00"), [],
    ];

    /// <summary>Everything as Ethernet frames, for a fuzzer to start from.</summary>
    public static IReadOnlyList<byte[]> Frames { get; } = BuildFrames();

    /// <summary>Everything that starts with an IP header.</summary>
    public static IReadOnlyList<byte[]> Packets { get; } = BuildPackets();

    public static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    private static List<byte[]> BuildPackets()
    {
        List<byte[]> packets = [LinuxSynPacket, EchoRequestPacket, UdpPacket, [], [0x45], [0x4F, 0, 0xFF, 0xFF]];
        foreach (byte[] options in BadOptions)
        {
            byte[] padded = new byte[(options.Length + 3) / 4 * 4];
            options.CopyTo(padded, 0);
            byte[] tcp = [.. Hex("0014005000000000000000005002200000000000"), .. padded, .. "data"u8];
            tcp[12] = (byte)(((20 + padded.Length) / 4) << 4);
            packets.Add([.. Hex("4500"), 0, (byte)(20 + tcp.Length), .. Hex("0001000040060000 7f0000017f000001"), .. tcp]);
        }

        // An ICMP error that quotes a header and 8 bytes; a fragment; an IP header with a record route.
        packets.Add([.. Hex("45000038000100004001f97b0a0900020a090001 0303000000000000"), .. LinuxSynPacket[..28]]);
        packets.Add(Hex("4500001c000120054006f9900a0900010a090002 6162636465666768"));
        packets.Add(Hex("4700002000010000400600000a0900010a090002 0707040a090001 00 6162636465"));
        return packets;
    }

    private static List<byte[]> BuildFrames()
    {
        List<byte[]> frames = [ArpFrame, ArpFrame[..20], [0xFF]];
        foreach (byte[] packet in BuildPackets())
        {
            frames.Add([.. Hex("0200000000020200000000010800"), .. packet, .. new byte[Math.Max(0, 46 - packet.Length)]]);
        }

        frames.Add([.. Hex("0200000000020200000000018100 a005 0800"), .. LinuxSynPacket]);
        frames.Add([.. Hex("02000000000202000000000188a8 0064 8100 0001 0800"), .. LinuxSynPacket]);
        return frames;
    }
}
