using System;
using System.Buffers.Binary;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>Changes numbers of a TCP segment in a packet's bytes and leaves its checksum as right or as wrong as it was.</summary>
internal readonly ref struct SegmentRewriter
{
    private readonly Span<byte> _packet;
    private readonly Span<byte> _segment;
    private readonly bool _hasRightChecksum;

    /// <summary>Looks at a packet that is a whole TCP segment.</summary>
    public SegmentRewriter(Span<byte> packet)
    {
        _packet = packet;
        IPv4View ip = new(packet);
        int length = Math.Min(ip.TotalLength, packet.Length);
        _segment = packet[Math.Min(ip.HeaderLength, length)..length];
        TcpView tcp = new(_segment);
        // A capture on the sending host shows the sum that its network card was to complete: not damage.
        ulong pseudo = InternetChecksum.PseudoHeader(ip.Source, ip.Destination, IPProtocol.Tcp, _segment.Length);
        _hasRightChecksum = tcp.IsChecksumValid(ip.Source, ip.Destination) || tcp.Checksum == InternetChecksum.Fold(pseudo);
    }

    /// <summary>The ports, sequence and acknowledgment numbers.</summary>
    public TcpEditor Header => new(_segment);

    /// <summary>Moves the edges of selective acknowledgments.</summary>
    public void MoveSelectiveAcknowledgments(uint by)
    {
        for (int at = Find(TcpOptionKind.Sack, out int length); length >= 10; length -= 8, at += 8)
        {
            Move(_segment.Slice(at + 2, 4), by);
            Move(_segment.Slice(at + 6, 4), by);
        }

        static void Move(Span<byte> number, uint by) =>
            BinaryPrimitives.WriteUInt32BigEndian(number, BinaryPrimitives.ReadUInt32BigEndian(number) + by);
    }

    /// <summary>The timestamp option's two numbers; false when there is none.</summary>
    public bool TryReadTimestamps(out uint value, out uint echo)
    {
        int at = Find(TcpOptionKind.Timestamps, out int length);
        bool isThere = length == 10;
        value = isThere ? BinaryPrimitives.ReadUInt32BigEndian(_segment[(at + 2)..]) : 0;
        echo = isThere ? BinaryPrimitives.ReadUInt32BigEndian(_segment[(at + 6)..]) : 0;
        return isThere;
    }

    /// <summary>Sets the timestamp option's two numbers, where there is one.</summary>
    public void WriteTimestamps(uint value, uint echo)
    {
        int at = Find(TcpOptionKind.Timestamps, out int length);
        if (length == 10)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_segment[(at + 2)..], value);
            BinaryPrimitives.WriteUInt32BigEndian(_segment[(at + 6)..], echo);
        }
    }

    /// <summary>Makes the checksum right again, where it was.</summary>
    public void Finish()
    {
        if (_hasRightChecksum)
        {
            IPv4View ip = new(_packet);
            new TcpEditor(_segment).UpdateChecksum(ip.Source, ip.Destination);
        }
    }

    /// <summary>Where an option starts in the segment; its length is 0 when there is none.</summary>
    private int Find(byte kind, out int length)
    {
        length = 0;
        TcpView tcp = new(_segment);
        int end = Math.Min(tcp.DataOffset, _segment.Length);
        TcpOptionReader reader = new(tcp.Options);
        int at = TcpView.MinimumHeaderLength;
        while (reader.MoveNext())
        {
            if (reader.Kind == kind && at + reader.Raw.Length <= end)
            {
                length = reader.Raw.Length;
                return at;
            }

            at += reader.Raw.Length;
        }

        return 0;
    }
}
