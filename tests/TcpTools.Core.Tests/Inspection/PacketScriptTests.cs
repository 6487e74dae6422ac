using System;
using System.Linq;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Tests.Packets;
using TcpTools.Tests.Wire;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Inspection;

/// <summary>The pipeline that makes a packet again. That it does, the tests of the cmdlets show.</summary>
public class PacketScriptTests
{
    [Fact]
    public void Only_what_is_not_the_default_is_said()
    {
        Packet packet = new EthernetLayer { Source = new(0x020000000001), Destination = new(0x020000000002) }
            / new IPv4Layer { Destination = NetworkAddress.Parse("10.0.0.2"), Source = NetworkAddress.Parse("10.0.0.1"), DontFragment = true, Checksum = 0xBEEF }
            / new TcpLayer { Flags = TcpFlags.Syn | TcpFlags.Ack, Sequence = 7, Options = [new TcpMaximumSegmentSizeOption(1460), new TcpSackPermittedOption()] }
            / "it's\r\n$5";
        Assert.Equal(
            """
            New-EthernetFrame 02:00:00:00:00:02 02:00:00:00:00:01 |
                New-IPPacket 10.0.0.2 10.0.0.1 -DontFragment -Checksum 48879 |
                New-TcpSegment 80 20 -Flags 'Syn,Ack' -Sequence 7 -Option 'mss 1460', 'sackOK' -Data "it's`r`n`$5"
            """,
            PacketScript.Write(packet));
    }

    [Fact]
    public void What_no_parameter_can_say_is_set_on_the_layers()
    {
        Packet packet = new IPv4Layer { ReservedFlag = true, Trailer = [0, 0] } / new UdpLayer();
        Assert.Equal(
            """
            New-IPPacket 127.0.0.1 127.0.0.1 |
                New-UdpDatagram 53 53 |
                ForEach-Object { $_.Layers[0].ReservedFlag = $true; $_.Layers[0].Trailer = [Convert]::FromHexString('0000'); $_ }
            """,
            PacketScript.Write(packet));
        Assert.Equal(
            """
            [TcpTools.Packets.Packet]::Of([TcpTools.Packets.VlanLayer]@{ Priority = 3; VlanId = 7 }) |
                ForEach-Object { $_ / 'abc' }
            """,
            PacketScript.Write(new VlanLayer { VlanId = 7, Priority = 3 } / "abc"));
    }

    [Fact]
    public void A_quotation_is_a_pipeline_in_brackets()
    {
        Packet quoted = new IPv4Layer() / new UdpLayer();
        Packet packet = new IPv4Layer() / new IcmpLayer { Type = 3, Code = 3, Quoted = quoted };
        Assert.Equal(
            """
            New-IPPacket 127.0.0.1 127.0.0.1 |
                New-IcmpMessage 3 3 -Quoted (New-IPPacket 127.0.0.1 127.0.0.1 |
                    New-UdpDatagram 53 53)
            """,
            PacketScript.Write(packet));
    }

    [Fact]
    public void Sound_packets_never_need_bytes()
    {
        RandomPackets random = new(35);
        Assert.All(
            Enumerable.Range(0, 500).Select(_ => PacketScript.Write(random.NextFrame())),
            script => Assert.StartsWith("New-EthernetFrame ", script, StringComparison.Ordinal));
    }

    [Fact]
    public void Any_bytes_can_be_written() => new ByteMutator(36).Run(SampleFrames.Packets, 3_000, static bytes =>
    {
        string script = PacketScript.Write(Packet.Parse(bytes));
        if (script.StartsWith("ConvertFrom-PacketBytes", StringComparison.Ordinal))
        {
            Assert.Equal(bytes.Length == 0 ? "0x" : Convert.ToHexStringLower(bytes), script.Split('\'')[1]);
        }
    });
}
