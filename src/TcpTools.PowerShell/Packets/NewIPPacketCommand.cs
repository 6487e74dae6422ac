using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Builds IP packets of either version.</summary>
[Cmdlet(VerbsCommon.New, "IPPacket")]
[OutputType(typeof(Packet))]
public sealed class NewIPPacketCommand : PacketCmdlet
{
    /// <summary>The address it goes to; decides the version.</summary>
    [Parameter(Position = 0)]
    [AddressSetTransform]
    [ArgumentCompleter(typeof(PeerAddressCompleter))]
    [Alias("DestinationAddress")]
    public AddressSet? Destination { get; set; }

    /// <summary>The address it comes from.</summary>
    [Parameter(Position = 1)]
    [AddressSetTransform]
    [ArgumentCompleter(typeof(OwnAddressCompleter))]
    [Alias("SourceAddress")]
    public AddressSet? Source { get; set; }

    /// <summary>The version where no address decides it: 4 or 6.</summary>
    [Parameter]
    [ValidateSet("4", "6")]
    public string? Version { get; set; }

    /// <summary>How many routers it may pass.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    [Alias("Ttl", "HopLimit")]
    public NumberSet? TimeToLive { get; set; }

    /// <summary>The identification field.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Id")]
    public NumberSet? Identification { get; set; }

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
    [NumberSetTransform(65528)]
    public NumberSet? FragmentOffset { get; set; }

    /// <summary>The type of service byte, or the traffic class.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    [Alias("Tos", "TrafficClass")]
    public NumberSet? TypeOfService { get; set; }

    /// <summary>The flow label of IPv6.</summary>
    [Parameter]
    [NumberSetTransform(0xFFFFF)]
    public NumberSet? FlowLabel { get; set; }

    /// <summary>The protocol number, instead of the computed one.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    [Alias("NextHeader")]
    public NumberSet? Protocol { get; set; }

    /// <summary>The header checksum of IPv4, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    public NumberSet? Checksum { get; set; }

    /// <summary>The total length, or IPv6's payload length, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(ushort.MaxValue)]
    [Alias("PayloadLength")]
    public NumberSet? TotalLength { get; set; }

    /// <summary>The header length of IPv4 in bytes, instead of the right one.</summary>
    [Parameter]
    [NumberSetTransform(60)]
    public NumberSet? HeaderLength { get; set; }

    /// <summary>The options of IPv4 in order.</summary>
    [Parameter]
    [IPOptionTransform]
    [ArgumentCompleter(typeof(IPOptionCompleter))]
    public IPOption[] Option { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        Packet? outer = InputObject;
        bool isMade = false;
        Product<IPHeaderDraft> product = new Product<IPHeaderDraft>()
            .With(Destination, (draft, address) => draft.Destination = address)
            .With(Source, (draft, address) => draft.Source = address)
            .With(TimeToLive, (draft, value) => draft.TimeToLive = (byte)value)
            .With(TypeOfService, (draft, value) => draft.TypeOfService = (byte)value)
            .With(FlowLabel, (draft, value) => draft.FlowLabel = (uint)value)
            .With(Identification, (draft, value) => draft.Identification = (uint)value)
            .With(FragmentOffset, (draft, value) => draft.FragmentOffset = (int)value)
            .With(Protocol, (draft, value) => draft.Protocol = (byte)value)
            .With(Checksum, (draft, value) => draft.Checksum = (ushort)value)
            .With(TotalLength, (draft, value) => draft.TotalLength = (ushort)value)
            .With(HeaderLength, (draft, value) => draft.HeaderLength = (int)value);
        foreach (IPHeaderDraft draft in product.Make(NewDraft))
        {
            // Of sources and destinations of both versions, those of the same version go together.
            if (draft.IsMixed)
            {
                continue;
            }

            isMade = true;
            PacketLayer[] layers = draft.Build();
            InputObject = layers.Length == 1 ? outer : (outer ?? new Packet()) / new Packet(layers[..^1]);
            Emit(layers[^1]);
        }

        if (!isMade)
        {
            throw new StackException(
                StackError.InvalidArgument, "Source and destination are not of the same IP version.", "Give both as IPv4 or both as IPv6.");
        }
    }

    private IPHeaderDraft NewDraft() => new()
    {
        Version = Version switch { "4" => 4, "6" => 6, _ => null },
        DontFragment = DontFragment,
        MoreFragments = MoreFragments,
        Options = Option,
        OwnAddresses = State.DefaultStack?.Addresses.Select(own => own.Address).ToArray() ?? [],
    };
}
