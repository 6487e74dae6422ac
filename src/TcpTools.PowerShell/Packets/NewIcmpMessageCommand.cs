using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds messages of ICMP for IPv4 and for IPv6.</summary>
[Cmdlet(VerbsCommon.New, "IcmpMessage")]
[OutputType(typeof(Packet))]
public sealed class NewIcmpMessageCommand : PacketCmdlet
{
    /// <summary>The type: a name or a number.</summary>
    [Parameter(Position = 0)]
    [ArgumentCompleter(typeof(IcmpTypeCompleter))]
    public string[]? Type { get; set; }

    /// <summary>The code: a name or a number.</summary>
    [Parameter(Position = 1)]
    [ArgumentCompleter(typeof(IcmpCodeCompleter))]
    public string[]? Code { get; set; }

    /// <summary>The version of IP where no packet around it decides: 4 or 6.</summary>
    [Parameter]
    [ValidateSet("4", "6")]
    public string? Version { get; set; }

    /// <summary>The identifier of an echo.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    [Alias("Id")]
    public NumberSet? Identifier { get; set; }

    /// <summary>The sequence number of an echo.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    [Alias("Seq")]
    public NumberSet? Sequence { get; set; }

    /// <summary>The next hop's MTU in "fragmentation needed" and in "packet too big".</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Mtu")]
    public NumberSet? NextHopMtu { get; set; }

    /// <summary>The better gateway in a redirect of IPv4.</summary>
    [Parameter]
    [AddressSetTransform]
    public AddressSet? Gateway { get; set; }

    /// <summary>The byte with the error in a parameter problem.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    public NumberSet? Pointer { get; set; }

    /// <summary>The address in question in a neighbor solicitation or advertisement.</summary>
    [Parameter]
    [AddressSetTransform]
    public AddressSet? Target { get; set; }

    /// <summary>The station with the address in question.</summary>
    [Parameter]
    [MacAddressSetTransform]
    public MacAddress[]? TargetHardware { get; set; }

    /// <summary>The station that asks.</summary>
    [Parameter]
    [MacAddressSetTransform]
    public MacAddress[]? SourceHardware { get; set; }

    /// <summary>The bits of a neighbor advertisement.</summary>
    [Parameter]
    [ValidateSet("Router", "Solicited", "Override")]
    public string[] NeighborFlag { get; set; } = [];

    /// <summary>Options of neighbor discovery, as objects or as bytes.</summary>
    [Parameter]
    public object[] Option { get; set; } = [];

    /// <summary>The packet that an error is about.</summary>
    [Parameter]
    [PacketTransform]
    public Packet? Quoted { get; set; }

    /// <summary>The objects behind the quotation.</summary>
    [Parameter]
    [IcmpExtensionTransform]
    [ArgumentCompleter(typeof(IcmpExtensionCompleter))]
    public IcmpExtensionObject[] Extension { get; set; } = [];

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Checksum { get; set; }

    private bool IsVersion6 => Version is not null ? Version == "6" : InputObject?.Layers.OfType<IPLayer>().LastOrDefault() is IPv6Layer;

    /// <inheritdoc/>
    protected override void Process()
    {
        CheckVersion();
        Product<IcmpMessageLayer> product = new Product<IcmpMessageLayer>()
            .With([Quoted], (icmp, quoted) => icmp.Quoted = quoted?.Copy())
            .With((IsVersion6 ? IcmpNames.Types6 : IcmpNames.Types).Read(Type), (icmp, type) => icmp.Type = (byte)type)
            .With((IsVersion6 ? IcmpNames.Codes6 : IcmpNames.Codes).Read(Code), (icmp, code) => icmp.Code = (byte)code)
            .With(Identifier, (icmp, identifier) => icmp.Identifier = (ushort)identifier)
            .With(Sequence, (icmp, sequence) => icmp.Sequence = (ushort)sequence)
            .With(NextHopMtu, SetMtu)
            .With(Gateway, (icmp, gateway) => ((IcmpLayer)icmp).Gateway = gateway)
            .With(Pointer, SetPointer)
            .With(Target, (icmp, target) => ((Icmpv6Layer)icmp).Target = target)
            .With(SourceHardware, (icmp, address) => ((Icmpv6Layer)icmp).Options.Add(new NeighborLinkAddressOption(address)))
            .With(TargetHardware, (icmp, address) => ((Icmpv6Layer)icmp).Options.Add(new NeighborLinkAddressOption(address, ofTarget: true)))
            .With(Checksum, (icmp, checksum) => icmp.Checksum = (ushort)checksum);
        Emit(product.Make(Create));
    }

    private IcmpMessageLayer Create()
    {
        if (!IsVersion6)
        {
            return new IcmpLayer { Extensions = [.. Extension] };
        }

        return new Icmpv6Layer
        {
            Extensions = [.. Extension],
            IsRouter = HasFlag("Router"),
            IsSolicited = HasFlag("Solicited"),
            IsOverride = HasFlag("Override"),
            Options = [.. Option.Select(ReadOption)],
        };
    }

    private bool HasFlag(string name) => NeighborFlag.Contains(name, StringComparer.OrdinalIgnoreCase);

    private void CheckVersion()
    {
        string[] wrong = IsVersion6
            ? [nameof(Gateway)]
            : [nameof(Target), nameof(TargetHardware), nameof(SourceHardware), nameof(NeighborFlag), nameof(Option)];
        if (wrong.FirstOrDefault(Has) is { } name)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"-{name} belongs to ICMP for IPv{(IsVersion6 ? 4 : 6)}.",
                "The version follows from the packet that is piped in, or from -Version.");
        }

        if (Gateway?.Any(address => !address.IsIPv4) == true || Target?.Any(address => !address.IsIPv6) == true)
        {
            throw new StackException(
                StackError.InvalidArgument, "A gateway of a redirect is an IPv4 address, a target of neighbor discovery one of IPv6.", "");
        }

        if (!IsVersion6 && (NextHopMtu?.IsWithin(0, ushort.MaxValue) == false || Pointer?.IsWithin(0, byte.MaxValue) == false))
        {
            throw new StackException(
                StackError.InvalidArgument, "In IPv4, an MTU goes from 0 to 65535 and a pointer from 0 to 255.", "");
        }
    }

    private static void SetMtu(IcmpMessageLayer icmp, ulong mtu)
    {
        if (icmp is Icmpv6Layer version6)
        {
            version6.Mtu = (uint)mtu;
        }
        else
        {
            ((IcmpLayer)icmp).NextHopMtu = (ushort)mtu;
        }
    }

    private static void SetPointer(IcmpMessageLayer icmp, ulong pointer)
    {
        if (icmp is Icmpv6Layer version6)
        {
            version6.Pointer = (uint)pointer;
        }
        else
        {
            ((IcmpLayer)icmp).Pointer = (byte)pointer;
        }
    }

    private static NeighborOption ReadOption(object option)
    {
        object plain = option is PSObject wrapped ? wrapped.BaseObject : option;
        return plain switch
        {
            NeighborOption already => already,
            byte[] raw => NeighborOption.FromBytes(raw),
            _ => throw new StackException(
                StackError.InvalidArgument,
                $"{Lookup.Show(plain)} is no option of neighbor discovery.",
                "Make one, such as [TcpTools.Packets.NeighborMtuOption]::new(1500), or give its bytes."),
        };
    }
}
