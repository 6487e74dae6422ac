using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>Step by step: one frame, one timer, or one call of the user's at a time.</content>
public sealed partial class TcpStack
{
    private readonly StepNotebook? _notes;

    /// <summary>
    /// Does one thing: takes one frame from the link, or lets one timer that is due run out, or does one thing that the
    /// user has asked for, and tells what followed. For <see cref="StackMode.Manual"/>. With a virtual clock and nothing
    /// else to do, the clock is moved on to when there is, but not past <paramref name="limit"/>; stacks of the network
    /// that are in virtual mode move along.
    /// </summary>
    /// <exception cref="StackException">The stack is not in manual mode, or was stopped.</exception>
    public StepResult Step(Instant? limit = null) => Step(new StepOptions { Limit = limit });

    /// <inheritdoc cref="Step(Instant?)"/>
    public StepResult Step(StepOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        RequireManual();
        StepKind? kind = options.Frame == StepFrame.Deliver ? options.Kind : StepKind.Frame;
        StepKind? did;
        Instant started = Now;
        if (!DefersCalls)
        {
            // Who does not step what users do has seen what came of it.
            using Entry entry = Enter();
            _notes!.Clear();
        }

        while (true)
        {
            options.CancellationToken.ThrowIfCancellationRequested();
            RunNeighbours();
            did = StepOnce(kind, options.Frame);
            // What was read since the last step is worth telling before the clock moves on.
            if (did is not null || !IsNotebookEmpty() || kind == StepKind.Application)
            {
                break;
            }

            Instant next = _clock is null ? Instant.Never : NextChance(kind);
            if (next.IsNever || next > (options.Limit ?? Instant.Never))
            {
                if (options.Limit is { IsNever: false } end)
                {
                    _clock?.AdvanceTo(end);
                }

                break;
            }

            _clock!.AdvanceTo(next);
        }

        // What was sent reaches the neighbours, so that their state is what a look after the step shows.
        AwaitHooks();
        RunNeighbours();
        using (Entry entry = Enter())
        {
            IReadOnlyList<StepEvent> events = _notes!.Take(entry.Now);
            if (did is not null && entry.Now > started)
            {
                events = [new StepEvent(StepEventKind.TimeAdvanced, entry.Now, 0, $"the clock moves on to {entry.Now}"), .. events];
            }

            return new StepResult
            {
                Time = entry.Now,
                StackName = Name,
                Kind = did,
                Events = events,
                NextDeadline = OwnDeadline(null, new Instant(-1), entry.Now),
            };
        }
    }

    /// <summary>What steps could deliver, in the order in which they would: frames that have arrived, what users have asked for, timers.</summary>
    /// <exception cref="StackException">The stack is not in manual mode, or was stopped.</exception>
    public IReadOnlyList<PendingStep> GetPendingSteps()
    {
        RequireManual();
        RunNeighbours();
        List<PendingStep> pending = [];
        using Entry entry = Enter();
        FillArrived(MostFramesAhead, entry.Now);
        foreach (PacketBuffer frame in _arrived)
        {
            pending.Add(Describe(frame, entry.Now, isHeld: false));
        }

        List<PendingStep> timers = [];
        for (StackSession? session = _firstSession; session is not null; session = session.NextInOrder)
        {
            foreach ((StepTimer timer, Instant deadline) in TimersOf(session, entry.Now))
            {
                timers.Add(new PendingStep
                {
                    Kind = StepKind.Timer,
                    StackName = Name,
                    Due = deadline,
                    SessionId = session.Id,
                    Timer = timer,
                    Summary = $"the {StepNotebook.NameOf(timer)} timer of session {session.Id} runs out",
                });
            }
        }

        timers.Sort(static (a, b) => a.Due.CompareTo(b.Due));
        Instant now = entry.Now;
        pending.AddRange(timers.FindAll(timer => timer.Due <= now));
        foreach (Call call in _calls)
        {
            pending.Add(new PendingStep
            {
                Kind = StepKind.Application,
                StackName = Name,
                Due = call.At,
                SessionId = call.Session.Id,
                Summary = $"application: {Describe(call)}{(IsReady(call) ? "" : ", when there is room")}",
            });
        }

        pending.AddRange(timers.FindAll(timer => timer.Due > now));
        foreach (PacketBuffer frame in _held)
        {
            pending.Add(Describe(frame, entry.Now, isHeld: true));
        }

        return pending;
    }

    /// <summary>Whether a step could do something now.</summary>
    internal bool HasWork(StepKind? kind)
    {
        using Entry entry = Enter();
        if (kind is null or StepKind.Frame)
        {
            FillArrived(1, entry.Now);
        }

        return _state != StackState.Running
            || (kind is null or StepKind.Frame && _arrived.Count > 0)
            || (kind is null or StepKind.Application && NextCall() is not null)
            || OwnDeadline(kind, new Instant(-1), entry.Now) <= entry.Now;
    }

    /// <summary>When a step could do something if nobody else did anything: now, or at a later time.</summary>
    internal Instant NextChanceToStep(StepKind? kind)
    {
        RunNeighbours();
        return NextChance(kind);
    }

    /// <summary>A user takes data: nothing that waits for a step, but what follows from it is told in the next one.</summary>
    internal void OnReading(StackSession session, Instant now)
    {
        if (_notes is not null && DefersCalls && session.Connection.ReadableBytes > 0)
        {
            _notes.Begin(session, now);
            _notes.Add(StepEventKind.ApplicationCall, session.Id, $"application: reads from session {session.Id}");
        }
    }

