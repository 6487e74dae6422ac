using System;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Security.Cryptography;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

public class TcpSignatureTests
{
    private static Packet Segment(bool isIPv6 = false, string data = "some data") => (isIPv6
        ? new IPv6Layer { Source = NetworkAddress.Parse("fd00::1"), Destination = NetworkAddress.Parse("fd00::2") }
        : (IPLayer)new IPv4Layer { Source = NetworkAddress.Parse("10.0.0.1"), Destination = NetworkAddress.Parse("10.0.0.2") })
        / new TcpLayer
        {
            SourcePort = 40000,
            DestinationPort = 179,
            Sequence = 1000,
            Flags = TcpFlags.Syn,
            Options = [new TcpMaximumSegmentSizeOption(1460)],
        } / data;

    [Fact]
    [SuppressMessage("Security", "CA5351", Justification = "The algorithm is the one that RFC 2385 names.")]
    public void A_digest_covers_what_RFC_2385_says_in_its_order()
    {
        Packet packet = Segment();
        TcpMd5Signature.Sign(packet, "secret");
        byte[] bytes = packet.ToBytes();

        // 20 bytes of header, MSS, two NOPs, the signature: 44 bytes, and 9 of data.
        byte[] tcp = bytes[20..];
        Assert.Equal((11 << 4), tcp[12]);
        tcp[16] = tcp[17] = 0;
        byte[] pseudo = [.. bytes[12..20], 0, 6, 0, 44 + 9];
        Assert.Equal(MD5.HashData([.. pseudo, .. tcp[..20], .. tcp[44..], .. "secret"u8]), packet.Tcp!.GetOption<TcpMd5SignatureOption>()!.Digest);
        Assert.Empty(packet.Anomalies);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_signed_is_verified_with_the_same_key_and_only_as_it_is(bool isIPv6)
    {
        Packet packet = new EthernetLayer() / Segment(isIPv6);
        packet.IP!.Trailer = [0, 0, 0];
        Assert.False(TcpMd5Signature.Verify(packet, "secret"));
        TcpMd5Signature.Sign(packet, "secret");
        Packet read = Packet.Parse(packet.ToBytes(), PacketStart.Ethernet);
        Assert.True(TcpMd5Signature.Verify(read, "secret"));
        Assert.False(TcpMd5Signature.Verify(read, "Secret"));
        read.Payload!.Text = "other data";
        Assert.False(TcpMd5Signature.Verify(read, "secret"));
        TcpMd5Signature.Sign(read, "secret");
        Assert.True(TcpMd5Signature.Verify(read, "secret"));
        Assert.Single(read.Tcp!.Options.OfType<TcpMd5SignatureOption>());
    }

    [Fact]
    public void Only_segments_inside_IP_are_signed()
    {
        Assert.Throws<ArgumentException>(() => TcpMd5Signature.Sign(new Packet([new TcpLayer()]), "secret"));
        Assert.Throws<ArgumentException>(() => TcpMd5Signature.Sign(new IPv4Layer() / new UdpLayer(), "secret"));
        Packet data = Segment();
        data.Tcp!.Flags = TcpFlags.Ack;
        Assert.Throws<ArgumentException>(() => TcpAuthentication.Sign(data, new TcpAuthenticationKey("k")));
        Assert.False(TcpAuthentication.Verify(data, new TcpAuthenticationKey("k")));
    }

    [Theory]
    [InlineData("", "bb1d6929e95937287fa37d129b756746")]
    [InlineData("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c")]
    [InlineData("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "dfa66747de9ae63030ca32611497c827")]
    public void CMAC_is_that_of_RFC_4493(string message, string code) => Assert.Equal(
        code,
        Convert.ToHexStringLower(AesCmac.Compute(SampleFrames.Hex("2b7e151628aed2a6abf7158809cf4f3c"), SampleFrames.Hex(message))));

    /// <summary>Connections of RFC 9235: section, algorithm, options covered, ends, the sender's and the receiver's ISN, traffic key, code.</summary>
    [Theory]
    [InlineData("4.1.1", TcpAuthenticationAlgorithm.HmacSha1, true, "10.11.12.13", 59863, "172.27.28.29", 179, 0xFBFBAB5Au, 0u, 1460, 0x00155AB7u, 0u, "6d63ef1b02fe1509d4b1402707fd7b0416abb74f", "2ee437c6f8ede6d7c4d602e7")]
    [InlineData("4.1.2", TcpAuthenticationAlgorithm.HmacSha1, true, "172.27.28.29", 179, "10.11.12.13", 59863, 0x11C14261u, 0xFBFBAB5Au, 1460, 0x84A50BEBu, 0x00155AB7u, "d9e217e4834a80ca2f3fd8de2e41b8e6797fea96", "eeab0fe24c3010815116b3be")]
    [InlineData("4.2.1", TcpAuthenticationAlgorithm.HmacSha1, false, "10.11.12.13", 65298, "172.27.28.29", 179, 0xCB0EFBEEu, 0u, 1460, 0x00024CCEu, 0u, "30eaa1560cf0be57dab5c045229fb10a423cd7ea", "80af3cfeb85368937b8f9ec2")]
    [InlineData("5.1.1", TcpAuthenticationAlgorithm.Aes128Cmac, true, "10.11.12.13", 50426, "172.27.28.29", 179, 0x787A1DDFu, 0u, 1460, 0x00017ED0u, 0u, "f5b8b3d5f34fdbb6eb8d4ab9660e60e3", "e477e99c8040765498e55091")]
    [InlineData("6.1.1", TcpAuthenticationAlgorithm.HmacSha1, true, "fd00::1", 63460, "fd00::2", 179, 0x176A833Fu, 0u, 1440, 0x0041D087u, 0u, "625ec09d575836edc9b6428418bbf06989a361bb", "9033ec3d7334b64c5edd039f")]
    [InlineData("7.1.2", TcpAuthenticationAlgorithm.Aes128Cmac, true, "fd00::2", 179, "fd00::1", 63578, 0xA6744ECBu, 0x193CCCECu, 1440, 0x71DAABC8u, 0x13E4AB99u, "cf1b1e225e06a63616764a067b46f4b1", "dc2843a84e78a6bcfdc5ed80")]
    public void Codes_and_traffic_keys_are_those_of_RFC_9235(
        string section, TcpAuthenticationAlgorithm algorithm, bool coversOptions, string source, int sourcePort, string destination,
        int destinationPort, uint isn, uint peerIsn, int mss, uint clock, uint echo, string trafficKey, string code)
    {
        (byte own, byte peer) = sourcePort == 179 ? ((byte)84, (byte)61) : ((byte)61, (byte)84);
        TcpAuthenticationKey key = new("testvector")
        {
            KeyId = own,
            ReceiveNextKeyId = peer,
            Algorithm = algorithm,
            CoversOptions = coversOptions,
        };
        NetworkAddress from = NetworkAddress.Parse(source);
        NetworkAddress to = NetworkAddress.Parse(destination);
        Assert.Equal(trafficKey, Convert.ToHexStringLower(key.DeriveTrafficKey(from, (ushort)sourcePort, to, (ushort)destinationPort, new(isn, peerIsn))));

        bool isAnswer = peerIsn != 0;
        IPLayer ip = from.IsIPv6 ? new IPv6Layer { Source = from, Destination = to } : new IPv4Layer { Source = from, Destination = to };
        Packet packet = ip / new TcpLayer
        {
            SourcePort = (ushort)sourcePort,
            DestinationPort = (ushort)destinationPort,
            Sequence = isn,
            Acknowledgment = isAnswer ? peerIsn + 1 : 0,
            Flags = isAnswer ? TcpFlags.Syn | TcpFlags.Ack : TcpFlags.Syn,
            Window = 65535,
            Options =
            [
                new TcpMaximumSegmentSizeOption((ushort)mss), TcpNoOperationOption.Instance, new TcpWindowScaleOption(8),
                new TcpSackPermittedOption(), new TcpTimestampsOption(clock, echo),
            ],
        };
        TcpAuthentication.Sign(packet, key);
        Assert.Equal($"ao keyid {own} rnextkeyid {peer} mac 0x{code}", packet.Tcp!.Options[^1].ToString());
        Assert.True(TcpAuthentication.Verify(Packet.Parse(packet.ToBytes()), key), section);
        Assert.False(TcpAuthentication.Verify(packet, key, sequenceExtension: 1));
        packet.Tcp.Window++;
        Assert.False(TcpAuthentication.Verify(packet, key));
    }

    [Fact]
    public void A_segment_with_data_is_authenticated_by_the_connections_sequence_numbers()
    {
        TcpAuthenticationKey key = new("testvector") { KeyId = 61, ReceiveNextKeyId = 84 };
        Packet packet = Segment(data: "BGP");
        packet.Tcp!.Flags = TcpFlags.Psh | TcpFlags.Ack;
        TcpInitialSequences initial = new(0xFBFBAB5Au, 0x11C14261u);
        TcpAuthentication.Sign(packet, key, initial);
        Assert.True(TcpAuthentication.Verify(packet, key, initial));
        Assert.False(TcpAuthentication.Verify(packet, key, new TcpInitialSequences(0xFBFBAB5Au, 1)));
        Assert.False(TcpAuthentication.Verify(packet, key with { CoversOptions = false }, initial));
        Assert.False(TcpAuthentication.Verify(packet, key with { Algorithm = TcpAuthenticationAlgorithm.Aes128Cmac }, initial));
    }
}
