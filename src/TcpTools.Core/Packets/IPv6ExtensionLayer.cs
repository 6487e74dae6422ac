using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// An extension header behind an IPv6 header (RFC 8200, 4), a layer like any other: in any order, as often as you like.
/// </summary>
public abstract class IPv6ExtensionLayer : PacketLayer
{
    private byte? _nextHeader;

    /// <summary>The number of what follows, another extension header or the content; computed from the next layer.</summary>
    public byte? NextHeader
    {
        get => _nextHeader ?? IPv6Layer.Announce(FindNext());
        set => _nextHeader = value;
    }

    internal override void Write(in LayerPlace place) =>
        WireField.Write8(place.Header, 0, _nextHeader ?? IPv6Layer.Announce(place.Next));

    internal override void Describe(FieldSink sink) =>
        sink.Number(nameof(NextHeader), 0, 8, isSet: _nextHeader is not null, meaning: FieldText.OfProtocol);

    private protected override void ListFixedFields(List<string> names)
    {
        if (_nextHeader is not null)
        {
            names.Add(nameof(NextHeader));
        }
    }
}

/// <summary>An extension header that tells its own length.</summary>
public abstract class IPv6SizedExtensionLayer : IPv6ExtensionLayer
{
    private byte? _headerExtensionLength;

    /// <summary>The length field, in the unit of this kind of header; computed from what is in it.</summary>
    public byte? HeaderExtensionLength
    {
        get => _headerExtensionLength ?? ComputeLength(BuiltLength);
        set => _headerExtensionLength = value;
    }

    internal override void Write(in LayerPlace place)
    {
        base.Write(place);
        WireField.Write8(place.Header, 1, _headerExtensionLength ?? ComputeLength(place.Header.Length));
    }

    internal override void Describe(FieldSink sink)
    {
        base.Describe(sink);
        sink.Number(nameof(HeaderExtensionLength), 8, 8, isSet: _headerExtensionLength is not null);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        base.ListFixedFields(names);
        if (_headerExtensionLength is not null)
        {
            names.Add(nameof(HeaderExtensionLength));
        }
    }

    /// <summary>The length field for a header of so many bytes: units of 8 bytes, the first not counted.</summary>
    private protected virtual byte ComputeLength(int length) => (byte)System.Math.Clamp((length / 8) - 1, 0, byte.MaxValue);
}
