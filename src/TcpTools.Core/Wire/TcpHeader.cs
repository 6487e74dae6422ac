using System;

namespace TcpTools.Wire;

/// <summary>
/// Reads a TCP segment (RFC 9293, 3.1). Never throws; missing bytes read as 0, and a data offset that lies is cut to
/// what exists.
/// </summary>
/// <param name="bytes">The segment from the source port to the end of its data.</param>
public readonly ref struct TcpView(ReadOnlySpan<byte> bytes)
{
    /// <summary>Bytes of a header without options.</summary>
    public const int MinimumHeaderLength = 20;

    /// <summary>Bytes of a header with all the options that fit.</summary>
    public const int MaximumHeaderLength = 60;

    /// <summary>Bytes from the header's start to the checksum field.</summary>
    public const int ChecksumOffset = 16;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Whether the header is there as far as its options.</summary>
    public bool IsComplete => _bytes.Length >= MinimumHeaderLength;

    /// <summary>Whether the header is whole and its data offset fits the bytes; says nothing of the checksum.</summary>
    public bool IsValid => IsComplete && DataOffset >= MinimumHeaderLength && DataOffset <= _bytes.Length;

    /// <summary>The source port.</summary>
    public ushort SourcePort => WireField.Read16(_bytes, 0);

    /// <summary>The destination port.</summary>
    public ushort DestinationPort => WireField.Read16(_bytes, 2);

    /// <summary>The sequence number of the first data byte, or of the SYN.</summary>
    public SequenceNumber Sequence => new(WireField.Read32(_bytes, 4));

    /// <summary>The next sequence number that the sender expects; significant when ACK is set.</summary>
    public SequenceNumber Acknowledgment => new(WireField.Read32(_bytes, 8));

    /// <summary>The header's length in bytes as it claims: 0 to 60 in steps of 4.</summary>
    public int DataOffset => (WireField.Read8(_bytes, 12) >> 4) * 4;

    /// <summary>The three bits that are still reserved, 0 to 7.</summary>
    public byte Reserved => (byte)((WireField.Read8(_bytes, 12) >> 1) & 7);

    /// <summary>The control bits.</summary>
    public TcpFlags Flags => (TcpFlags)(WireField.Read16(_bytes, 12) & 0x1FF);

    /// <summary>The window as it stands in the header, unscaled.</summary>
    public ushort Window => WireField.Read16(_bytes, 14);

    /// <summary>The checksum over pseudo-header, header and data.</summary>
    public ushort Checksum => WireField.Read16(_bytes, 16);

    /// <summary>The offset from the sequence number to the end of urgent data; significant when URG is set.</summary>
    public ushort UrgentPointer => WireField.Read16(_bytes, 18);

    /// <summary>The option bytes; walk them with <see cref="TcpOptionReader"/>.</summary>
    public ReadOnlySpan<byte> Options => WireField.Cut(_bytes, MinimumHeaderLength, DataOffset);

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Payload =>
        WireField.Cut(_bytes, Math.Max(DataOffset, MinimumHeaderLength), int.MaxValue);

    /// <summary>Whether the checksum fits the segment between these addresses.</summary>
    public bool IsChecksumValid(NetworkAddress source, NetworkAddress destination) =>
        InternetChecksum.IsValid(InternetChecksum.Add(
            InternetChecksum.PseudoHeader(source, destination, IPProtocol.Tcp, _bytes.Length), _bytes));
}

/// <summary>Writes a TCP header. Never throws; what lies outside the bytes is not written.</summary>
/// <param name="bytes">The segment from the source port to the end of its data.</param>
public readonly ref struct TcpEditor(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;

    /// <inheritdoc cref="TcpView.SourcePort"/>
    public ushort SourcePort
    {
        get => WireField.Read16(_bytes, 0);
        set => WireField.Write16(_bytes, 0, value);
    }

    /// <inheritdoc cref="TcpView.DestinationPort"/>
    public ushort DestinationPort
    {
        get => WireField.Read16(_bytes, 2);
        set => WireField.Write16(_bytes, 2, value);
    }

    /// <inheritdoc cref="TcpView.Sequence"/>
    public SequenceNumber Sequence
    {
        get => new(WireField.Read32(_bytes, 4));
        set => WireField.Write32(_bytes, 4, value.Value);
    }

    /// <inheritdoc cref="TcpView.Acknowledgment"/>
    public SequenceNumber Acknowledgment
    {
        get => new(WireField.Read32(_bytes, 8));
        set => WireField.Write32(_bytes, 8, value.Value);
    }

    /// <inheritdoc cref="TcpView.DataOffset"/>
    public int DataOffset
    {
        get => new TcpView(_bytes).DataOffset;
        set => WireField.Write8(_bytes, 12, (byte)((WireField.Read8(_bytes, 12) & 0x0F) | ((value / 4) << 4)));
    }

    /// <inheritdoc cref="TcpView.Reserved"/>
    public byte Reserved
    {
        get => new TcpView(_bytes).Reserved;
        set => WireField.Write8(_bytes, 12, (byte)((WireField.Read8(_bytes, 12) & 0xF1) | ((value & 7) << 1)));
    }

    /// <inheritdoc cref="TcpView.Flags"/>
    public TcpFlags Flags
    {
        get => new TcpView(_bytes).Flags;
        set
        {
            WireField.Write8(_bytes, 12, (byte)((WireField.Read8(_bytes, 12) & 0xFE) | (((ushort)value >> 8) & 1)));
            WireField.Write8(_bytes, 13, (byte)value);
        }
    }

    /// <inheritdoc cref="TcpView.Window"/>
    public ushort Window
    {
        get => WireField.Read16(_bytes, 14);
        set => WireField.Write16(_bytes, 14, value);
    }

    /// <inheritdoc cref="TcpView.Checksum"/>
    public ushort Checksum
    {
        get => WireField.Read16(_bytes, 16);
        set => WireField.Write16(_bytes, 16, value);
    }

    /// <inheritdoc cref="TcpView.UrgentPointer"/>
    public ushort UrgentPointer
    {
        get => WireField.Read16(_bytes, 18);
        set => WireField.Write16(_bytes, 18, value);
    }

    /// <summary>Computes the checksum over all the bytes between these addresses and writes it.</summary>
    public void UpdateChecksum(NetworkAddress source, NetworkAddress destination)
    {
        Checksum = 0;
        Checksum = InternetChecksum.Finish(InternetChecksum.Add(
            InternetChecksum.PseudoHeader(source, destination, IPProtocol.Tcp, _bytes.Length), _bytes));
    }
}
