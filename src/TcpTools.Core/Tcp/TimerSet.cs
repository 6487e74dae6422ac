using System.Runtime.CompilerServices;

namespace TcpTools.Tcp;

/// <summary>The timers of one connection.</summary>
public enum TcpTimer
{
    /// <summary>RFC 6298.</summary>
    Retransmission,

    /// <summary>RFC 9293, 3.8.6.3.</summary>
    DelayedAck,

    /// <summary>RFC 9293, 3.8.6.1: zero window, and the override of silly-window avoidance (3.8.6.2.1).</summary>
    Persist,

    /// <summary>RFC 9293, 3.8.4.</summary>
    KeepAlive,

    /// <summary>2 MSL in TIME-WAIT; the limit on FIN-WAIT-2 after a full close.</summary>
    Lifetime,
}

/// <summary>When each timer of a connection is due.</summary>
internal struct TimerSet
{
    private const int Count = 5;
    private Deadlines _deadlines;

    /// <summary>Timers that none has been set of.</summary>
    public static TimerSet None
    {
        get
        {
            TimerSet set = default;
            for (int i = 0; i < Count; i++)
            {
                set._deadlines[i] = Instant.Never;
            }

            return set;
        }
    }

    /// <summary>The earliest time at which a timer is due.</summary>
    public readonly Instant Earliest
    {
        get
        {
            Instant earliest = Instant.Never;
            for (int i = 0; i < Count; i++)
            {
                earliest = Instant.Earlier(earliest, _deadlines[i]);
            }

            return earliest;
        }
    }

    /// <summary>When a timer is due; <see cref="Instant.Never"/> when it is not set.</summary>
    public readonly Instant this[TcpTimer timer] => _deadlines[(int)timer];

    /// <summary>Whether a timer is set.</summary>
    public readonly bool IsSet(TcpTimer timer) => !_deadlines[(int)timer].IsNever;

    /// <summary>Sets a timer.</summary>
    public void Set(TcpTimer timer, Instant deadline) => _deadlines[(int)timer] = deadline;

    /// <summary>Clears a timer.</summary>
    public void Clear(TcpTimer timer) => _deadlines[(int)timer] = Instant.Never;

    /// <summary>Clears a timer that is due and says whether it was.</summary>
    public bool TakeIfDue(TcpTimer timer, Instant now)
    {
        if (_deadlines[(int)timer] > now)
        {
            return false;
        }

        Clear(timer);
        return true;
    }

    [InlineArray(Count)]
    private struct Deadlines
    {
        private Instant _first;
    }
}
