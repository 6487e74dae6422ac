using System;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Wire;

public class ViewTests
{
    [Fact]
    public void A_SYN_of_Linux_is_read_field_by_field()
    {
        IPv4View ip = new(SampleFrames.LinuxSynPacket);
        Assert.True(ip.IsValid && ip.IsChecksumValid && ip.DontFragment && !ip.MoreFragments && !ip.IsFragment);
        Assert.Equal((4, 20, 60, 0x1C46, 64, IPProtocol.Tcp), (ip.Version, ip.HeaderLength, ip.TotalLength, ip.Identification, ip.TimeToLive, ip.Protocol));
        Assert.Equal("172.16.10.99", ip.Source.ToString());
        Assert.Equal("172.16.10.12", ip.Destination.ToString());

        TcpView tcp = new(ip.Payload);
        Assert.True(tcp.IsValid);
        Assert.Equal((0xB2A8, 80, 0x7C3D1A22u, 0u), (tcp.SourcePort, tcp.DestinationPort, tcp.Sequence.Value, tcp.Acknowledgment.Value));
        Assert.Equal((40, TcpFlags.Syn, 64240, 0), (tcp.DataOffset, tcp.Flags, tcp.Window, tcp.UrgentPointer));
        Assert.Equal(20, tcp.Options.Length);
        Assert.True(tcp.Payload.IsEmpty);
    }

    [Fact]
    public void A_total_length_shorter_than_the_frame_cuts_off_the_padding()
    {
        byte[] padded = [.. SampleFrames.UdpPacket, 9, 9, 9];
        IPv4View ip = new(padded);
        Assert.Equal("hello"u8, new UdpView(ip.Payload).Payload);
        Assert.True(new UdpView(ip.Payload).IsChecksumValid(ip.Source, ip.Destination));
    }

    [Theory]
    [InlineData(0x44, 60, false)] // header length 16
    [InlineData(0x40, 60, false)]
    [InlineData(0x4F, 60, true)]  // all of it claimed as options
    [InlineData(0x55, 60, false)] // version 5
    [InlineData(0x45, 61, false)] // longer than what has arrived
    [InlineData(0x45, 19, false)] // shorter than the header
    [InlineData(0x46, 23, false)]
    [InlineData(0x45, 20, true)]
    public void IPv4_lengths_that_lie_are_told_and_cut(byte first, int totalLength, bool valid)
    {
        byte[] bytes = SampleFrames.LinuxSynPacket;
        bytes[0] = first;
        bytes[2] = 0;
        bytes[3] = (byte)totalLength;
        IPv4View ip = new(bytes);
        Assert.Equal(valid, ip.IsValid);
        Assert.True(ip.Payload.Length <= 40 && ip.Options.Length <= 40 && ip.Header.Length <= 60);
    }

    [Theory]
    [InlineData(0x00, false, 0, 40)]
    [InlineData(0x30, false, 0, 40)] // data offset 3: less than the fixed header
    [InlineData(0x50, true, 0, 40)]
    [InlineData(0xA0, true, 20, 20)]
    [InlineData(0xF0, true, 40, 0)]
    public void TCP_data_offsets_that_lie_are_told_and_cut(byte offset, bool valid, int options, int payload)
    {
        byte[] segment = new byte[60];
        segment[12] = offset;
        TcpView tcp = new(segment);
        Assert.Equal(valid, tcp.IsValid);
        Assert.Equal(options, tcp.Options.Length);
        Assert.Equal(payload, tcp.Payload.Length);

        TcpView tooShort = new(segment.AsSpan(0, 24));
        Assert.Equal(offset == 0x50, tooShort.IsValid);
        Assert.True(tooShort.Options.Length <= 4);
    }

