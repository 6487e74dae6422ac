using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads a UDP datagram (RFC 768). Never throws; missing bytes read as 0, and a length that lies is cut to what exists.
/// </summary>
/// <param name="bytes">The datagram from the source port on.</param>
public readonly ref struct UdpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 8;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the whole header is there.</summary>
    public bool IsComplete => _bytes.Length >= HeaderLength;

    /// <summary>Whether the header is whole and the length fits the bytes; says nothing of the checksum.</summary>
    public bool IsValid => IsComplete && Length >= HeaderLength && Length <= _bytes.Length;

    /// <summary>The source port; 0 when no answer is expected.</summary>
    public ushort SourcePort => WireField.Read16(_bytes, 0);

    /// <summary>The destination port.</summary>
    public ushort DestinationPort => WireField.Read16(_bytes, 2);

    /// <summary>Bytes of header and data as the datagram claims.</summary>
    public ushort Length => WireField.Read16(_bytes, 4);

    /// <summary>The checksum; 0 for none.</summary>
    public ushort Checksum => WireField.Read16(_bytes, 6);

    /// <summary>Whether the sender computed a checksum.</summary>
    public bool HasChecksum => Checksum != 0;

    /// <summary>The data, cut to <see cref="Length"/>.</summary>
    public ReadOnlySpan<byte> Payload => WireField.Cut(_bytes, HeaderLength, Length);

    /// <summary>Whether the checksum fits the datagram between these addresses, or there is none.</summary>
    public bool IsChecksumValid(NetworkAddress source, NetworkAddress destination)
    {
        ReadOnlySpan<byte> datagram = WireField.Cut(_bytes, 0, Length);
        return !HasChecksum || InternetChecksum.IsValid(InternetChecksum.Add(
            InternetChecksum.PseudoHeader(source, destination, IPProtocol.Udp, Length), datagram));
    }
}

/// <summary>Writes a UDP header. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The datagram from the source port to its end.</param>
public readonly ref struct UdpEditor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="UdpView.SourcePort"/>
    public ushort SourcePort
    {
        get => WireField.Read16(_bytes, 0);
        set => WireField.Write16(_bytes, 0, value);
    }

    /// <inheritdoc cref="UdpView.DestinationPort"/>
    public ushort DestinationPort
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }

    /// <inheritdoc cref="UdpView.Length"/>
    public ushort Length
    {
        get => WireField.Read16(_bytes, 4);
        set => WireField.Write16(_bytes, 4, value);
    }

    /// <inheritdoc cref="UdpView.Checksum"/>
    public ushort Checksum
    {
        get => WireField.Read16(_bytes, 6);
        set => WireField.Write16(_bytes, 6, value);
    }

    /// <summary>Computes the checksum over all the bytes between these addresses and writes it; never 0 (RFC 768).</summary>
    public void UpdateChecksum(NetworkAddress source, NetworkAddress destination)
    {
        Checksum = 0;
        Checksum = InternetChecksum.FinishUdp(InternetChecksum.Add(
            InternetChecksum.PseudoHeader(source, destination, IPProtocol.Udp, _bytes.Length), _bytes));
    }
}
