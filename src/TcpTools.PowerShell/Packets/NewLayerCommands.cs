using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds Ethernet frames.</summary>
[Cmdlet(VerbsCommon.New, "EthernetFrame")]
[OutputType(typeof(Packet))]
public sealed class NewEthernetFrameCommand : PacketCmdlet
{
    /// <summary>The station it goes to.</summary>
    [Parameter(Position = 0)]
    [MacAddressSetTransform]
    public MacAddress[]? Destination { get; set; }

    /// <summary>The station it comes from.</summary>
    [Parameter(Position = 1)]
    [MacAddressSetTransform]
    public MacAddress[]? Source { get; set; }

    /// <summary>The type field, instead of the computed one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? EtherType { get; set; }

    /// <summary>The VLAN of a tag.</summary>
    [Parameter]
    [NumberSetTransform(4095)]
    public NumberSet? VlanId { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Product<EthernetLayer> frames = new Product<EthernetLayer>()
            .With(Destination, (ethernet, address) => ethernet.Destination = address)
            .With(Source, (ethernet, address) => ethernet.Source = address);
        if (VlanId is null)
        {
            Emit(frames.With(EtherType, (ethernet, type) => ethernet.EtherType = (ushort)type));
            return;
        }

        Packet? outer = InputObject;
        foreach (EthernetLayer ethernet in frames.Make(static () => new EthernetLayer()))
        {
            InputObject = outer is null ? new Packet([ethernet]) : outer / ethernet;
            Emit(new Product<VlanLayer>()
                .With(VlanId, (tag, id) => tag.VlanId = (ushort)id)
                .With(EtherType, (tag, type) => tag.EtherType = (ushort)type));
        }
    }
}

/// <summary>Builds UDP datagrams.</summary>
[Cmdlet(VerbsCommon.New, "UdpDatagram")]
[OutputType(typeof(Packet))]
public sealed class NewUdpDatagramCommand : PacketCmdlet
{
    /// <summary>The port it goes to.</summary>
    [Parameter(Position = 0)]
    [NumberSetTransform(ushort.MaxValue)]
    [Alias("Port")]
    public NumberSet? DestinationPort { get; set; }

    /// <summary>The port it comes from.</summary>
    [Parameter(Position = 1)]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? SourcePort { get; set; }

    /// <summary>The length, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Length { get; set; }

    /// <summary>The checksum, instead of the right one; 0 for none.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Checksum { get; set; }

    /// <inheritdoc/>
    protected override void Process() => Emit(new Product<UdpLayer>()
        .With(DestinationPort, (udp, port) => udp.DestinationPort = (ushort)port)
        .With(SourcePort, (udp, port) => udp.SourcePort = (ushort)port)
        .With(Length, (udp, length) => udp.Length = (ushort)length)
        .With(Checksum, (udp, checksum) => udp.Checksum = (ushort)checksum));
}

/// <summary>Builds ARP messages.</summary>
[Cmdlet(VerbsCommon.New, "ArpPacket")]
[OutputType(typeof(Packet))]
public sealed class NewArpPacketCommand : PacketCmdlet
{
    /// <summary>The address asked for.</summary>
    [Parameter(Position = 0)]
    [AddressSetTransform]
    [Alias("TargetAddress")]
    public AddressSet? Target { get; set; }

    /// <summary>The address of who asks.</summary>
    [Parameter(Position = 1)]
    [AddressSetTransform]
    [Alias("SenderAddress")]
    public AddressSet? Sender { get; set; }

    /// <summary>The station that asks.</summary>
    [Parameter]
    [MacAddressSetTransform]
    public MacAddress[]? SenderHardware { get; set; }

    /// <summary>The station asked for.</summary>
    [Parameter]
    [MacAddressSetTransform]
    public MacAddress[]? TargetHardware { get; set; }

    /// <summary>A reply instead of a request.</summary>
    [Parameter]
    public SwitchParameter Reply { get; set; }

    /// <inheritdoc/>
    protected override void Process() => Emit(new Product<ArpLayer>()
        .With([Reply ? ArpOperation.Reply : ArpOperation.Request], (arp, operation) => arp.Operation = operation)
        .With(Target, (arp, address) => arp.TargetProtocol = address)
        .With(Sender, (arp, address) => arp.SenderProtocol = address)
        .With(SenderHardware, (arp, address) => arp.SenderHardware = address)
        .With(TargetHardware, (arp, address) => arp.TargetHardware = address));
}
