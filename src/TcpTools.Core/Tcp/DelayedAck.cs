using System;

namespace TcpTools.Tcp;

/// <summary>
/// Decides when received data is acknowledged (RFC 9293, 3.8.6.3; RFC 5681, 4.2): at least every second full-sized
/// segment at once, everything else within the delay. A new connection acknowledges its first segments at once, so that
/// the peer's slow start is not held up, until it turns out to be a conversation in turns.
/// </summary>
internal struct DelayedAck
{
    private int _unacknowledgedBytes;
    private int _quickAcks;
    private int _fullSize;

    /// <summary>Starts with so many acknowledgments at once, and the peer's segments believed to be of this size.</summary>
    public void Start(int quickAcks, int fullSize)
    {
        _quickAcks = quickAcks;
        _fullSize = fullSize;
    }

    /// <summary>Whether an acknowledgment must go out now.</summary>
    public bool IsDueNow { get; private set; }

    /// <summary>Whether received data waits for its acknowledgment.</summary>
    public readonly bool IsPending => IsDueNow || _unacknowledgedBytes > 0;

    /// <summary>Notes that an acknowledgment must not wait.</summary>
    public void Demand() => IsDueNow = true;

    /// <summary>Notes data that has arrived in order.</summary>
    public void OnData(int bytes, int packets, bool delay)
    {
        int size = bytes / Math.Max(1, packets);
        // The largest segment seen counts as full-sized: a peer may never use the whole MSS.
        _fullSize = packets > 1 || size > _fullSize ? Math.Max(size, 1) : _fullSize;
        _unacknowledgedBytes += bytes;
        if (_quickAcks > 0)
        {
            _quickAcks--;
            IsDueNow = true;
        }
        else if (!delay || _unacknowledgedBytes >= 2 * _fullSize)
        {
            IsDueNow = true;
        }
    }

    /// <summary>Notes that the user answered: from now on acknowledgments may wait for the next answer to carry them.</summary>
    public void OnReply() => _quickAcks = 0;

    /// <summary>Notes that a segment with an acknowledgment went out.</summary>
    public void OnAckSent()
    {
        _unacknowledgedBytes = 0;
        IsDueNow = false;
    }
}
