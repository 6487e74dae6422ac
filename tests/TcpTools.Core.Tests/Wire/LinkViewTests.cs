using System;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

/// <summary>Views of the headers beside IP, over sound and over damaged bytes.</summary>
public class LinkViewTests
{
    private static readonly byte[][] Seeds =
    [
        SampleFrames.Hex("aaaa030000000800 4500"),
        SampleFrames.Hex("b000 0800 1234 0000 00000007 00000009 4500"),
        SampleFrames.Hex("00064740 00065140"),
        SampleFrames.Hex("0004 0001 0006 020000000001 0000 0800 45"),
        SampleFrames.Hex("0800 0000 00000002 0001 04 06 020000000001 0000 45"),
        SampleFrames.Hex("ff030021 45"),
        SampleFrames.Hex("02000000 45"),
        SampleFrames.Hex("1040 020000000001 820000000002 0630 0011 0022 aaaa03"),
        SampleFrames.Hex("50 020000000001 020000000002 aaaa03"),
        SampleFrames.Hex("8802 2c00 020000000001 020000000002 020000000003 a001 0000 aaaa03"),
        SampleFrames.Hex("0000 1400 03000000 0000000000000000 3000 0000 0800"),
        SampleFrames.Hex("00000044 00000090 00"),
    ];

    [Fact]
    public void Fields_are_where_the_standards_put_them()
    {
        LlcView llc = new(Seeds[0]);
        Assert.Equal((0xAA, 0xAA, 3, 3), (llc.Destination, llc.Source, llc.Control, llc.HeaderLength));
        SnapView snap = new(llc.Payload);
        Assert.True(snap.HasEtherType && snap.IsComplete);
        Assert.Equal(EtherType.IPv4, snap.Protocol);

        GreView gre = new(Seeds[1]);
        Assert.Equal((16, 0x1234, 7u, 9u, EtherType.IPv4), (gre.HeaderLength, gre.Checksum, gre.Key, gre.Sequence, gre.Protocol));
        Assert.Equal(2, gre.Payload.Length);

        MplsLabelView label = new(Seeds[2]);
        Assert.Equal((100, 3, true, 64), (label.Label, label.TrafficClass, label.IsBottom, label.TimeToLive));

        LinuxCookedView cooked = new(Seeds[3], 1);
        Assert.Equal((CookedPacketType.Outgoing, 1, 6, EtherType.IPv4), (cooked.PacketType, cooked.DeviceType, cooked.AddressLength, cooked.Protocol));
        LinuxCookedView second = new(Seeds[4], 2);
        Assert.Equal((CookedPacketType.Outgoing, 1, 6, 2u), (second.PacketType, second.DeviceType, second.AddressLength, second.InterfaceIndex));
        Assert.Equal(1, second.Payload.Length);

        PppView ppp = new(Seeds[5]);
        Assert.Equal((true, false, PppProtocol.IPv4, 4), (ppp.HasAddressControl, ppp.IsProtocolCompressed, ppp.Protocol, ppp.HeaderLength));
        Assert.Equal((0x21, 1), (new PppView([0x21, 0x45]).Protocol, new PppView([0x21, 0x45]).HeaderLength));
        Assert.Equal(2u, new LoopbackView(Seeds[6]).LittleEndianFamily);
        Assert.False(new LoopbackView(Seeds[6]).LooksBigEndian);

        TokenRingView ring = new(Seeds[7]);
        Assert.Equal((20, 6, true), (ring.HeaderLength, ring.Route.Length, ring.IsLlc));
        Assert.Equal("02:00:00:00:00:02", new FddiView(Seeds[8]).Source.ToString());
        Assert.True(new FddiView(Seeds[8]).IsLlc);

        Ieee80211View air = new(Seeds[9]);
        Assert.Equal((26, true, true, 26), (air.HeaderLength, air.CarriesData, air.FromDistribution, air.Sequence));
        Assert.Equal(("02:00:00:00:00:03", "02:00:00:00:00:01"), (air.Source.ToString(), air.Destination.ToString()));
        RadiotapView tap = new(Seeds[10]);
        Assert.Equal((20, 0x30, true, true), (tap.HeaderLength, tap.Flags, tap.HasCheckSequence, tap.HasPadding));
        Assert.Equal(144, new PrismView(Seeds[11]).HeaderLength);
    }

    [Fact]
    public void No_view_throws_on_mutated_bytes() => new ByteMutator(31).Run(Seeds, 20_000, static bytes => ReadEverything(bytes));

    [Fact]
    public void Reading_allocates_nothing()
    {
        long sum = 0;
        Assert.Equal(0, Allocation.Least(() =>
        {
            foreach (byte[] bytes in Seeds)
            {
                sum += ReadEverything(bytes);
            }
        }));
        Assert.NotEqual(0, sum);
    }

    private static long ReadEverything(ReadOnlySpan<byte> bytes)
    {
        LlcView llc = new(bytes);
        SnapView snap = new(bytes);
        GreView gre = new(bytes);
        MplsLabelView label = new(bytes);
        PppView ppp = new(bytes);
        LoopbackView loopback = new(bytes);
        TokenRingView ring = new(bytes);
        FddiView fddi = new(bytes);
        Ieee80211View air = new(bytes);
        RadiotapView tap = new(bytes);
        PrismView prism = new(bytes);
        DnsView dns = new(bytes);
        DnsRecordView record = new(bytes, bytes.Length / 2);
        long sum = llc.HeaderLength + llc.Control + llc.Payload.Length + snap.Organization + snap.Protocol + snap.Payload.Length;
        sum += gre.HeaderLength + gre.Checksum + gre.Reserved + gre.Key + gre.Sequence + gre.Payload.Length + (gre.IsChecksumValid ? 1 : 0);
        sum += label.Label + label.TrafficClass + label.TimeToLive + label.Payload.Length;
        sum += ppp.Protocol + ppp.HeaderLength + ppp.Payload.Length + loopback.LittleEndianFamily + loopback.Payload.Length;
        sum += ring.HeaderLength + ring.Route.Length + ring.Payload.Length + (long)ring.Source.Value + (long)fddi.Destination.Value + fddi.Payload.Length;
        sum += air.HeaderLength + air.Sequence + air.Duration + (long)air.Source.Value + (long)air.Destination.Value + (air.IsAggregate ? 1 : 0);
        sum += tap.HeaderLength + tap.Flags + tap.Version + prism.HeaderLength;
        sum += dns.Id + dns.Flags + dns.AdditionalCount + record.Data.Length + record.TimeToLive + (record.IsComplete ? 1 : 0);
        for (int version = 1; version <= 2; version++)
        {
            LinuxCookedView cooked = new(bytes, version);
            sum += cooked.Protocol + cooked.AddressLength + cooked.Address.Length + cooked.InterfaceIndex + cooked.Payload.Length + (int)cooked.PacketType;
        }

        return sum;
    }
}
