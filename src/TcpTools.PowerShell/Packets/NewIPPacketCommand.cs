using System.Management.Automation;
using System.Net;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds an IPv4 packet.</summary>
[Cmdlet(VerbsCommon.New, "IPPacket")]
[OutputType(typeof(Packet))]
public sealed class NewIPPacketCommand : PacketCmdlet
{
    /// <summary>The address it goes to.</summary>
    [Parameter(Position = 0)]
    [AddressTransform]
    [ArgumentCompleter(typeof(PeerAddressCompleter))]
    public IPAddress? Destination { get; set; }

    /// <summary>The address it comes from.</summary>
    [Parameter(Position = 1)]
    [AddressTransform]
    [ArgumentCompleter(typeof(OwnAddressCompleter))]
    public IPAddress? Source { get; set; }

    /// <summary>How many routers it may pass.</summary>
    [Parameter]
    [Alias("Ttl")]
    public byte TimeToLive { get; set; } = 64;

    /// <summary>The identification field.</summary>
    [Parameter]
    [Alias("Id")]
    public ushort Identification { get; set; }

    /// <summary>Routers may not split it.</summary>
    [Parameter]
    [Alias("DF")]
    public SwitchParameter DontFragment { get; set; }

    /// <summary>More fragments follow.</summary>
    [Parameter]
    [Alias("MF")]
    public SwitchParameter MoreFragments { get; set; }

    /// <summary>Where the fragment's data belongs, in bytes.</summary>
    [Parameter]
    [ValidateRange(0, 65528)]
    public int FragmentOffset { get; set; }

    /// <summary>The type of service byte.</summary>
    [Parameter]
    [Alias("Tos")]
    public byte TypeOfService { get; set; }

    /// <summary>The protocol number, instead of the computed one.</summary>
    [Parameter]
    public byte Protocol { get; set; }

    /// <summary>The header checksum, instead of the right one.</summary>
    [Parameter]
    public ushort Checksum { get; set; }

    /// <summary>The total length, instead of the right one.</summary>
    [Parameter]
    public ushort TotalLength { get; set; }

    /// <summary>The header length in bytes, instead of the right one.</summary>
    [Parameter]
    [ValidateRange(0, 60)]
    public int HeaderLength { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IPv4Layer ip = new()
        {
            TimeToLive = TimeToLive,
            DontFragment = DontFragment,
            MoreFragments = MoreFragments,
            FragmentOffset = FragmentOffset,
            TypeOfService = TypeOfService,
        };
        ip.Source = Source is null ? DefaultSource(ip.Source) : IPv4(Source);
        ip.Destination = Destination is null ? ip.Destination : IPv4(Destination);
        ip.Identification = Has(nameof(Identification)) ? Identification : ip.Identification;
        ip.Protocol = Has(nameof(Protocol)) ? Protocol : null;
        ip.Checksum = Has(nameof(Checksum)) ? Checksum : null;
        ip.TotalLength = Has(nameof(TotalLength)) ? TotalLength : null;
        ip.HeaderLength = Has(nameof(HeaderLength)) ? HeaderLength : null;
        Emit(ip);
    }

    /// <summary>Our own address, where there is a stack: what most people mean when they name only the destination.</summary>
    private static NetworkAddress DefaultSource(NetworkAddress otherwise) =>
        State.DefaultStack is { Addresses: [{ Address.IsIPv4: true } first, ..] } ? first.Address : otherwise;

    private static NetworkAddress IPv4(IPAddress address)
    {
        NetworkAddress value = NetworkAddress.From(address);
        return value.IsIPv4
            ? value
            : throw new StackException(StackError.InvalidArgument, $"{address} is no IPv4 address, and IPv6 packets are not built yet.");
    }
}
