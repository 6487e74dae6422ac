using System;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

/// <summary>Every view and editor over damaged bytes: nothing throws, every walk ends, nothing allocates.</summary>
public class ViewFuzzTests
{
    private static readonly byte[] Frame = [.. SampleFrames.Hex("0200000000020200000000010800"), .. SampleFrames.LinuxSynPacket];

    [Fact]
    public void No_view_throws_or_hangs_on_mutated_frames() =>
        new ByteMutator(1).Run(SampleFrames.Frames, 20_000, static bytes => ReadEverything(bytes));

    [Fact]
    public void No_view_throws_or_hangs_on_mutated_packets() =>
        new ByteMutator(2).Run(SampleFrames.Packets, 20_000, static bytes => ReadEverything(bytes));

    [Fact]
    public void No_editor_throws_on_any_bytes_and_none_changes_their_number() =>
        new ByteMutator(3).Run(SampleFrames.Packets, 5_000, static bytes => WriteEverything(bytes, (byte)bytes.Length));

    [Fact]
    public void Reading_and_writing_allocate_nothing()
    {
        byte[] bytes = Frame;
        ulong sum = 0;
        for (int i = 0; i < 100; i++)
        {
            sum += ReadEverything(bytes);
        }

        Assert.Equal(0, Allocation.Least(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                sum += ReadEverything(bytes);
                WriteOptions(bytes);
                WriteHeaders(bytes, 1);
            }
        }));
        Assert.NotEqual(0u, sum);
    }

    /// <summary>Every property of every view, each starting at every place where its header could be.</summary>
    internal static ulong ReadEverything(ReadOnlySpan<byte> bytes)
    {
        EthernetView ethernet = new(bytes);
        ulong sum = ethernet.Destination.Value + ethernet.Source.Value + (ulong)ethernet.EtherType + (ulong)ethernet.Payload.Length;
        VlanTagView vlan = new(ethernet.Payload);
        sum += (ulong)vlan.Priority + vlan.VlanId + vlan.EtherType + (vlan.DropEligible ? 1u : 0u) + (ulong)vlan.Payload.Length;
        sum += ReadArp(ethernet.Payload) + ReadArp(bytes);
        sum += ReadIP(bytes) + ReadIP(ethernet.Payload) + ReadIP(vlan.Payload);
        return sum;
    }

    internal static void WriteEverything(byte[] bytes, byte value)
    {
        int length = bytes.Length;
        WriteHeaders(bytes, value);
        WriteOptions(bytes);
        Assert.Equal(length, bytes.Length);
    }

    private static ulong ReadArp(ReadOnlySpan<byte> bytes)
    {
        ArpView arp = new(bytes);
        ulong sum = (ulong)arp.HardwareType + arp.ProtocolType + arp.HardwareLength + arp.ProtocolLength + arp.Operation;
        sum += arp.SenderHardware.Value + arp.TargetHardware.Value + arp.SenderProtocol.IPv4Bits + arp.TargetProtocol.IPv4Bits;
        return sum + (ulong)arp.Trailer.Length + (arp.IsValid ? 1u : 0) + (arp.IsComplete ? 1u : 0)
            + (ulong)(arp.SenderHardwareBytes.Length + arp.TargetProtocolBytes.Length + arp.SenderProtocolBytes.Length + arp.TargetHardwareBytes.Length);
    }

    private static ulong ReadIP(ReadOnlySpan<byte> bytes)
    {
        IPv4View ip = new(bytes);
        ulong sum = (ulong)ip.Version + (ulong)ip.HeaderLength + ip.TypeOfService + ip.TotalLength + ip.Identification
            + (ulong)ip.FragmentOffset + ip.TimeToLive + ip.Protocol + ip.HeaderChecksum + ip.Source.IPv4Bits + ip.Destination.IPv4Bits;
        sum += (ip.IsValid ? 1u : 0) + (ip.IsChecksumValid ? 2u : 0) + (ip.DontFragment ? 4u : 0) + (ip.MoreFragments ? 8u : 0)
            + (ip.ReservedFlag ? 16u : 0) + (ip.IsFragment ? 32u : 0) + (ip.IsComplete ? 64u : 0) + (ip.HasValidHeader ? 128u : 0);
        IPv4OptionReader options = new(ip.Options);
        int steps = 0;
        while (options.MoveNext())
        {
            sum += options.Kind + (ulong)options.Data.Length + (ulong)options.Raw.Length;
            steps++;
        }

        Check(steps <= ip.Options.Length && ip.Header.Length + ip.Payload.Length <= bytes.Length);
        return sum + (ulong)options.Rest.Length + ReadTcp(ip.Payload, ip.Source, ip.Destination)
            + ReadUdp(ip.Payload, ip.Source, ip.Destination) + ReadIcmp(ip.Payload);
    }

    private static ulong ReadTcp(ReadOnlySpan<byte> bytes, NetworkAddress source, NetworkAddress destination)
    {
        TcpView tcp = new(bytes);
        ulong sum = (ulong)tcp.SourcePort + tcp.DestinationPort + tcp.Sequence.Value + tcp.Acknowledgment.Value + (ulong)tcp.DataOffset
            + tcp.Reserved + (ulong)tcp.Flags + tcp.Window + tcp.Checksum + tcp.UrgentPointer;
        sum += (tcp.IsValid ? 1u : 0) + (tcp.IsComplete ? 2u : 0) + (tcp.IsChecksumValid(source, destination) ? 4u : 0);
        TcpOptionReader options = new(tcp.Options);
        Span<SackBlock> blocks = stackalloc SackBlock[SackBlock.Maximum];
        int steps = 0;
        while (options.MoveNext())
        {
            sum += options.Kind + (ulong)options.Data.Length + (ulong)options.Raw.Length + (ulong)options.ReadSack(blocks);
            sum += options.TryReadTimestamps(out uint value, out uint echo) ? value + echo : 0;
            sum += options.TryReadMaximumSegmentSize(out ushort size) ? size : 0u;
            sum += options.TryReadWindowScale(out byte shift) ? shift : 0u;
            steps++;
        }

        Check(steps <= tcp.Options.Length && tcp.Options.Length + tcp.Payload.Length <= bytes.Length);
        return sum + (ulong)options.Rest.Length;
    }

    private static ulong ReadUdp(ReadOnlySpan<byte> bytes, NetworkAddress source, NetworkAddress destination)
    {
        UdpView udp = new(bytes);
        Check(udp.Payload.Length <= bytes.Length);
        return (ulong)udp.SourcePort + udp.DestinationPort + udp.Length + udp.Checksum + (udp.IsValid ? 1u : 0)
            + (udp.IsComplete ? 2u : 0) + (udp.HasChecksum ? 4u : 0) + (udp.IsChecksumValid(source, destination) ? 8u : 0);
    }

    private static ulong ReadIcmp(ReadOnlySpan<byte> bytes)
    {
        Icmpv4View icmp = new(bytes);
        Check(icmp.Payload.Length <= bytes.Length);
        return (ulong)icmp.Type + icmp.Code + icmp.Checksum + icmp.RestOfHeader + icmp.Identifier + icmp.Sequence
            + icmp.Gateway.IPv4Bits + icmp.Pointer + icmp.NextHopMtu + (icmp.IsError ? 1u : 0) + (icmp.IsValid ? 2u : 0);
    }

    private static void WriteHeaders(Span<byte> bytes, byte value)
    {
        MacAddress mac = new(value);
        NetworkAddress address = NetworkAddress.FromIPv4(value);
        _ = new EthernetEditor(bytes) { Destination = mac, Source = mac, EtherType = value };
        _ = new VlanTagEditor(bytes) { Priority = value, DropEligible = true, VlanId = value, EtherType = value };
        _ = new ArpEditor(bytes)
        {
            HardwareType = value, ProtocolType = value, HardwareLength = value, ProtocolLength = value, Operation = value,
            SenderHardware = mac, SenderProtocol = address, TargetHardware = mac, TargetProtocol = address,
        };
        new IPv4Editor(bytes)
        {
            Version = value, HeaderLength = value, TypeOfService = value, TotalLength = value, Identification = value,
            DontFragment = true, MoreFragments = true, ReservedFlag = true, FragmentOffset = value, TimeToLive = value,
            Protocol = value, Source = address, Destination = address,
        }.UpdateChecksum();
        new Icmpv4Editor(bytes) { Type = value, Code = value, RestOfHeader = value, Pointer = value, NextHopMtu = value, Gateway = address }
            .UpdateChecksum();
        new UdpEditor(bytes) { SourcePort = value, DestinationPort = value, Length = value }.UpdateChecksum(address, address);
        new TcpEditor(bytes)
        {
            SourcePort = value, DestinationPort = value, Sequence = new(value), Acknowledgment = new(value), DataOffset = value,
            Reserved = value, Flags = (TcpFlags)value, Window = value, UrgentPointer = value,
        }.UpdateChecksum(address, address);
    }

    private static void WriteOptions(Span<byte> bytes)
    {
        TcpOptionWriter writer = new(bytes);
        writer.AddMaximumSegmentSize(1);
        writer.AddWindowScale(1);
        writer.AddSackPermitted();
        writer.AddTimestamps(1, 2);
        writer.AddNop();
        writer.AddEnd();
        writer.AddSack([new(new(1), new(2)), new(new(3), new(4))]);
        writer.AddRaw(99, [1, 2, 3]);
        writer.AddRaw([1, 2, 3]);
        writer.AddPadding();
        Check(writer.Length <= bytes.Length);
    }

    private static void Check(bool condition)
    {
        if (!condition)
        {
            throw new InvalidOperationException("A view reads more than there is.");
        }
    }
}
