using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// SND.UP and RCV.UP. Urgent data stays in the stream and is announced as a mark, the place after its last byte, which
/// is what RFC 6093 recommends to applications and what the pointer has always meant in practice (RFC 6093, 2.2).
/// </summary>
internal struct UrgentMarks
{
    private SequenceNumber? _send;
    private SequenceNumber? _receive;

    /// <summary>The sequence number after the last urgent byte received; none when all of it has been read.</summary>
    public readonly SequenceNumber? Receive => _receive;

    /// <summary>Notes that everything before <paramref name="end"/> is urgent.</summary>
    public void OnUrgentWritten(SequenceNumber end) => _send = end;

    /// <summary>Moves the sent mark along with the send sequence space.</summary>
    public void OnRebased(int distance) => _send = _send is { } mark ? mark + distance : null;

    /// <summary>Forgets a sent mark that has been acknowledged.</summary>
    public void OnAcknowledged(SequenceNumber unacknowledged)
    {
        if (_send is { } mark && mark <= unacknowledged)
        {
            _send = null;
        }
    }

    /// <summary>The urgent pointer for a segment, or nothing when it carries none (RFC 9293, 3.8.5).</summary>
    public readonly bool TryGetPointer(SequenceNumber sequence, out ushort pointer)
    {
        int distance = _send is { } mark ? mark - sequence : 0;
        // A mark out of the pointer's reach is announced as far as it reaches (RFC 1122, 4.2.2.4 leaves no other way).
        pointer = (ushort)System.Math.Clamp(distance, 0, ushort.MaxValue);
        return distance > 0;
    }

    /// <summary>Takes the pointer of a received segment: RCV.UP only moves forward.</summary>
    /// <returns>Whether there is a mark that was not known before.</returns>
    public bool OnPointer(SequenceNumber mark, SequenceNumber firstUnread)
    {
        if (mark <= firstUnread || (_receive is { } known && mark <= known))
        {
            return false;
        }

        _receive = mark;
        return true;
    }

    /// <summary>Forgets a received mark that the user has read past.</summary>
    public void OnRead(SequenceNumber firstUnread)
    {
        if (_receive is { } mark && mark <= firstUnread)
        {
            _receive = null;
        }
    }
}
