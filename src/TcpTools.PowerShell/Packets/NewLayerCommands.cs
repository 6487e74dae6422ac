using System.Management.Automation;
using System.Net;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds an Ethernet frame.</summary>
[Cmdlet(VerbsCommon.New, "EthernetFrame")]
[OutputType(typeof(Packet))]
public sealed class NewEthernetFrameCommand : PacketCmdlet
{
    /// <summary>The station it goes to.</summary>
    [Parameter(Position = 0)]
    [MacAddressTransform]
    public MacAddress Destination { get; set; } = MacAddress.Broadcast;

    /// <summary>The station it comes from.</summary>
    [Parameter(Position = 1)]
    [MacAddressTransform]
    public MacAddress Source { get; set; }

    /// <summary>The type field, instead of the computed one.</summary>
    [Parameter]
    public ushort EtherType { get; set; }

    /// <summary>The VLAN of a tag.</summary>
    [Parameter]
    [ValidateRange(0, 4095)]
    public int VlanId { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        EthernetLayer ethernet = new() { Destination = Destination, Source = Source };
        if (!Has(nameof(VlanId)))
        {
            ethernet.EtherType = Has(nameof(EtherType)) ? EtherType : null;
            Emit(ethernet);
            return;
        }

        VlanLayer tag = new() { VlanId = (ushort)VlanId, EtherType = Has(nameof(EtherType)) ? EtherType : null };
        InputObject = InputObject is null ? Packet.Of(ethernet) : InputObject / Packet.Of(ethernet);
        Emit(tag);
    }
}

/// <summary>Builds a UDP datagram.</summary>
[Cmdlet(VerbsCommon.New, "UdpDatagram")]
[OutputType(typeof(Packet))]
public sealed class NewUdpDatagramCommand : PacketCmdlet
{
    /// <summary>The port it goes to.</summary>
    [Parameter(Position = 0)]
    public ushort DestinationPort { get; set; } = 53;

    /// <summary>The port it comes from.</summary>
    [Parameter(Position = 1)]
    public ushort SourcePort { get; set; } = 53;

    /// <summary>The length, instead of the right one.</summary>
    [Parameter]
    public ushort Length { get; set; }

    /// <summary>The checksum, instead of the right one; 0 for none.</summary>
    [Parameter]
    public ushort Checksum { get; set; }

    /// <inheritdoc/>
    protected override void Process() => Emit(new UdpLayer
    {
        SourcePort = SourcePort,
        DestinationPort = DestinationPort,
        Length = Has(nameof(Length)) ? Length : null,
        Checksum = Has(nameof(Checksum)) ? Checksum : null,
    });
}

/// <summary>Builds an ICMP message.</summary>
[Cmdlet(VerbsCommon.New, "IcmpMessage")]
[OutputType(typeof(Packet))]
public sealed class NewIcmpMessageCommand : PacketCmdlet
{
    /// <summary>The type: 8 for an echo request.</summary>
    [Parameter(Position = 0)]
    public byte Type { get; set; } = 8;

    /// <summary>The code.</summary>
    [Parameter(Position = 1)]
    public byte Code { get; set; }

    /// <summary>The identifier of an echo.</summary>
    [Parameter]
    public ushort Identifier { get; set; }

    /// <summary>The sequence number of an echo.</summary>
    [Parameter]
    public ushort Sequence { get; set; }

    /// <summary>The next hop's MTU in "fragmentation needed".</summary>
    [Parameter]
    public ushort NextHopMtu { get; set; }

    /// <summary>The packet that an error is about.</summary>
    [Parameter]
    [PacketTransform]
    public Packet? Quoted { get; set; }

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    public ushort Checksum { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IcmpLayer icmp = new()
        {
            Type = Type,
            Code = Code,
            Identifier = Identifier,
            Sequence = Sequence,
            Quoted = Quoted?.Copy(),
            Checksum = Has(nameof(Checksum)) ? Checksum : null,
        };
        if (Has(nameof(NextHopMtu)))
        {
            icmp.NextHopMtu = NextHopMtu;
        }

        Emit(icmp);
    }
}

/// <summary>Builds an ARP message.</summary>
[Cmdlet(VerbsCommon.New, "ArpPacket")]
[OutputType(typeof(Packet))]
public sealed class NewArpPacketCommand : PacketCmdlet
{
    /// <summary>The address asked for.</summary>
    [Parameter(Position = 0)]
    [AddressTransform]
    [Alias("TargetAddress")]
    public IPAddress? Target { get; set; }

    /// <summary>The address of who asks.</summary>
    [Parameter(Position = 1)]
    [AddressTransform]
    [Alias("SenderAddress")]
    public IPAddress? Sender { get; set; }

    /// <summary>The station that asks.</summary>
    [Parameter]
    [MacAddressTransform]
    public MacAddress SenderHardware { get; set; }

    /// <summary>The station asked for.</summary>
    [Parameter]
    [MacAddressTransform]
    public MacAddress TargetHardware { get; set; }

    /// <summary>A reply instead of a request.</summary>
    [Parameter]
    public SwitchParameter Reply { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        const ushort Request = 1;
        const ushort Answer = 2;
        ArpLayer arp = new()
        {
            Operation = Reply ? Answer : Request,
            SenderHardware = SenderHardware,
            TargetHardware = TargetHardware,
        };
        if (Target is not null)
        {
            arp.TargetProtocol = NetworkAddress.From(Target);
        }

        if (Sender is not null)
        {
            arp.SenderProtocol = NetworkAddress.From(Sender);
        }

        Emit(arp);
    }
}
