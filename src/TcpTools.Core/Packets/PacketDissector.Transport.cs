using System;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>What IP carries.</summary>
internal ref partial struct PacketDissector
{
    private readonly void DissectTcp(ReadOnlySpan<byte> bytes, Enclosing around)
    {
        TcpView view = new(bytes);
        TcpLayer layer = new()
        {
            SourcePort = view.SourcePort,
            DestinationPort = view.DestinationPort,
            Sequence = view.Sequence.Value,
            Acknowledgment = view.Acknowledgment.Value,
            Reserved = view.Reserved,
            Flags = view.Flags,
            Window = view.Window,
            UrgentPointer = view.UrgentPointer,
        };
        int headerLength = Math.Max(view.DataOffset, TcpView.MinimumHeaderLength);
        AddHeader(layer, bytes.Length, headerLength);
        layer.SetRawOptions(Keep(view.Options));
        headerLength = Math.Min(headerLength, bytes.Length);
        bool isSound = layer.TruncatedTo is null && view.DataOffset >= TcpView.MinimumHeaderLength;
        layer.DataOffset = isSound ? null : view.DataOffset;

        ulong sum = InternetChecksum.Add(around.IP.PseudoHeader(IPProtocol.Tcp, bytes.Length), bytes);
        layer.Checksum = layer.TruncatedTo is null && IsSameAsComputed(view.Checksum, sum) ? null : view.Checksum;
        ReportTcp(layer, view, around.IsWhole && !InternetChecksum.IsValid(sum));
        DissectTcpContent(layer, bytes[headerLength..]);
    }

    private readonly void ReportTcp(TcpLayer layer, TcpView view, bool isChecksumBad)
    {
        if (_anomalies is null || !view.IsComplete)
        {
            return;
        }

        if (view.DataOffset < TcpView.MinimumHeaderLength)
        {
            Report(PacketAnomalyKind.BadHeaderLength, layer.Name, $"data offset {view.DataOffset} is less than 20");
        }

        if (isChecksumBad)
        {
            Report(PacketAnomalyKind.BadChecksum, layer.Name, $"checksum 0x{view.Checksum:x4} does not fit");
        }

        if (view.Reserved != 0)
        {
            Report(PacketAnomalyKind.ReservedBits, layer.Name, $"reserved bits {view.Reserved}");
        }

        const TcpFlags Main = TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Rst | TcpFlags.Ack;
        TcpFlags flags = view.Flags & Main;
        bool sound = flags is TcpFlags.Ack or TcpFlags.Syn or TcpFlags.Rst or (TcpFlags.Syn | TcpFlags.Ack)
            or (TcpFlags.Fin | TcpFlags.Ack) or (TcpFlags.Rst | TcpFlags.Ack);
        if (!sound)
        {
            Report(PacketAnomalyKind.BadFlags, layer.Name, $"flags {TcpFlagsText.ToDump(view.Flags)}");
        }

        ReportOptions(layer, view.Options);
    }

    private readonly void ReportOptions(TcpLayer layer, ReadOnlySpan<byte> options)
    {
        TcpOptionReader reader = new(options);
        while (reader.MoveNext())
        {
            if (!reader.HasPlausibleLength)
            {
                Report(PacketAnomalyKind.BadOptionLength, layer.Name, $"option {reader.Kind} has {reader.Raw.Length} bytes");
            }
        }

        if (!OptionBytes.IsFilling(reader.Rest, options.Length - reader.Rest.Length))
        {
            ReportOptionRest(layer.Name, reader.IsMalformed, reader.Rest);
        }
    }

    private readonly void DissectUdp(ReadOnlySpan<byte> bytes, Enclosing around)
    {
        UdpView view = new(bytes);
        UdpLayer layer = new() { SourcePort = view.SourcePort, DestinationPort = view.DestinationPort };
        AddHeader(layer, bytes.Length, UdpView.HeaderLength);
        bool lengthIsSound = view.IsValid;
        layer.Length = lengthIsSound ? null : view.Length;
        int end = lengthIsSound ? view.Length : bytes.Length;
        layer.Trailer = bytes[end..].ToArray();

        ulong sum = InternetChecksum.Add(around.IP.PseudoHeader(IPProtocol.Udp, end), bytes[..end]);
        bool isSame = view.HasChecksum && layer.TruncatedTo is null && InternetChecksum.IsValid(sum);
        layer.Checksum = isSame ? null : view.Checksum;
        ReportUdp(layer, view, bytes.Length, around.IsWhole && view.HasChecksum && !InternetChecksum.IsValid(sum));
        DissectUdpContent(layer, end > UdpView.HeaderLength ? bytes[UdpView.HeaderLength..end] : default);
    }

    private readonly void ReportUdp(UdpLayer layer, UdpView view, int available, bool isChecksumBad)
    {
        if (_anomalies is null || !view.IsComplete)
        {
            return;
        }

        if (view.Length < UdpView.HeaderLength)
        {
            Report(PacketAnomalyKind.BadLength, layer.Name, $"length {view.Length} is less than the header");
        }
        else if (view.Length > available)
        {
            Report(PacketAnomalyKind.TruncatedPacket, layer.Name, $"{available} bytes of {view.Length}");
        }
        else if (isChecksumBad)
        {
            Report(PacketAnomalyKind.BadChecksum, layer.Name, $"checksum 0x{view.Checksum:x4} does not fit");
        }

        ReportTrailer(layer);
    }
}
