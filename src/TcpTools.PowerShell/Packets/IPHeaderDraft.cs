using System;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>One combination of what New-IPPacket was told, before it is known which version of IP it will be.</summary>
internal sealed class IPHeaderDraft
{
    public int? Version { get; init; }

    public NetworkAddress? Destination { get; set; }

    public NetworkAddress? Source { get; set; }

    public byte? TimeToLive { get; set; }

    public byte? TypeOfService { get; set; }

    public uint? FlowLabel { get; set; }

    public uint? Identification { get; set; }

    public bool DontFragment { get; init; }

    public bool MoreFragments { get; init; }

    public int? FragmentOffset { get; set; }

    public byte? Protocol { get; set; }

    public ushort? Checksum { get; set; }

    public ushort? TotalLength { get; set; }

    public int? HeaderLength { get; set; }

    public IPOption[] Options { get; init; } = [];

    /// <summary>Our own addresses, where there is a stack: what most people mean when they name only the destination.</summary>
    public NetworkAddress[] OwnAddresses { get; init; } = [];

    /// <summary>Whether source and destination are of different versions.</summary>
    public bool IsMixed => Source is { } source && Destination is { } destination && source.Length != destination.Length;

    private bool IsVersion6 => (Destination ?? Source)?.IsIPv6 ?? Version == 6;

    /// <summary>The header, and the fragment header that IPv6 needs for what IPv4 has in its own.</summary>
    /// <exception cref="StackException">The version has no such field.</exception>
    public PacketLayer[] Build()
    {
        if (Version is { } version && version != (IsVersion6 ? 6 : 4))
        {
            throw Impossible($"-Version {version} does not fit the addresses.");
        }

        return IsVersion6 ? BuildVersion6() : [BuildVersion4()];
    }

    private IPv4Layer BuildVersion4()
    {
        if (FlowLabel is not null)
        {
            throw Impossible("IPv4 has no flow label.");
        }

        if (Identification > ushort.MaxValue)
        {
            throw Impossible($"Identification {Identification} does not fit: in IPv4 this field goes from 0 to 65535.");
        }

        IPv4Layer ip = new()
        {
            DontFragment = DontFragment,
            MoreFragments = MoreFragments,
            FragmentOffset = FragmentOffset ?? 0,
            Protocol = Protocol,
            Checksum = Checksum,
            TotalLength = TotalLength,
            HeaderLength = HeaderLength,
            Options = [.. Options],
        };
        ip.Identification = (ushort?)Identification ?? ip.Identification;
        return Fill(ip);
    }

    private PacketLayer[] BuildVersion6()
    {
        (bool IsGiven, string Name)[] missing =
        [
            (Checksum is not null, "checksum"), (HeaderLength is not null, "header length"), (DontFragment, "flag against fragments"), (Options.Length > 0, "options of IPv4"),
        ];
        if (missing.FirstOrDefault(field => field.IsGiven).Name is { } name)
        {
            throw Impossible($"IPv6 has no {name}.");
        }

        IPv6Layer ip = new() { FlowLabel = FlowLabel ?? 0, PayloadLength = TotalLength };
        bool isFragment = MoreFragments || FragmentOffset is not null || Identification is not null;
        if (!isFragment)
        {
            ip.NextHeader = Protocol;
            return [Fill(ip)];
        }

        return
        [
            Fill(ip),
            new FragmentLayer
            {
                FragmentOffset = FragmentOffset ?? 0,
                MoreFragments = MoreFragments,
                Identification = Identification ?? 0,
                NextHeader = Protocol,
            },
        ];
    }

    private T Fill<T>(T ip)
        where T : IPLayer
    {
        ip.TimeToLive = TimeToLive ?? ip.TimeToLive;
        ip.TypeOfService = TypeOfService ?? ip.TypeOfService;
        ip.Destination = Destination ?? ip.Destination;
        NetworkAddress own = Array.Find(OwnAddresses, address => address.Length == ip.Destination.Length);
        if (Source is not null || !own.IsNone)
        {
            // Otherwise it is left to whoever sends the packet.
            ip.Source = Source ?? own;
        }

        return ip;
    }

    private static StackException Impossible(string message) => new(
        StackError.InvalidArgument, message, "The version follows from the addresses, or from -Version where none is given.");
}