    [Theory]
    [InlineData(7, false, 0)]
    [InlineData(8, true, 0)]
    [InlineData(13, true, 5)]
    [InlineData(14, false, 5)]
    [InlineData(0, false, 0)]
    [InlineData(65535, false, 5)]
    public void UDP_lengths_that_lie_are_told_and_cut(int length, bool valid, int payload)
    {
        byte[] datagram = [0, 53, 0, 53, (byte)(length >> 8), (byte)length, 0, 0, 1, 2, 3, 4, 5];
        UdpView udp = new(datagram);
        Assert.Equal(valid, udp.IsValid);
        Assert.Equal(payload, udp.Payload.Length);
    }

    [Fact]
    public void Every_prefix_of_a_frame_can_be_read_and_missing_bytes_are_zero()
    {
        foreach (byte[] frame in SampleFrames.Frames)
        {
            for (int length = 0; length <= frame.Length; length++)
            {
                ViewFuzzTests.ReadEverything(frame.AsSpan(0, length));
            }
        }

        Assert.Equal(0x1200, new TcpView([0x12]).SourcePort);
        Assert.Equal(0x12340000u, new TcpView([0, 0, 0, 0, 0x12, 0x34]).Sequence.Value);
    }

    [Fact]
    public void An_ARP_message_is_read()
    {
        EthernetView ethernet = new(SampleFrames.ArpFrame);
        Assert.True(ethernet.IsComplete && ethernet.Destination.IsBroadcast);
        ArpView arp = new(ethernet.Payload);
        Assert.True(arp.IsValid);
        Assert.Equal((ArpOperation.Request, "02:00:00:00:00:01", "10.9.0.1", "10.9.0.2"),
            (arp.Operation, arp.SenderHardware.ToString(), arp.SenderProtocol.ToString(), arp.TargetProtocol.ToString()));
        Assert.Equal(18, arp.Trailer.Length);
    }

    [Fact]
    public void ARP_address_lengths_that_lie_are_not_believed()
    {
        byte[] message = SampleFrames.ArpFrame[14..];
        message[4] = 255;
        message[5] = 255;
        ArpView arp = new(message);
        Assert.False(arp.IsValid || arp.IsComplete);
        Assert.True(arp.TargetProtocolBytes.IsEmpty && arp.TargetProtocol.IsNone);
    }

    [Fact]
    public void A_VLAN_tag_is_read_and_written()
    {
        byte[] tag = new byte[4];
        VlanTagEditor editor = new(tag) { Priority = 5, DropEligible = true, VlanId = 0xABC, EtherType = EtherType.IPv4 };
        Assert.Equal("BABC0800", Convert.ToHexString(tag));
        VlanTagView view = new(tag);
        Assert.Equal((5, true, 0xABC, EtherType.IPv4), (view.Priority, view.DropEligible, view.VlanId, view.EtherType));
        editor.Priority = 0;
        Assert.Equal(0xABC, editor.VlanId);
    }

