using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>What a session is to come to: a condition, a state, so much data, or data that holds something.</summary>
public sealed record SessionGoal
{
    /// <summary>The condition, unless something else is named.</summary>
    public SessionCondition Condition { get; init; } = SessionCondition.Closed;

    /// <summary>The state.</summary>
    public TcpState? State { get; init; }

    /// <summary>How many bytes can be read.</summary>
    public int? Bytes { get; init; }

    /// <summary>What the bytes that can be read hold.</summary>
    public ReadOnlyMemory<byte> Pattern { get; init; }
}

/// <summary>Waits for several sessions at once, whoever runs them.</summary>
public static class SessionWait
{
    /// <summary>Waits until all sessions have come to a goal, or one has.</summary>
    /// <param name="sessions">The sessions. Those of virtual stacks share one clock, and no other kind is among them.</param>
    /// <param name="goal">What they are to come to. What they receive is looked at, not taken.</param>
    /// <param name="isAnyEnough">Whether one is enough.</param>
    /// <param name="timeout">How long, on the sessions' clock. Nobody waits for a manual stack.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// Those that have come to it, in the order in which they did. The wait ends early when no other can, because its
    /// connection has ended.
    /// </returns>
    /// <exception cref="StackException">The sessions live by different clocks.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static IReadOnlyList<TcpSession> For(
        IReadOnlyList<TcpSession> sessions,
        SessionGoal goal,
        bool isAnyEnough,
        TimeSpan timeout,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(goal);
        List<Candidate> waiting = [];
        foreach (TcpSession session in sessions)
        {
            waiting.Add(new Candidate(session, goal));
        }

        List<TcpSession> met = [];
        bool IsDone()
        {
            for (int i = 0; i < waiting.Count; i++)
            {
                if (waiting[i].Look() is { } outcome)
                {
                    if (outcome)
                    {
                        met.Add(waiting[i].Session);
                    }

                    waiting.RemoveAt(i--);
                }
            }

            return waiting.Count == 0 || (isAnyEnough && met.Count > 0);
        }

        if (IsDone())
        {
            return met;
        }

        VirtualClock? clock = CommonClock(waiting, out TimeSpan longest);
        if (clock is not null)
        {
            clock.Network.RunUntil(IsDone, timeout, cancellationToken);
        }
        else
        {
            Wait([.. waiting], IsDone, longest == TimeSpan.Zero ? longest : timeout, cancellationToken);
        }

        return met;
    }

    /// <summary>The clock by which virtual sessions live; null for real time, in which nobody waits for manual stacks.</summary>
    private static VirtualClock? CommonClock(List<Candidate> waiting, out TimeSpan longest)
    {
        longest = TimeSpan.Zero;
        VirtualClock? clock = null;
        bool isMixed = false;
        foreach (Candidate candidate in waiting)
        {
            TcpStack? stack = candidate.Session.Stack;
            if (stack is { Mode: StackMode.Manual })
            {
                continue;
            }

            VirtualClock? other = stack is { Mode: StackMode.Virtual } ? stack.Clock : null;
            isMixed |= longest != TimeSpan.Zero && other != clock;
            clock = other;
            longest = Timeout.InfiniteTimeSpan;
        }

        return isMixed
            ? throw new StackException(
                StackError.InvalidArgument, "The sessions live by different clocks.", "Wait for those of each clock by themselves.")
            : clock;
    }

    private static void Wait(Candidate[] waiting, Func<bool> isDone, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (timeout == TimeSpan.Zero)
        {
            return;
        }

        using ManualResetEventSlim changed = new(false);
        long start = TimeProvider.System.GetTimestamp();
        List<SharedWaiter> waiters = [];
        try
        {
            foreach (Candidate candidate in waiting)
            {
                SharedWaiter waiter = new(candidate.Session, changed);
                candidate.Session.AddWaiter(waiter);
                waiters.Add(waiter);
            }

            while (true)
            {
                changed.Reset();
                if (isDone())
                {
                    return;
                }

                TimeSpan left = timeout < TimeSpan.Zero ? timeout : timeout - TimeProvider.System.GetElapsedTime(start);
                if (timeout >= TimeSpan.Zero && left <= TimeSpan.Zero)
                {
                    return;
                }

                const double Longest = int.MaxValue - 1;
                changed.Wait(
                    left < TimeSpan.Zero ? -1 : (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), Longest), cancellationToken);
            }
        }
        finally
        {
            foreach (SharedWaiter waiter in waiters)
            {
                waiter.Session.RemoveWaiter(waiter);
            }
        }
    }

    /// <summary>One of several sessions that one thread waits for.</summary>
    private sealed class SharedWaiter(TcpSession session, ManualResetEventSlim changed) : Waiter
    {
        public TcpSession Session => session;

        public override void Signal() => changed.Set();
    }

    /// <summary>One session and how far it has been looked through.</summary>
    private sealed class Candidate(TcpSession session, SessionGoal goal)
    {
        private int _searched;

        public TcpSession Session => session;

        /// <summary>Whether it has come to the goal; false when it never will, null when it may yet.</summary>
        public bool? Look()
        {
            if (goal.Bytes is null && goal.Pattern.IsEmpty)
            {
                return session.Look(goal.State is null ? goal.Condition : null, goal.State ?? default);
            }

            // Asked first: what arrives between the two questions is seen by the second.
            bool isOver = session.IsClosed || session.IsPeerFinished || session.Look(SessionCondition.Closed, default) == true;
            return HasData() ? true : isOver ? false : null;
        }

        private bool HasData()
        {
            if (session.IsClosed)
            {
                return false;
            }

            byte[] held = SessionReader.For(session).PeekHeld();
            int count = held.Length + session.Available;
            if (goal.Bytes is { } wanted)
            {
                return count >= wanted;
            }

            int from = Math.Max(0, Math.Min(_searched, count) - goal.Pattern.Length + 1);
            byte[] piece = new byte[count - from];
            int fromHeld = Math.Max(0, held.Length - from);
            held.AsSpan(held.Length - fromHeld).CopyTo(piece);
            int seen = session.Peek(piece.AsSpan(fromHeld), Math.Max(0, from - held.Length));
            _searched = from + fromHeld + seen;
            return piece.AsSpan(0, fromHeld + seen).IndexOf(goal.Pattern.Span) >= 0;
        }
    }
}
