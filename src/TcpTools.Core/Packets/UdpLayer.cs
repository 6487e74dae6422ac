using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>A UDP header (RFC 768).</summary>
public sealed class UdpLayer : PacketLayer
{
    private ushort? _length;
    private ushort? _checksum;

    /// <inheritdoc/>
    public override string Name => "UDP";

    /// <inheritdoc cref="UdpView.SourcePort"/>
    public ushort SourcePort { get; set; } = 53;

    /// <inheritdoc cref="UdpView.DestinationPort"/>
    public ushort DestinationPort { get; set; } = 53;

    /// <summary>Bytes of header and data; computed from what lies inside.</summary>
    public ushort? Length
    {
        get => _length ?? new UdpView(BuildHeader()).Length;
        set => _length = value;
    }

    /// <summary>The checksum, 0 for none; computed over the data and the addresses of the IP layer, 0 where there is none.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new UdpView(BuildHeader()).Checksum;
        set => _checksum = value;
    }

    internal override int FixedLength => UdpView.HeaderLength;

    internal override void Write(in LayerPlace place)
    {
        UdpEditor editor = new(place.Header)
        {
            SourcePort = SourcePort,
            DestinationPort = DestinationPort,
            Length = _length ?? (ushort)place.Whole.Length,
            Checksum = 0,
        };
        editor.Checksum = _checksum ?? (place.IP is null ? (ushort)0 : InternetChecksum.FinishUdp(
            InternetChecksum.Add(place.IP.PseudoHeader(IPProtocol.Udp, place.Whole.Length), place.Whole)));
    }

    private protected override void ListFixedFields(List<string> names)
    {
        if (_length is not null)
        {
            names.Add(nameof(Length));
        }

        if (_checksum is not null)
        {
            names.Add(nameof(Checksum));
        }
    }

    /// <summary>Source port &gt; destination port.</summary>
    public override string ToString() => $"UDP {SourcePort} > {DestinationPort}";
}
