using System;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <content>
/// Path MTU discovery (RFC 1191). What is known of a path belongs to the destination and outlives the connection: the
/// environment remembers it, and forgets it after a time; here are the consequences for segments.
/// </content>
public sealed partial class TcpConnection
{
    private int _pathMtu;
    private int _peerMaximumSegment; // as the peer's SYN says it (RFC 6691)

    /// <summary>SYNs have been exchanged: fits the segments to what the peer takes and to what the path is known to carry.</summary>
    private void StartPathMtu(int peerMaximumSegment, Instant now)
    {
        _peerMaximumSegment = peerMaximumSegment;
        SetPathMtu(Math.Min(_pathMtu, _environment.GetPathMtu(this, now)));
    }

    /// <summary>RFC 1191, 6.4: the segments that were too big go out again, smaller, with no penalty.</summary>
    private void ReducePathMtu(int mtu, Instant now)
    {
        if (mtu >= _pathMtu || mtu <= HeaderLength + TcpOptionWriter.MaximumLength)
        {
            return;
        }

        if (!IsSynchronized)
        {
            _pathMtu = mtu;
            return;
        }

        SetPathMtu(mtu);
        UpdateMaximumSegment();
        _recovery.Queue.MarkAllLost();
        Flush(now);
    }

    /// <summary>
    /// RFC 1191, 6.3: once the smaller value is forgotten, segments may be larger again. If the path has not grown, the next
    /// of them brings the value back.
    /// </summary>
    private void RaisePathMtu(Instant now)
    {
        int mtu = Math.Min(_services.Mtu, _environment.GetPathMtu(this, now));
        if (mtu > _pathMtu)
        {
            SetPathMtu(mtu);
            UpdateMaximumSegment();
        }
    }

    private void SetPathMtu(int mtu)
    {
        _pathMtu = mtu;
        _sendMaximumSegment = Math.Min(_peerMaximumSegment, mtu - HeaderLength);
    }
}
