using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Mutated packets into a live layer: nothing thrown, nothing lost, and the next ping answered.</summary>
public sealed class IPFuzzTests
{
    [Theory]
    [InlineData(1, FragmentOverlapPolicy.Drop)]
    [InlineData(2, FragmentOverlapPolicy.First)]
    [InlineData(3, FragmentOverlapPolicy.Last)]
    [InlineData(4, FragmentOverlapPolicy.Bsd)]
    [InlineData(5, FragmentOverlapPolicy.Linux)]
    public void The_layer_survives_anything(int seed, FragmentOverlapPolicy policy) => Run(seed, policy, 20_000);

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(11, FragmentOverlapPolicy.Drop)]
    [InlineData(12, FragmentOverlapPolicy.Last)]
    [InlineData(13, FragmentOverlapPolicy.Linux)]
    public void The_layer_survives_anything_for_longer(int seed, FragmentOverlapPolicy policy) => Run(seed, policy, 500_000);

    private static void Run(int seed, FragmentOverlapPolicy policy, int packets)
    {
        var settings = new IPSettings
        {
            OverlapPolicy = policy,
            ReassemblyHighWatermark = 512 * 1024,
            ReassemblyLowWatermark = 256 * 1024,
            MaximumIncompleteDatagrams = 64,
            MaximumFragments = 64,
        };
        var host = new IPHost(settings);
        host.Protocols.Add(IPProtocol.Icmp);
        List<byte[]> seeds = Seeds();
        var random = new Random(seed);
        for (int i = 0; i < packets; i++)
        {
            byte[] packet = Mutate([.. seeds[random.Next(seeds.Count)]], random);
            host.Receive(packet, new TcpTools.Buffers.OffloadInfo { ChecksumVerified = random.Next(2) == 0 });
            Assert.True(host.Layer.ReassemblyBytes <= settings.ReassemblyHighWatermark);
            Assert.True(host.Layer.IncompleteDatagrams <= settings.MaximumIncompleteDatagrams);
            Assert.Equal(host.Layer.IncompleteDatagrams, host.Pool.Outstanding);
            host.Advance(random.Next(50) / 100.0);
            foreach (byte[] sent in host.Sent)
            {
                Assert.True(new IPv4View(sent).IsValid && new IPv4View(sent).IsChecksumValid);
            }

            host.Sent.Clear();
            host.Delivered.Clear();
            foreach (IcmpError error in host.Errors)
            {
                host.Layer.LowerPathMtu(error, host.Now);
            }

            host.Errors.Clear();
            if (i % 500 == 0)
            {
                host.AssertAlive();
            }
        }

        host.AssertAlive();
        host.Advance(60);
        Assert.Equal(0, host.Layer.IncompleteDatagrams);
        Assert.Equal(0, host.Pool.Outstanding);
        Assert.Equal(0L, host.Layer.ReassemblyBytes);
    }

    private static List<byte[]> Seeds()
    {
        byte[] quote = TestPacket.IPv4(IPHost.Me, IPHost.Far, 6, TestPacket.TcpStart(1, 2, 3));
        return
        [
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 6, TestPacket.TcpStart(1, 2, 3, 60)),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 17, TestPacket.Udp(IPHost.Peer, IPHost.Me, 1, 2, new byte[30])),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 6, new byte[20], options: [7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0]),
            TestPacket.Echo(IPHost.Peer, IPHost.Me, TestPacket.Pattern(100)),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 1, TestPacket.Icmp(3, 4, 1400, quote)),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 1, TestPacket.Icmp(11, 0, 0, quote)),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 200, new byte[64]),
            .. TestPacket.Fragments(IPHost.Peer, IPHost.Me, 17, TestPacket.Pattern(300), 104),
            .. TestPacket.Fragments(IPHost.Peer, IPHost.Me, 1, TestPacket.Icmp(8, 0, 1, TestPacket.Pattern(300)), 104, id: 7),
            TestPacket.IPv4(IPHost.Peer, IPHost.Me, 17, new byte[64], offset: 65_000, more: true),
        ];
    }

    private static byte[] Mutate(byte[] packet, Random random)
    {
        int changes = random.Next(4);
        for (int i = 0; i < changes && packet.Length > 0; i++)
        {
            switch (random.Next(6))
            {
                case 0:
                    packet[random.Next(packet.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    packet[random.Next(packet.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    packet = packet[..random.Next(packet.Length + 1)];
                    break;
                case 3:
                    packet = [.. packet, .. new byte[random.Next(64)]];
                    break;
                case 4 when packet.Length > 8:
                    // Fragments of every kind: identification from a small set, any offset.
                    packet[4] = 0;
                    packet[5] = (byte)random.Next(8);
                    packet[6] = (byte)(random.Next(2) * 0x20 + (random.Next(4) == 0 ? random.Next(32) : 0));
                    packet[7] = (byte)random.Next(48);
                    break;
                default:
                    packet[random.Next(Math.Min(packet.Length, 20))] = (byte)random.Next(256);
                    break;
            }
        }

        // Most mutants are to get beyond the checksum.
        if (random.Next(8) != 0)
        {
            if (packet.Length >= 20 && random.Next(2) == 0)
            {
                packet[0] = (byte)(0x40 | Math.Min(packet[0] & 15, packet.Length / 4));
                packet[2] = (byte)(packet.Length >> 8);
                packet[3] = (byte)packet.Length;
            }

            new IPv4Editor(packet).UpdateChecksum();
        }

        return packet;
    }
}
