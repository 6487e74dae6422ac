using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A PPP header (RFC 1661), with address and control as on a serial line (RFC 1662) unless they are left out.</summary>
public sealed class PppLayer : PacketLayer
{
    /// <summary>The protocol of a frame whose content says nothing of itself: padding.</summary>
    internal const ushort UnknownContent = 0x0001;

    private ushort? _protocol;

    /// <inheritdoc/>
    public override string Name => "PPP";

    /// <inheritdoc cref="PppView.HasAddressControl"/>
    public bool HasAddressControl { get; set; } = true;

    /// <inheritdoc cref="PppView.IsProtocolCompressed"/>
    public bool IsProtocolCompressed { get; set; }

    /// <summary>What the frame carries; computed from the next layer.</summary>
    public ushort? Protocol
    {
        get => _protocol ?? Announce(FindNext());
        set => _protocol = value;
    }

    internal override int FixedLength => (HasAddressControl ? 2 : 0) + (IsProtocolCompressed ? 1 : 2);

    internal override PacketStart? StartsPacket => PacketStart.Ppp;

    internal static ushort Announce(PacketLayer? next) => next switch
    {
        IPv4Layer => PppProtocol.IPv4,
        IPv6Layer => PppProtocol.IPv6,
        MplsLayer => PppProtocol.Mpls,
        _ => UnknownContent,
    };

    internal override void Write(in LayerPlace place)
    {
        int at = 0;
        if (HasAddressControl)
        {
            WireField.Write16(place.Header, 0, PppView.AddressControl);
            at = 2;
        }

        ushort protocol = _protocol ?? Announce(place.Next);
        if (IsProtocolCompressed)
        {
            WireField.Write8(place.Header, at, (byte)protocol);
        }
        else
        {
            WireField.Write16(place.Header, at, protocol);
        }
    }

    internal override void Describe(FieldSink sink)
    {
        int at = 0;
        if (HasAddressControl)
        {
            sink.Number("AddressControl", 0, 16, FieldStyle.Hex);
            at = 16;
        }

        sink.Number(nameof(Protocol), at, IsProtocolCompressed ? 8 : 16, FieldStyle.Hex, _protocol is not null);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_protocol is not null)
        {
            names.Add(nameof(Protocol));
        }
    }

    /// <summary>The protocol.</summary>
    public override string ToString() => $"PPP 0x{Protocol:x4}";
}

/// <summary>The address family before a packet of a BSD loopback device.</summary>
public sealed class LoopbackLayer : PacketLayer
{
    private uint? _family;

    /// <inheritdoc/>
    public override string Name => "Loopback";

    /// <summary>Whether the family is in network order, as OpenBSD has it and as other systems' captures do not say.</summary>
    public bool IsBigEndian { get; set; }

    /// <summary>The family of addresses: 2 for IPv4, 24 for IPv6 (or 10, 28, 30 by system); computed from the next layer.</summary>
    public uint? Family
    {
        get => _family ?? Announce(FindNext());
        set => _family = value;
    }

    internal override int FixedLength => LoopbackView.HeaderLength;

    internal override PacketStart? StartsPacket => IsBigEndian ? PacketStart.Loop : PacketStart.Null;

    internal static uint Announce(PacketLayer? next) => next switch
    {
        IPv4Layer => LoopbackView.IPv4Family,
        IPv6Layer => LoopbackView.IPv6Family,
        _ => 0,
    };

    internal override void Write(in LayerPlace place)
    {
        uint family = _family ?? Announce(place.Next);
        WireField.Write32(place.Header, 0, IsBigEndian
            ? family
            : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(family));
    }

    internal override void Describe(FieldSink sink)
    {
        string text = System.FormattableString.Invariant($"{Family} ({(IsBigEndian ? "most" : "least")} significant byte first)");
        sink.Value(nameof(Family), 0, 32, Family, text, _family is not null);
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_family is not null)
        {
            names.Add(nameof(Family));
        }
    }

    /// <summary>The family.</summary>
    public override string ToString() => $"Loopback family {Family}";
}
