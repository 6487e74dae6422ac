using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>The fragment header of IPv6 (RFC 8200, 4.5).</summary>
public sealed class FragmentLayer : IPv6ExtensionLayer
{
    /// <inheritdoc/>
    public override string Name => "Fragment";

    /// <summary>The reserved byte behind the next header.</summary>
    public byte Reserved { get; set; }

    /// <summary>Where this fragment's data belongs, in bytes: a multiple of 8 up to 65528.</summary>
    public int FragmentOffset { get; set; }

    /// <summary>The two reserved bits between the offset and the flag.</summary>
    public byte ReservedBits { get; set => field = (byte)(value & 3); }

    /// <summary>Whether more fragments follow.</summary>
    public bool MoreFragments { get; set; }

    /// <summary>What fragments of one packet have in common.</summary>
    public uint Identification { get; set; }

    internal override int FixedLength => 8;

    internal override byte? ProtocolNumber => IPProtocol.FragmentHeader;

    internal override void Write(in LayerPlace place)
    {
        base.Write(place);
        WireField.Write8(place.Header, 1, Reserved);
        WireField.Write16(place.Header, 2, (ushort)((FragmentOffset & 0xFFF8) | (ReservedBits << 1) | (MoreFragments ? 1 : 0)));
        WireField.Write32(place.Header, 4, Identification);
    }

    internal override void Describe(FieldSink sink)
    {
        base.Describe(sink);
        sink.Number(nameof(Reserved), 8, 8, FieldStyle.Hex);
        sink.Number(nameof(FragmentOffset), 16, 13, scale: 8);
        sink.Number(nameof(ReservedBits), 29, 2);
        sink.Flag(nameof(MoreFragments), 31);
        sink.Number(nameof(Identification), 32, 32, FieldStyle.Hex);
    }

    /// <summary>Offset, flag and identification.</summary>
    public override string ToString() => $"Fragment id 0x{Identification:x8} offset {FragmentOffset}{(MoreFragments ? "+" : "")}";
}
