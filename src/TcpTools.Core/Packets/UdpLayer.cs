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
        get => _length ?? ComputeLength(MeasureWhole());
        set => _length = value;
    }

    /// <summary>The checksum, 0 for none; computed over the data and the addresses of the IP layer, 0 where there is none.</summary>
    public ushort? Checksum
    {
        get => _checksum ?? new UdpView(BuildHeader()).Checksum;
        set => _checksum = value;
    }

    internal override int FixedLength => UdpView.HeaderLength;

    internal override byte? ProtocolNumber => IPProtocol.Udp;

    internal override void Write(in LayerPlace place)
    {
        UdpEditor editor = new(place.Header)
        {
            SourcePort = SourcePort,
            DestinationPort = DestinationPort,
            Length = _length ?? ComputeLength(place.Whole.Length),
            Checksum = 0,
        };
        editor.Checksum = _checksum ?? (place.IP is not { } ip ? (ushort)0 : InternetChecksum.FinishUdp(
            InternetChecksum.Add(ip.PseudoHeader(IPProtocol.Udp, place.Whole.Length), place.Whole)));
    }

    internal override void Describe(FieldSink sink)
    {
        sink.Number(nameof(SourcePort), 0, 16);
        sink.Number(nameof(DestinationPort), 16, 16);
        sink.Number(nameof(Length), 32, 16, isSet: _length is not null);
        sink.Number(nameof(Checksum), 48, 16, FieldStyle.Hex, _checksum is not null);
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

    /// <summary>0 for more than fits, as in jumbograms (RFC 2675, 4).</summary>
    private static ushort ComputeLength(int length) => length > ushort.MaxValue ? (ushort)0 : (ushort)length;

    /// <summary>Source port &gt; destination port.</summary>
    public override string ToString() => $"UDP {SourcePort} > {DestinationPort}";
}
