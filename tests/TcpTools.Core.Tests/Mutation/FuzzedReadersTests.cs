using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Mutation;
using TcpTools.Packets;
using TcpTools.Streams;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Mutation;

/// <summary>Whoever reads packets here lives with all that the fuzzer makes, in time that has to do with its size.</summary>
public sealed class FuzzedReadersTests
{
    private const int Variants = 400;

    private static readonly NetworkAddress s_near = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_far = NetworkAddress.Parse("10.0.0.2");

    [Fact]
    public void Trees_dumps_scripts_checks_and_differences()
    {
        Stopwatch watch = Stopwatch.StartNew();
        Packet[] templates =
        [
            Segment(1, TcpFlags.Syn, ""),
            new IPv4Layer() / new UdpLayer { DestinationPort = 53 } / new DnsLayer { Questions = [new DnsQuestion("www.example.org")] },
            new IPv6Layer() / new HopByHopLayer() / new FragmentLayer() / new Icmpv6Layer() / "data",
            new EthernetLayer() / new VlanLayer() / new ArpLayer(),
        ];
        foreach (Packet template in templates)
        {
            foreach (FuzzedPacket variant in Make(template))
            {
                Packet packet = variant.Packet;
                IReadOnlyList<PacketField> fields = packet.GetFields();
                Assert.NotEmpty(string.Join('\n', PacketTreeView.Render(fields)) + "|");
                _ = PacketHexView.RenderFields(packet.ToBytes(), fields).Count();
                _ = PacketJson.Render(fields);
                _ = PacketChecks.Of(packet);
                _ = PacketScript.Write(packet);
                Assert.NotEmpty(PacketDifference.Between(template, packet));
            }
        }

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(90), $"{watch.Elapsed}");
    }

    [Fact]
    public void Streams_with_bounded_memory()
    {
        TcpStreamAssembler assembler = new(new Nobody());
        Instant now = Instant.Zero;
        uint sequence = 1;
        foreach (string text in Enumerable.Repeat("a line of some length that is sent\r\n", 20))
        {
            Packet template = Segment(sequence, TcpFlags.Ack | TcpFlags.Psh, text);
            sequence += (uint)text.Length;
            foreach (FuzzedPacket variant in Make(template).Take(100))
            {
                now += TimeSpan.FromMilliseconds(1);
                assembler.Receive(variant.Packet.ToBytes(), variant.Packet.Start, now);
            }

            now += TimeSpan.FromMilliseconds(1);
            assembler.Receive(template.ToBytes(), PacketStart.IP, now);
        }

        assembler.Finish();
        Assert.Equal(20 * 101, assembler.Frames);
        Assert.InRange(assembler.QueuedBytes, 0, 64 << 20);
    }

    private static Packet Segment(uint sequence, TcpFlags flags, string text) =>
        new IPv4Layer { Source = s_near, Destination = s_far }
        / new TcpLayer { SourcePort = 4000, DestinationPort = 80, Sequence = sequence, Flags = flags, Options = [new TcpTimestampsOption(1, 2)] }
        / text;

    private static IEnumerable<FuzzedPacket> Make(Packet template) => new PacketFuzzer(
        template, new FuzzOptions { Seed = 21, Intensity = 5, ChangesSetFields = true, Donors = [template] }).From().Take(Variants);

    private sealed class Nobody : TcpStreamObserver;
}
