using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Packets;

/// <summary>The fields of a packet cover its bits, each bit once, and say what the bits say.</summary>
public class PacketFieldTests
{
    /// <summary>Fields that decide where others are: with another value the packet is another one.</summary>
    private static readonly HashSet<string> Structural =
    [
        "EtherType", "Version", "HeaderLength", "TotalLength", "Protocol", "MoreFragments", "FragmentOffset", "DataOffset", "Length", "Kind", "Type",
        "HardwareLength", "ProtocolLength", "NextHeader", "PayloadLength", "Flag", "Padding",
    ];

    [Fact]
    public void Leaves_cover_every_bit_of_a_mutated_packet_once() =>
        new ByteMutator(31).Run(SampleFrames.Packets, 5_000, static bytes => CheckCover(bytes, PacketStart.IP));

    [Fact]
    public void Leaves_cover_every_bit_of_a_mutated_frame_once() =>
        new ByteMutator(32).Run(SampleFrames.Frames, 5_000, static bytes => CheckCover(bytes, PacketStart.Ethernet));

    [Fact]
    public void Leaves_cover_every_bit_of_every_kind_of_layer_once()
    {
        foreach (Packet packet in LayerSamples.All)
        {
            byte[] bytes = packet.ToBytes();
            new ByteMutator(34).Run([bytes], 100, mutated => CheckCover(mutated, packet.Start));
        }
    }

    [Fact]
    public void Every_prefix_of_a_frame_is_covered()
    {
        foreach (byte[] frame in SampleFrames.Frames)
        {
            for (int length = 0; length <= frame.Length; length++)
            {
                CheckCover(frame[..length], PacketStart.Ethernet);
            }
        }
    }

    [Fact]
    public void A_bit_that_flips_changes_the_field_that_covers_it_and_no_other()
    {
        RandomPackets random = new(33);
        foreach (byte[] frame in Enumerable.Range(0, 12).Select(_ => random.NextFrame().ToBytes()).Append(SampleFrames.Frames[^1]))
        {
            PacketField[] before = Leaves(frame, PacketStart.Ethernet);
            for (int bit = 0; bit < frame.Length * 8; bit++)
            {
                byte[] flipped = [.. frame];
                flipped[bit / 8] ^= (byte)(0x80 >> (bit % 8));
                PacketField[] after = Leaves(flipped, PacketStart.Ethernet);
                PacketField covering = before.Single(leaf => leaf.BitOffset <= bit && bit < leaf.BitOffset + leaf.BitLength);
                if (before.Select(Place).SequenceEqual(after.Select(Place)))
                {
                    string[] changed = [.. before.Zip(after).Where(pair => !AreSame(pair.First.Value, pair.Second.Value)).Select(pair => pair.First.Path)];
                    Assert.Equal([covering.Path], changed);
                }
                else
                {
                    Assert.Contains(covering.Name, Structural);
                }
            }
        }
    }

    [Fact]
    public void Fields_have_the_values_and_the_states_that_the_layers_have()
    {
        Packet packet = new EthernetLayer() / new VlanLayer { VlanId = 7, Priority = 5 }
            / new UdpLayer { SourcePort = 4000, Checksum = 0xBEEF } / "hello";
        IReadOnlyList<PacketField> layers = packet.GetFields();
        Assert.Equal(["Ethernet", "Vlan", "UDP", "Payload"], layers.Select(layer => layer.Name));
        Assert.Equal([0, 14, 18, 26], layers.Select(layer => layer.Offset));
        Dictionary<string, PacketField> fields = layers.SelectMany(layer => layer.Leaves()).ToDictionary(field => field.Path);
        Assert.Equal(((object)(ushort)7, PacketFieldState.Plain, 116, 12), Show(fields["Vlan.VlanId"]));
        Assert.Equal((5, "5"), ((byte)fields["Vlan.Priority"].Value!, fields["Vlan.Priority"].Text));
        Assert.Equal(((object)(ushort)13, PacketFieldState.Computed, 176, 16), Show(fields["UDP.Length"]));
        Assert.Equal(((object)(ushort)0xBEEF, PacketFieldState.Fixed, 192, 16), Show(fields["UDP.Checksum"]));
        Assert.Equal("0x8100 (VLAN)", fields["Ethernet.EtherType"].Text);
        Assert.Equal("5 bytes 'hello'", fields["Payload.Data"].Text);
    }

    [Fact]
    public void Options_are_fields_with_fields()
    {
        Packet packet = new Packet([new TcpLayer
        {
            Options = [new TcpMaximumSegmentSizeOption(1460), new TcpSackOption(new SackBlock(new(1), new(5))), new UnknownTcpOption(77, [1, 2])],
        }]);
        PacketField[] leaves = [.. packet.GetFields()[0].Leaves()];
        Assert.Equal((ushort)1460, leaves.Single(field => field.Path == "TCP.Options[0].Value").Value);
        Assert.Equal(5u, leaves.Single(field => field.Path == "TCP.Options[1].Blocks[0].Right").Value);
        Assert.Equal("2 bytes 0102", leaves.Single(field => field.Path == "TCP.Options[2].Data").Text);
        Assert.Equal(2, leaves.Single(field => field.Name == "Padding").Length);
        Assert.Equal(40, leaves.Single(field => field.Name == "DataOffset").Value);
        Assert.Equal("S (Syn)", leaves.Single(field => field.Name == "Flags").Text);
    }

    private static (object? Value, PacketFieldState State, int Offset, int Length) Show(PacketField field) =>
        (field.Value, field.State, field.BitOffset, field.BitLength);

    private static (string Path, int Offset, int Length) Place(PacketField field) => (field.Path, field.BitOffset, field.BitLength);

    private static bool AreSame(object? one, object? other) =>
        one is byte[] bytes && other is byte[] others ? bytes.AsSpan().SequenceEqual(others) : Equals(one, other);

    private static PacketField[] Leaves(byte[] bytes, PacketStart start) => [.. Packet.Parse(bytes, start).GetFields().SelectMany(layer => layer.Leaves())];

    private static void CheckCover(byte[] bytes, PacketStart start)
    {
        int at = 0;
        foreach (PacketField leaf in Leaves(bytes, start).OrderBy(leaf => leaf.BitOffset))
        {
            Assert.Equal(at, leaf.BitOffset);
            Assert.True(leaf.BitLength > 0, leaf.Path);
            at += leaf.BitLength;
        }

        Assert.Equal(bytes.Length * 8, at);
    }
}
