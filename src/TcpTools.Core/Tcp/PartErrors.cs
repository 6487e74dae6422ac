using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Tcp;

/// <summary>Which part of a stack somebody can replace.</summary>
public enum PartKind
{
    /// <summary>The choice of initial sequence numbers.</summary>
    InitialSequence,

    /// <summary>Congestion control.</summary>
    CongestionControl,

    /// <summary>The retransmission timeout.</summary>
    RetransmissionTimeout,

    /// <summary>Which options stand where in a header.</summary>
    OptionLayout,

    /// <summary>The choice of local ports.</summary>
    PortSelection,

    /// <summary>A layer that packets pass.</summary>
    Layer,
}

/// <summary>A part that was replaced has failed, and the usual one has done its work.</summary>
/// <param name="Kind">Which part.</param>
/// <param name="Name">What the replacement is called.</param>
/// <param name="Message">What went wrong.</param>
/// <param name="Exception">The exception.</param>
public sealed record PartError(PartKind Kind, string Name, string Message, Exception Exception)
{
    /// <summary>Which part, its name and what went wrong, in a line.</summary>
    public override string ToString() => $"{Kind} '{Name}': {Message}";
}

/// <summary>The failures of replaced parts: all are counted, the last ones kept. Any thread may use it.</summary>
public sealed class PartErrors
{
    private const int Kept = 32;

    private readonly Lock _lock = new();
    private readonly Queue<PartError> _last = new(Kept);
    private long _count;

    /// <summary>How often a part has failed.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The last failures, oldest first.</summary>
    public IReadOnlyList<PartError> Last
    {
        get
        {
            lock (_lock)
            {
                return [.. _last];
            }
        }
    }

    /// <summary>Counts and keeps a failure.</summary>
    public void Add(PartKind kind, string name, Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Interlocked.Increment(ref _count);
        lock (_lock)
        {
            if (_last.Count == Kept)
            {
                _last.Dequeue();
            }

            _last.Enqueue(new PartError(kind, name, error.Message, error));
        }
    }
}
