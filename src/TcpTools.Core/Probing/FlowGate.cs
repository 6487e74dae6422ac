using System;
using System.Collections.Generic;

namespace TcpTools.Probing;

/// <summary>
/// Keeps a sender from running away from the answers: of what was sent in the last moment only so much may be without an
/// answer, because queues on the way hold no more. Where answers come at once it never shuts, and where none come, so much
/// goes out each moment.
/// </summary>
internal sealed class FlowGate
{
    /// <summary>How many packets may be unanswered that were sent within <see cref="Moment"/>.</summary>
    public const int Most = 256;

    private const double Memory = 64;

    /// <summary>After this time a packet without an answer holds up nobody any more, where answers are rare.</summary>
    public static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(25);

    // Where most packets are answered, one that is not may only be late: its answer waits on a busy machine.
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(ProbeEntry Entry, int Attempt, Instant Until)> _recent = new();
    private int _unanswered;
    private double _answeredShare; // of the last hundred or so

    /// <summary>When the next packet may be sent; a time in the past means at once.</summary>
    public Instant Next => _unanswered < Most ? Instant.Zero : _recent.Peek().Until;

    public bool IsOpen(Instant now)
    {
        while (_recent.TryPeek(out var oldest) && (oldest.Until <= now || !IsOpen(oldest)))
        {
            _recent.Dequeue();
            if (IsOpen(oldest))
            {
                _answeredShare -= _answeredShare / Memory;
                Forget(oldest.Entry);
            }
        }

        return _unanswered < Most;

        static bool IsOpen((ProbeEntry Entry, int Attempt, Instant Until) sent) =>
            sent.Entry.IsRecent && sent.Entry.Attempts == sent.Attempt;
    }

    public void OnSent(ProbeEntry entry, Instant now)
    {
        if (!entry.IsRecent)
        {
            entry.IsRecent = true;
            _unanswered++;
        }

        // The entry counts this attempt right after.
        _recent.Enqueue((entry, entry.Attempts + 1, now + (_answeredShare > 0.5 ? s_patience : Moment)));
    }

    public void OnAnswered(ProbeEntry entry)
    {
        _answeredShare += (1 - _answeredShare) / Memory;
        if (entry.IsRecent)
        {
            Forget(entry);
        }
    }

    private void Forget(ProbeEntry entry)
    {
        entry.IsRecent = false;
        _unanswered--;
    }
}