    [Fact]
    public void What_is_written_into_a_TCP_header_is_read_back_and_touches_no_other_field() =>
        Prop.ForAll<byte[], uint, ushort>((noise, number, word) =>
        {
            byte[] bytes = [.. noise, .. new byte[20]];
            TcpEditor editor = new(bytes);
            editor.SourcePort = word;
            editor.DestinationPort = (ushort)~word;
            editor.Sequence = new(number);
            editor.Acknowledgment = new(~number);
            editor.Window = (ushort)number;
            editor.UrgentPointer = (ushort)(number >> 16);
            editor.Checksum = (ushort)(word + 1);
            editor.DataOffset = (word & 15) * 4;
            editor.Reserved = (byte)(number & 7);
            editor.Flags = (TcpFlags)(word & 0x1FF);
            TcpView view = new(bytes);
            return view.SourcePort == word && view.DestinationPort == (ushort)~word && view.Sequence.Value == number
                && view.Acknowledgment.Value == ~number && view.Window == (ushort)number
                && view.UrgentPointer == (ushort)(number >> 16) && view.Checksum == (ushort)(word + 1)
                && view.DataOffset == (word & 15) * 4 && view.Reserved == (number & 7) && (ushort)view.Flags == (word & 0x1FF)
                && bytes.AsSpan(20).SequenceEqual(((byte[])[.. noise, .. new byte[20]]).AsSpan(20));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_is_written_into_an_IPv4_header_is_read_back() => Prop.ForAll<uint, ushort, byte>((number, word, octet) =>
    {
        byte[] bytes = new byte[24];
        IPv4Editor editor = new(bytes);
        editor.Version = 4;
        editor.HeaderLength = 24;
        editor.TypeOfService = octet;
        editor.TotalLength = word;
        editor.Identification = (ushort)~word;
        editor.FragmentOffset = (word & 0x1FFF) * 8;
        editor.DontFragment = (octet & 1) != 0;
        editor.MoreFragments = (octet & 2) != 0;
        editor.ReservedFlag = (octet & 4) != 0;
        editor.TimeToLive = octet;
        editor.Protocol = (byte)~octet;
        editor.Source = NetworkAddress.FromIPv4(number);
        editor.Destination = NetworkAddress.FromIPv4(~number);
        editor.UpdateChecksum();
        IPv4View view = new(bytes);
        return view.Version == 4 && view.HeaderLength == 24 && view.TypeOfService == octet && view.TotalLength == word
            && view.Identification == (ushort)~word && view.FragmentOffset == (word & 0x1FFF) * 8
            && view.DontFragment == ((octet & 1) != 0) && view.MoreFragments == ((octet & 2) != 0)
            && view.ReservedFlag == ((octet & 4) != 0) && view.TimeToLive == octet && view.Protocol == (byte)~octet
            && view.Source.IPv4Bits == number && view.Destination.IPv4Bits == ~number && view.IsChecksumValid;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Checksums_that_editors_write_are_valid_and_a_flipped_bit_is_not() => Prop.ForAll<byte[], uint, int>((data, number, bit) =>
    {
        NetworkAddress a = NetworkAddress.FromIPv4(number);
        NetworkAddress b = NetworkAddress.FromIPv4(number + 77);
        byte[] tcp = [.. new byte[20], .. data];
        new TcpEditor(tcp) { DataOffset = 20 }.UpdateChecksum(a, b);
        byte[] udp = [.. new byte[8], .. data];
        new UdpEditor(udp) { Length = (ushort)udp.Length }.UpdateChecksum(a, b);
        byte[] icmp = [8, .. new byte[7], .. data];
        new Icmpv4Editor(icmp).UpdateChecksum();
        bool sound = new TcpView(tcp).IsChecksumValid(a, b) && new UdpView(udp).IsChecksumValid(a, b)
            && new UdpView(udp).HasChecksum && new Icmpv4View(icmp).IsValid;
        int at = (int)((uint)bit % (uint)(tcp.Length * 8));
        tcp[at / 8] ^= (byte)(1 << (at % 8));
        return sound && !new TcpView(tcp).IsChecksumValid(a, b);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Writing_outside_the_bytes_changes_nothing_and_does_not_throw()
    {
        for (int length = 0; length < 20; length++)
        {
            byte[] bytes = new byte[length];
            ViewFuzzTests.WriteEverything(bytes, 0xFF);
        }
    }

    [Theory]
    [InlineData("02:00:5e:10:00:ff", true)]
    [InlineData("02-00-5E-10-00-FF", true)]
    [InlineData("02005e1000ff", true)]
    [InlineData("02:00:5e:10:00", false)]
    [InlineData("02:00:5e:10:00:fg", false)]
    [InlineData("02.00.5e.10.00.ff", false)]
    [InlineData(null, false)]
    public void Ethernet_addresses_are_read_in_their_usual_forms(string? text, bool valid)
    {
        Assert.Equal(valid, MacAddress.TryParse(text, out MacAddress address));
        Assert.Equal(valid ? "02:00:5e:10:00:ff" : "00:00:00:00:00:00", address.ToString());
    }
}
