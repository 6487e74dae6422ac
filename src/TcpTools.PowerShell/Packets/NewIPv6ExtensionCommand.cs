using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Extension headers of IPv6.</summary>
public enum IPv6Extension
{
    /// <summary>Options that every node on the way looks at.</summary>
    HopByHop,

    /// <summary>Options for the destination.</summary>
    DestinationOptions,

    /// <summary>Waypoints.</summary>
    Routing,

    /// <summary>Which part of a packet this is.</summary>
    Fragment,

    /// <summary>A code that proves the sender.</summary>
    Authentication,
}

/// <summary>Builds extension headers of IPv6.</summary>
[Cmdlet(VerbsCommon.New, "IPv6Extension")]
[OutputType(typeof(Packet))]
public sealed class NewIPv6ExtensionCommand : PacketCmdlet
{
    /// <summary>Which header.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public IPv6Extension Type { get; set; }

    /// <summary>The options of a hop-by-hop or destination options header.</summary>
    [Parameter]
    [IPv6OptionTransform]
    [ArgumentCompleter(typeof(IPv6OptionCompleter))]
    public IPv6Option[] Option { get; set; } = [];

    /// <summary>The addresses of a routing header, as they stand in it.</summary>
    [Parameter]
    [AddressSetTransform]
    public AddressSet? Address { get; set; }

    /// <summary>The type of a routing header.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    public NumberSet? RoutingType { get; set; }

    /// <summary>How many waypoints are ahead, instead of the computed number.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    public NumberSet? SegmentsLeft { get; set; }

    /// <summary>Where the fragment's data belongs, in bytes.</summary>
    [Parameter]
    [NumberSetTransform(65528)]
    public NumberSet? FragmentOffset { get; set; }

    /// <summary>More fragments follow.</summary>
    [Parameter]
    [Alias("MF")]
    public SwitchParameter MoreFragments { get; set; }

    /// <summary>What fragments of one packet have in common.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Id")]
    public NumberSet? Identification { get; set; }

    /// <summary>The security parameters index.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Spi")]
    public NumberSet? SecurityParametersIndex { get; set; }

    /// <summary>The sequence number against replays.</summary>
    [Parameter]
    [NumberSetTransform(uint.MaxValue)]
    [Alias("Seq")]
    public NumberSet? Sequence { get; set; }

    /// <summary>The integrity check value.</summary>
    [Parameter]
    public byte[]? IntegrityCheckValue { get; set; }

    /// <summary>The number of what follows, instead of the computed one.</summary>
    [Parameter]
    [NumberSetTransform(byte.MaxValue)]
    public NumberSet? NextHeader { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        CheckParameters();
        IEnumerable<PacketLayer> layers = Type switch
        {
            IPv6Extension.HopByHop => Make(new Product<HopByHopLayer>().With([Option], (layer, options) => layer.Options = [.. options])),
            IPv6Extension.DestinationOptions => Make(new Product<DestinationOptionsLayer>().With([Option], (layer, options) => layer.Options = [.. options])),
            IPv6Extension.Routing => Make(new Product<RoutingLayer>()
                .With(RoutingType, (layer, type) => layer.RoutingType = (byte)type)
                .With(Address is null ? null : new[] { Waypoints() }, (layer, addresses) => layer.Addresses = addresses)
                .With(SegmentsLeft, (layer, left) => layer.SegmentsLeft = (byte)left)),
            IPv6Extension.Fragment => Make(new Product<FragmentLayer>()
                .With([MoreFragments.IsPresent], (layer, more) => layer.MoreFragments = more)
                .With(FragmentOffset, (layer, offset) => layer.FragmentOffset = (int)offset)
                .With(Identification, (layer, identification) => layer.Identification = (uint)identification)),
            _ => Make(new Product<AuthenticationLayer>()
                .With(IntegrityCheckValue is null ? null : new[] { IntegrityCheckValue }, (layer, value) => layer.IntegrityCheckValue = [.. value])
                .With(SecurityParametersIndex, (layer, index) => layer.SecurityParametersIndex = (uint)index)
                .With(Sequence, (layer, sequence) => layer.Sequence = (uint)sequence)),
        };
        Emit(layers);
    }

    private IEnumerable<PacketLayer> Make<T>(Product<T> product)
        where T : IPv6ExtensionLayer, new() =>
        product.With(NextHeader, (layer, next) => layer.NextHeader = (byte)next).Make(static () => new T());

    private NetworkAddress[] Waypoints()
    {
        const int Most = 127;
        NetworkAddress[] addresses = [.. Address!.Take(Most + 1)];
        return addresses.Length <= Most && Array.TrueForAll(addresses, address => address.IsIPv6) ? addresses : throw new StackException(
            StackError.InvalidArgument, $"A routing header has up to {Most} addresses of IPv6.", "Name the waypoints one by one.");
    }

    private void CheckParameters()
    {
        string[] common = [nameof(Type), nameof(NextHeader), nameof(InputObject), nameof(Data), nameof(Encoding)];
        string[] own = Type switch
        {
            IPv6Extension.HopByHop or IPv6Extension.DestinationOptions => [nameof(Option)],
            IPv6Extension.Routing => [nameof(Address), nameof(RoutingType), nameof(SegmentsLeft)],
            IPv6Extension.Fragment => [nameof(FragmentOffset), nameof(MoreFragments), nameof(Identification)],
            _ => [nameof(SecurityParametersIndex), nameof(Sequence), nameof(IntegrityCheckValue)],
        };
        HashSet<string> known = [.. GetType().GetProperties().Where(property => property.DeclaringType == GetType()).Select(property => property.Name)];
        string? wrong = MyInvocation.BoundParameters.Keys.FirstOrDefault(name => known.Contains(name) && !common.Contains(name) && !own.Contains(name));
        if (wrong is not null)
        {
            throw new StackException(
                StackError.InvalidArgument, $"A {Type} header has no {wrong}.", $"It takes -{string.Join(", -", own.Append(nameof(NextHeader)))}.");
        }
    }
}

/// <summary>Lets a parameter take options of IPv6 as text: 'RouterAlert 0', 'Jumbo 70000', 'PadN 4', 'unknown-77 0x01'; or as bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IPv6OptionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            // An array of bytes is one option as it is on the wire.
            return value is System.Collections.IEnumerable many and not (string or byte[]) ? many.Cast<object>().Select(One).ToArray() : new[] { One(value) };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static IPv6Option One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            IPv6Option option => option,
            byte[] raw => IPv6Option.FromBytes(raw),
            _ => IPv6Option.Parse(plain?.ToString() ?? ""),
        };
    }
}

/// <summary>Completes options of IPv6 as text.</summary>
public sealed class IPv6OptionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(System.Collections.IDictionary bound) =>
    [
        ("RouterAlert 0", "routers are to look at the packet"),
        ("Jumbo 70000", "payload longer than 65535 bytes"),
        ("HomeAddress 2001:db8::1", "a mobile node's home"),
        ("PadN 4", "filling of four bytes"),
        ("Pad1", "filling of one byte"),
        ("unknown-77 0x0102", "any kind with any data"),
    ];
}
