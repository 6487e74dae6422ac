using System;
using System.Threading;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>Who moves the stack and how: the driver thread, a virtual network, or a person step by step.</content>
public sealed partial class TcpStack
{
    private const int MaximumTimersAtOnce = 64;
    private const int MaximumSelfDeliveries = 64;

    private Instant _outputRetry = Instant.Never;

    /// <param name="condition">What is waited for.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="peek">Tells on any thread, and without changing anything, whether the condition may hold.</param>
    internal bool RunNetworkUntil(
        Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken, Func<bool>? peek = null) =>
        _clock!.Network.RunUntil(condition, limit, peek, cancellationToken);

    /// <summary>Does what is to be done now: one batch of frames and the timers that are due.</summary>
    /// <returns>Whether there was anything.</returns>
    internal bool Service()
    {
        using Entry entry = Enter();
        return ServiceNow(entry.Now, out _);
    }

    /// <summary>What the driver thread does each time round; false when it should sleep until the deadline.</summary>
    internal bool Drive()
    {
        using Entry entry = Enter();
        _driver!.OnAwake();
        bool busy = ServiceNow(entry.Now, out bool isCutShort);
        // Where the driver polls the link itself, frames that are left end the wait at once, so that looking a second time,
        // for nothing as a rule, is not needed. Other links say only once that there is something.
        bool again = isCutShort || (busy && !_driver.PollsLink);
        if (!again)
        {
            // Leaving tells it until when.
            _driver.OnIdle(busy);
        }

        return again;
    }

    /// <param name="now">The time.</param>
    /// <param name="isCutShort">Whether more frames or timers may be waiting than are taken at once.</param>
    private bool ServiceNow(Instant now, out bool isCutShort)
    {
        isCutShort = false;
        if (_state is StackState.Stopped or StackState.Faulted)
        {
            return false;
        }

        bool blocked = _output.IsBlocked;
        Instant linkDue = Link.NextDeadline;
        int received = ReceiveFrames(_input.Length, now);
        int fired = FireTimers(MaximumTimersAtOnce, now);
        isCutShort = received == _input.Length || fired == MaximumTimersAtOnce;
        bool asked = ServiceLinkLayer(now);
        bool delivered = _ip.NextDeadline <= now || HooksAreDue(now);
        // What was due on the link may have been frames on their way out: nothing for this stack, but for its neighbours.
        bool linkMoved = linkDue <= now && Link.NextDeadline != linkDue;
        return received + fired > 0 || asked || delivered || linkMoved || (blocked && RetryOutput(now));
    }

    private int FireTimers(int limit, Instant now)
    {
        int fired = 0;
        while (fired < limit && _wheel.TryTakeDue(now, out TimerNode timer))
        {
            fired++;
            Fire(timer.Owner, now);
        }

        return fired;
    }

    private void Fire(StackSession session, Instant now)
    {
        if (session.LingerDeadline <= now)
        {
            session.LingerDeadline = Instant.Never;
            if (session.State is not (TcpState.TimeWait or TcpState.Closed) && !session.Connection.IsDrained)
            {
                session.Connection.Abort(now);
            }
        }

        if (session.ConnectionDeadline <= now)
        {
            session.ConnectionDeadline = Instant.Never;
            if (_hooks is null || !HookTimer(session, now))
            {
                session.Connection.OnTimer(now);
            }
            NoticeStall(session, now);
        }
        else if (!session.IsGone)
        {
            Reschedule(session);
        }
    }

    /// <summary>Delivers what the stack has sent to its own addresses, and lets old fragments go.</summary>
    private void DeliverToSelf(Instant now)
    {
        for (int i = 0; i < MaximumSelfDeliveries && _ip.NextDeadline <= now; i++)
        {
            _ip.OnTimer(now);
        }
    }

    private bool RetryOutput(Instant now)
    {
        int waiting = _output.Count;
        _output.Flush(now);
        return _output.Count < waiting;
    }

    private Instant EarliestDeadline(bool exact)
    {
        Instant earliest = exact ? _wheel.EarliestDeadline : _wheel.NextDeadline;
        earliest = Instant.Earlier(earliest, _ip.NextDeadline);
        earliest = Instant.Earlier(earliest, LinkLayerDeadline);
        earliest = Instant.Earlier(earliest, Link.NextDeadline);
        earliest = Instant.Earlier(earliest, _hooks?.NextDeadline ?? Instant.Never);
        if (!_output.IsBlocked)
        {
            _outputRetry = Instant.Never;
        }
        else if (_outputRetry.IsNever || _outputRetry <= _now)
        {
            _outputRetry = _now + Options.OutputRetryInterval;
        }

        return Instant.Earlier(earliest, _outputRetry);
    }
}
