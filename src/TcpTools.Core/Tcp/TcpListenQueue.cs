using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>What a listener does with a segment (RFC 9293, 3.10.7.2).</summary>
public enum ListenVerdict
{
    /// <summary>Nothing.</summary>
    Ignore,

    /// <summary>Answer with a reset.</summary>
    Reset,

    /// <summary>Make a connection and open it passively with this segment.</summary>
    Open,

    /// <summary>A good SYN for which the queues have no room: say nothing, the peer will try again.</summary>
    Drop,
}

/// <summary>
/// The LISTEN state: which segments open a connection, and how many connections may wait to be established and to be
/// accepted. It owns no port; the stack asks it.
/// </summary>
/// <param name="backlog">
/// Established connections that may wait to be accepted, and as many again that may wait to be established.
/// </param>
internal sealed class TcpListenQueue(int backlog)
{
    private readonly HashSet<TcpConnection> _synReceived = [];
    private readonly LinkedList<TcpConnection> _established = new();
    private readonly Dictionary<TcpConnection, LinkedListNode<TcpConnection>> _places = [];

    /// <summary>Connections that may wait.</summary>
    public int Backlog { get; set; } = backlog;

    /// <summary>Connections in SYN-RECEIVED.</summary>
    public int SynCount => _synReceived.Count;

    /// <summary>Connections established and not yet accepted.</summary>
    public int Pending => _established.Count;

    /// <summary>SYNs dropped because there was no room.</summary>
    public long Drops { get; private set; }

    /// <summary>Decides about a segment to the listener's socket that belongs to no connection, in the RFC's order.</summary>
    public ListenVerdict Judge(in ArrivedSegment segment)
    {
        // First, check for a RST: "it cannot be of this connection". Second, an ACK: "bad if it arrives in LISTEN".
        if (segment.Has(TcpFlags.Rst))
        {
            return ListenVerdict.Ignore;
        }

        if (segment.Has(TcpFlags.Ack))
        {
            return ListenVerdict.Reset;
        }

        // Third, check for a SYN. One with a FIN makes no sense and comes from scanners only.
        if (!segment.Has(TcpFlags.Syn) || segment.Has(TcpFlags.Fin))
        {
            return ListenVerdict.Ignore;
        }

        if (_established.Count >= Backlog || _synReceived.Count >= Backlog)
        {
            Drops++;
            return ListenVerdict.Drop;
        }

        return ListenVerdict.Open;
    }

    /// <summary>Takes a connection that has just been opened passively.</summary>
    public void Add(TcpConnection connection) => _synReceived.Add(connection);

    /// <summary>Moves a connection that has been established to those that wait to be accepted.</summary>
    /// <returns>Whether it was one of this listener's.</returns>
    public bool OnEstablished(TcpConnection connection)
    {
        if (!_synReceived.Remove(connection))
        {
            return false;
        }

        _places.Add(connection, _established.AddLast(connection));
        return true;
    }

    /// <summary>Forgets a connection that has ended before it was established or accepted.</summary>
    /// <returns>Whether it was one of this listener's.</returns>
    public bool Remove(TcpConnection connection)
    {
        if (!_places.Remove(connection, out LinkedListNode<TcpConnection>? place))
        {
            return _synReceived.Remove(connection);
        }

        _established.Remove(place);
        return true;
    }

    /// <summary>Takes the connection that has waited longest.</summary>
    public bool TryAccept(out TcpConnection? connection)
    {
        connection = _established.First?.Value;
        if (connection is null)
        {
            return false;
        }

        Remove(connection);
        return true;
    }

    /// <summary>All connections that wait, established or not: what a listener that stops must reset.</summary>
    public TcpConnection[] Clear()
    {
        TcpConnection[] all = [.. _synReceived, .. _established];
        _synReceived.Clear();
        _established.Clear();
        _places.Clear();
        return all;
    }
}
