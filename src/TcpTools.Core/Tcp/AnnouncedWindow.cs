using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// RCV.WND as the peer knows it: the right edge once announced is never taken back (RFC 9293, 3.8.6), and moves only in
/// steps worth a segment (3.8.6.2.2).
/// </summary>
internal struct AnnouncedWindow
{
    private SequenceNumber _edge;

    /// <summary>The shift that our window field stands for (RFC 7323, 2.2).</summary>
    public int Scale { get; set; }

    /// <summary>The sequence number after the last one the peer may send.</summary>
    public readonly SequenceNumber Edge => _edge;

    /// <summary>Starts with the window of the SYN or SYN-ACK, which is never scaled.</summary>
    public void Start(SequenceNumber next, ushort window) => _edge = next + (int)window;

    /// <summary>The window that the peer may still use, in bytes.</summary>
    public readonly int Remaining(SequenceNumber next) => Math.Max(0, _edge - next);

    /// <summary>
    /// The window field for the next segment.
    /// </summary>
    /// <param name="next">RCV.NXT.</param>
    /// <param name="free">Bytes that the receive buffer can take beyond <paramref name="next"/>.</param>
    /// <param name="step">The least increase worth announcing: the smaller of an MSS and half the buffer.</param>
    public ushort Announce(SequenceNumber next, int free, int step)
    {
        int remaining = Remaining(next);
        int unit = 1 << Scale;
        // Whatever there is room for is announced as one unit at least, or a small buffer would stay shut for ever.
        int window = free - remaining >= step ? Math.Max(remaining, Math.Max(1, free >> Scale) << Scale) : remaining;
        int units = Math.Min(ushort.MaxValue, (window + unit - 1) >> Scale);
        if (units << Scale > free + unit - 1)
        {
            // What was announced is rounded up as long as the buffer has room for that, a unit more than it says. Beyond,
            // the peer sees less than a unit taken back (RFC 7323, 2.4), which we would accept nevertheless.
            units = window >> Scale;
        }

        _edge = SequenceNumber.Later(_edge, next + (units << Scale));
        return (ushort)units;
    }
}
