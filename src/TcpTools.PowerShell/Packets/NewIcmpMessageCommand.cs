using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds ICMP messages.</summary>
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

    /// <summary>The next hop's MTU in "fragmentation needed".</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    [Alias("Mtu")]
    public NumberSet? NextHopMtu { get; set; }

    /// <summary>The better gateway in a redirect.</summary>
    [Parameter]
    [AddressSetTransform]
    public AddressSet? Gateway { get; set; }

    /// <summary>The byte with the error in a parameter problem.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    public NumberSet? Pointer { get; set; }

    /// <summary>The packet that an error is about.</summary>
    [Parameter]
    [PacketTransform]
    public Packet? Quoted { get; set; }

    /// <summary>The checksum, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Checksum { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (Gateway?.Any(address => !address.IsIPv4) == true)
        {
            throw new StackException(StackError.InvalidArgument, "The gateway of a redirect is an IPv4 address here.", "Give -Gateway an address such as 10.0.0.254.");
        }

        Emit(new Product<IcmpLayer>()
            .With([Quoted], (icmp, quoted) => icmp.Quoted = quoted?.Copy())
            .With(IcmpNames.Types.Read(Type), (icmp, type) => icmp.Type = (byte)type)
            .With(IcmpNames.Codes.Read(Code), (icmp, code) => icmp.Code = (byte)code)
            .With(Identifier, (icmp, identifier) => icmp.Identifier = (ushort)identifier)
            .With(Sequence, (icmp, sequence) => icmp.Sequence = (ushort)sequence)
            .With(NextHopMtu, (icmp, mtu) => icmp.NextHopMtu = (ushort)mtu)
            .With(Gateway, (icmp, gateway) => icmp.Gateway = gateway)
            .With(Pointer, (icmp, pointer) => icmp.Pointer = (byte)pointer)
            .With(Checksum, (icmp, checksum) => icmp.Checksum = (ushort)checksum));
    }
}
