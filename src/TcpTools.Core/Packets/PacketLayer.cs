using System;
using System.Collections.Generic;

namespace TcpTools.Packets;

/// <summary>
/// One protocol's part of a <see cref="Packet"/>. Fields that follow from the rest of the packet, such as lengths and
/// checksums, are nullable: what is set stays set, wrong on purpose included; null leaves it to be computed, and reading
/// it then gives the computed value.
/// </summary>
public abstract class PacketLayer
{
    private int _truncatedTo = -1;

    /// <summary>The protocol's short name.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Bytes that follow the layer's content without being counted in its length: padding of an Ethernet frame behind a
    /// short IP packet, or surplus behind a UDP datagram.
    /// </summary>
    public byte[] Trailer { get; set => field = value ?? []; } = [];

    /// <summary>When not null, the header is cut to that many bytes, as at the end of an ICMP message's quotation.</summary>
    public int? TruncatedTo
    {
        get => _truncatedTo < 0 ? null : _truncatedTo;
        set => _truncatedTo = Math.Max(value ?? -1, -1);
    }

    /// <summary>The names of the fields that could be computed but have been set.</summary>
    public IReadOnlyList<string> FixedFields
    {
        get
        {
            List<string> names = [];
            ListFixedFields(names);
            return names;
        }
    }

    /// <summary>The packet that holds the layer. Not public, so that a serialized layer does not lead back up.</summary>
    internal Packet? Owner { get; set; }

    /// <summary>Bytes of the header without options and other variable parts.</summary>
    internal abstract int FixedLength { get; }

    /// <summary>Bytes of the header's variable part, which follows the first <see cref="FixedLength"/> bytes.</summary>
    internal virtual int BodyLength => 0;

    /// <summary>Bytes of the header as it is built.</summary>
    internal int BuiltLength => CutHeader(FixedLength + BodyLength);

    /// <summary>The number by which IP announces such a layer; null where it has none.</summary>
    internal virtual byte? ProtocolNumber => null;

    /// <summary>The type by which Ethernet and its like announce such a layer; null where it has none.</summary>
    internal virtual ushort? EtherTypeNumber => null;

    /// <summary>What a packet starts with whose first layer this is; null for a layer that starts none.</summary>
    internal virtual PacketStart? StartsPacket => null;

    /// <summary>A copy that belongs to no packet.</summary>
    public PacketLayer Copy()
    {
        PacketLayer copy = (PacketLayer)MemberwiseClone();
        copy.Owner = null;
        copy.Trailer = [.. Trailer];
        copy.Detach();
        return copy;
    }

    /// <summary>Two layers, the second inside the first.</summary>
    public static Packet operator /(PacketLayer outer, PacketLayer inner) => Packet.Of(outer) / inner;

    /// <summary>A layer with a packet inside.</summary>
    public static Packet operator /(PacketLayer outer, Packet inner) => Packet.Of(outer) / inner;

    /// <summary>A layer with text inside, in UTF-8.</summary>
    public static Packet operator /(PacketLayer outer, string text) => Packet.Of(outer) / text;

    /// <summary>A layer with bytes inside.</summary>
    public static Packet operator /(PacketLayer outer, byte[] data) => Packet.Of(outer) / data;

    /// <inheritdoc cref="op_Division(PacketLayer, PacketLayer)"/>
    public Packet Divide(PacketLayer inner) => this / inner;

    /// <summary>Writes the header's variable part; all of its <see cref="BodyLength"/> bytes, which may hold anything before.</summary>
    internal virtual void WriteBody(Span<byte> body)
    {
    }

    /// <summary>What is left of a header of so many bytes where it is truncated.</summary>
    internal int CutHeader(int length) => (uint)_truncatedTo < (uint)length ? _truncatedTo : length;

    /// <summary>
    /// Writes the fixed header, which is all zeros yet; the body and all that lies inside have been written already.
    /// </summary>
    internal abstract void Write(in LayerPlace place);

    /// <summary>Tells the header's fields and where they are, for people to look at.</summary>
    internal virtual void Describe(FieldSink sink) => sink.Data("Header", 0);

    /// <summary>Replaces by copies what a memberwise copy shares.</summary>
    private protected virtual void Detach()
    {
    }

    /// <summary>Adds the names of the fields that are set though they could be computed.</summary>
    private protected virtual void ListFixedFields(List<string> names)
    {
    }

    /// <summary>The header as it would be built now: where computed fields are read from.</summary>
    private protected ReadOnlySpan<byte> BuildHeader() => PacketBuilder.BuildHeader(this);

    /// <summary>The layer inside this one; null for none.</summary>
    private protected PacketLayer? FindNext()
    {
        ReadOnlySpan<PacketLayer> inside = FindInside();
        return inside.IsEmpty ? null : inside[0];
    }

    /// <summary>All layers inside this one.</summary>
    private protected ReadOnlySpan<PacketLayer> FindInside() =>
        Owner is null ? default : Owner.Layers.AsSpan()[(Owner.Layers.IndexOf(this) + 1)..];

    /// <summary>Bytes of this header and of all that lies inside, without the layer's own trailer.</summary>
    private protected int MeasureWhole() => BuiltLength + PacketBuilder.Measure(FindInside());
}

/// <summary>Where a layer is written and what lies around it.</summary>
internal readonly ref struct LayerPlace
{
    /// <summary>The header, cut where it is truncated.</summary>
    public Span<byte> Header { get; init; }

    /// <summary>The header and all that lies inside, without the layer's own trailer.</summary>
    public Span<byte> Whole { get; init; }

    /// <summary>All layers of the packet.</summary>
    public ReadOnlySpan<PacketLayer> Layers { get; init; }

    /// <summary>Which of them is written.</summary>
    public int Index { get; init; }

    /// <summary>The layer inside; null for none.</summary>
    public PacketLayer? Next => Index + 1 < Layers.Length ? Layers[Index + 1] : null;

    /// <summary>The nearest IP layer outside; null for none.</summary>
    public IPLayer? IP
    {
        get
        {
            for (int i = Index - 1; i >= 0; i--)
            {
                if (Layers[i] is IPLayer ip)
                {
                    return ip;
                }
            }

            return null;
        }
    }
}