    private void RequireManual()
    {
        if (Mode != StackMode.Manual)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack '{Name}' moves by itself ({Mode}).",
                "Start the stack in manual mode to step it.");
        }

        if (_state != StackState.Running)
        {
            throw SessionErrors.StackStopped(this);
        }
    }

    private StepKind? StepOnce(StepKind? kind, StepFrame fate)
    {
        using Entry entry = Enter();
        ThrowIfStopped();
        Instant now = entry.Now;
        if (kind is null or StepKind.Frame && (fate == StepFrame.Deliver ? ReceiveFrames(1, entry.Now) > 0 : Divert(fate, entry.Now)))
        {
            Finish();
            return StepKind.Frame;
        }

        if (kind is null or StepKind.Timer && (FireNext(entry.Now) || ServiceLinkLayer(entry.Now) || (kind is null && (_ip.NextDeadline <= entry.Now || HooksAreDue(entry.Now)))))
        {
            Finish();
            return StepKind.Timer;
        }

        if (kind is null or StepKind.Application && DoCall(entry.Now))
        {
            Finish();
            return StepKind.Application;
        }

        return null;

        void Finish()
        {
            DeliverToSelf(now);
            _notes!.Finish(now);
        }
    }

    /// <summary>Lets the timers of one session that are due run out. Such as were only put off are set anew without a word.</summary>
    private bool FireNext(Instant now)
    {
        while (_wheel.TryTakeDue(now, out TimerNode node))
        {
            StackSession session = node.Owner;
            _notes!.Begin(session, now);
            bool isDue = false;
            foreach ((StepTimer timer, Instant deadline) in TimersOf(session, now))
            {
                if (deadline <= now)
                {
                    _notes.OnTimer(session, timer, deadline);
                    isDue = true;
                }
            }

            Fire(session, now);
            if (isDue)
            {
                return true;
            }
        }

        return false;
    }

    private static (StepTimer Timer, Instant Deadline)[] TimersOf(StackSession session, Instant now)
    {
        TcpInfo info = session.Connection.GetInfo(now);
        (StepTimer, Instant Deadline)[] timers =
        [
            (StepTimer.DelayedAck, info.DelayedAckDeadline),
            (StepTimer.Retransmission, info.RetransmissionDeadline),
            (StepTimer.Persist, info.PersistDeadline),
            (StepTimer.KeepAlive, info.KeepAliveDeadline),
            (session.CloseTimer, info.CloseDeadline),
            (StepTimer.Linger, session.LingerDeadline),
        ];
        return Array.FindAll(timers, static timer => !timer.Deadline.IsNever);
    }

    private bool IsNotebookEmpty()
    {
        using Entry entry = Enter();
        return _notes!.IsEmpty;
    }

    /// <summary>Others on the clock move, or at least let go what has waited long enough on their links.</summary>
    private void RunNeighbours()
    {
        if (_clock is null)
        {
            return;
        }

        _clock.Network.RunUntilIdle();
        foreach (TcpStack other in _clock.Network.Stacks)
        {
            if (other.Mode == StackMode.Manual && other != this)
            {
                other.ServeLink();
            }
        }
    }

    private void ServeLink()
    {
        using Entry entry = Enter();
        if (_state == StackState.Running && Link.NextDeadline <= entry.Now)
        {
            Link.Send([], entry.Now);
        }
    }

    /// <summary>The next time, later than now, at which something may be to be done here; <see cref="Instant.Never"/> for none.</summary>
    private Instant NextChance(StepKind? kind)
    {
        Instant now = Now;
        Instant next;
        using (Entry entry = Enter())
        {
            next = OwnDeadline(kind, now, now);
        }

        if (_clock is null)
        {
            return next;
        }

        Instant others = _clock.Network.EarliestDeadline(includeManual: false);
        next = others > now ? Instant.Earlier(next, others) : next;
        foreach (TcpStack other in _clock.Network.Stacks)
        {
            // A wire's delay may be kept at its other end.
            Instant theirs = other.Mode == StackMode.Manual && other != this ? other.Link.NextDeadline : Instant.Never;
            next = theirs > now ? Instant.Earlier(next, theirs) : next;
        }

        return next;
    }

    /// <summary>When the stack itself has something to do, later than a time. Under the lock.</summary>
    private Instant OwnDeadline(StepKind? kind, Instant after, Instant now)
    {
        Instant next = Instant.Never;
        if (kind is null or StepKind.Timer)
        {
            for (StackSession? session = _firstSession; session is not null; session = session.NextInOrder)
            {
                Consider(session.Connection.NextDeadline);
                Consider(session.LingerDeadline);
            }

            Consider(LinkLayerDeadline);
        }

        if (kind is null or StepKind.Frame)
        {
            Consider(Link.NextDeadline);
            Consider(_ip.NextDeadline);
            Consider(_hooks?.NextDeadline ?? Instant.Never);
            Consider(_output.IsBlocked ? now + Options.OutputRetryInterval : Instant.Never);
        }

        return next;

        void Consider(Instant deadline) => next = deadline > after ? Instant.Earlier(next, deadline) : next;
    }

    /// <summary>The stack has ended: what waited for a step will have none.</summary>
    private void ForgetSteps()
    {
        _calls.Clear();
        _arrived.ForEach(static frame => frame.Release());
        _held.ForEach(static frame => frame.Release());
        _arrived.Clear();
        _held.Clear();
    }
}
