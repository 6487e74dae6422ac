using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>Who moves the stack and how: the driver thread, a virtual network, or a person step by step.</content>
public sealed partial class TcpStack
{
    private const int MaximumTimersAtOnce = 64;
    private const int MaximumSelfDeliveries = 64;

    private List<StepEvent>? _stepEvents;
    private Instant _outputRetry = Instant.Never;

    /// <summary>
    /// Does one thing: takes one frame from the link, or lets one timer that is due run out, and tells what followed. For
    /// <see cref="StackMode.Manual"/>. With a virtual clock and nothing else to do, the clock is moved on to the next
    /// deadline in the network, but not past <paramref name="limit"/>, until something happens here; stacks of the network
    /// that are in virtual mode move along.
    /// </summary>
    /// <exception cref="StackException">The stack is not in manual mode, or was stopped.</exception>
    public StepResult Step(Instant? limit = null)
    {
        if (Mode != StackMode.Manual)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack '{Name}' moves by itself ({Mode}).",
                "Start the stack in manual mode to step it.");
        }

        List<StepEvent> events = [];
        while (true)
        {
            _clock?.Network.RunUntilIdle();
            if (ServiceOne(events))
            {
                break;
            }

            Instant next = _clock?.Network.EarliestDeadline(includeManual: true) ?? Instant.Never;
            if (_clock is null || next.IsNever || next > (limit ?? Instant.Never))
            {
                if (limit is { IsNever: false } end)
                {
                    _clock?.AdvanceTo(end);
                }

                break;
            }

            _clock.AdvanceTo(Instant.Later(next, _clock.Now + TimeSpan.FromTicks(1)));
            events.RemoveAll(static e => e.Kind == StepEventKind.TimeAdvanced);
            events.Add(new StepEvent(StepEventKind.TimeAdvanced, Now, 0, $"the clock moves on to {Now}"));
        }

        // What was sent reaches the neighbours, so that their state is what a look after the step shows.
        _clock?.Network.RunUntilIdle();
        return new StepResult { Time = Now, Events = events, NextDeadline = NextDeadline };
    }

    internal bool RunNetworkUntil(Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken) =>
        _clock!.Network.RunUntil(condition, limit, cancellationToken);

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
        bool delivered = _ip.NextDeadline <= now;
        // What was due on the link may have been frames on their way out: nothing for this stack, but for its neighbours.
        bool linkMoved = linkDue <= now && Link.NextDeadline != linkDue;
        return received + fired > 0 || asked || delivered || linkMoved || (blocked && RetryOutput(now));
    }

    private bool ServiceOne(List<StepEvent> events)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        _stepEvents = events;
        try
        {
            bool did = ReceiveFrames(1, entry.Now) > 0 || FireTimers(1, entry.Now) > 0 || ServiceLinkLayer(entry.Now) || _ip.NextDeadline <= entry.Now;
            DeliverToSelf(entry.Now);
            return did;
        }
        finally
        {
            _stepEvents = null;
        }
    }

    private int FireTimers(int limit, Instant now)
    {
        int fired = 0;
        while (fired < limit && _wheel.TryTakeDue(now, out TimerNode timer))
        {
            fired++;
            StackSession session = timer.Owner;
            if (_stepEvents is not null)
            {
                NoteStep(StepEventKind.TimerFired, session.Id, $"a timer of session {session.Id} runs out in {session.State}");
            }

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
                session.Connection.OnTimer(now);
            }
            else if (!session.IsGone)
            {
                Reschedule(session);
            }
        }

        return fired;
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

    private void NoteStep(StepEventKind kind, long sessionId, string summary) =>
        _stepEvents!.Add(new StepEvent(kind, Now, sessionId, summary));
}
