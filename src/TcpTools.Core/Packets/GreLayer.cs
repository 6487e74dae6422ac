using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A header of generic routing encapsulation, version 0 (RFC 2784), with key and sequence number (RFC 2890).</summary>
public sealed class GreLayer : PacketLayer
{
    private ushort? _checksum;
    private ushort? _protocol;

    /// <inheritdoc/>
    public override string Name => "GRE";

    /// <summary>Whether there is a checksum.</summary>
    public bool HasChecksum { get; set; }

    /// <summary>The checksum; computed over header and content. Null where there is none, and setting it makes one.</summary>
    public ushort? Checksum
    {
        get => HasChecksum ? _checksum ?? new GreView(BuildHeader()).Checksum : null;
        set
        {
            _checksum = value;
            HasChecksum |= value is not null;
        }
    }

    /// <inheritdoc cref="GreView.Reserved"/>
    public ushort Reserved { get; set; }

    /// <summary>The key; null for none.</summary>
    public uint? Key { get; set; }

    /// <summary>The sequence number; null for none.</summary>
    public uint? Sequence { get; set; }

    /// <summary>Flags that mean nothing, in their places of the first word (0x0FF8).</summary>
    public ushort ReservedFlags { get; set; }

    /// <summary>What the header carries, an Ethernet type; computed from the next layer.</summary>
    public ushort? Protocol
    {
        get => _protocol ?? EthernetLayer.Announce(FindNext());
        set => _protocol = value;
    }

    internal override int FixedLength => GreView.MinimumHeaderLength;

    internal override int BodyLength => (HasChecksum ? 4 : 0) + (Key is null ? 0 : 4) + (Sequence is null ? 0 : 4);

    internal override byte? ProtocolNumber => IPProtocol.Gre;

    internal override void WriteBody(Span<byte> body)
    {
        int at = 0;
        if (HasChecksum)
        {
            WireField.Write16(body, 0, 0);
            WireField.Write16(body, 2, Reserved);
            at = 4;
        }

        if (Key is { } key)
        {
            WireField.Write32(body, at, key);
            at += 4;
        }

        if (Sequence is { } sequence)
        {
            WireField.Write32(body, at, sequence);
        }
    }

    internal override void Write(in LayerPlace place)
    {
        int flags = (HasChecksum ? GreView.ChecksumBit : 0) | (Key is null ? 0 : GreView.KeyBit)
            | (Sequence is null ? 0 : GreView.SequenceBit) | (ReservedFlags & GreView.ReservedBits);
        WireField.Write16(place.Header, 0, (ushort)flags);
        WireField.Write16(place.Header, 2, _protocol ?? EthernetLayer.Announce(place.Next));
        if (HasChecksum)
        {
            WireField.Write16(place.Header, 4, _checksum ?? InternetChecksum.Compute(place.Whole));
        }
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Flag(nameof(HasChecksum), 0);
        sink.Number("HasKey", 2, 1);
        sink.Number("HasSequence", 3, 1);
        sink.Number("Version", 13, 3);
        sink.Number(nameof(Protocol), 16, 16, FieldStyle.Hex, _protocol is not null, FieldText.OfEtherType);
        int at = 32;
        if (HasChecksum)
        {
            sink.Number(nameof(Checksum), at, 16, FieldStyle.Hex, _checksum is not null);
            sink.Number(nameof(Reserved), at + 16, 16, FieldStyle.Hex);
            at += 32;
        }

        if (Key is not null)
        {
            sink.Number(nameof(Key), at, 32, FieldStyle.Hex);
            at += 32;
        }

        if (Sequence is not null)
        {
            sink.Number(nameof(Sequence), at, 32);
        }
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_checksum is not null)
        {
            names.Add(nameof(Checksum));
        }

        if (_protocol is not null)
        {
            names.Add(nameof(Protocol));
        }
    }

    /// <summary>The version, and the key and the sequence number where they are.</summary>
    public override string ToString() =>
        "GREv0" + (HasChecksum ? ", off 0x0" : "") + (Key is { } key ? $", key=0x{key:x}" : "") + (Sequence is { } sequence ? $", seq {sequence}" : "");
}
