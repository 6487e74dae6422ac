using System;
using System.Collections.Generic;
using System.Threading;

namespace TcpTools.Stack;

/// <content>
/// Several threads and one simulated time: one thread moves the network, the leader; the others that wait in simulated time
/// follow it, and look at what they wait for when it asks them, one after another, each time that something has moved. A
/// thread that works under a token never leads. Nothing moves while work is open.
/// </content>
public sealed partial class VirtualNetwork
{
    private readonly object _gate = new(); // taken after _lock and after a stack's, never before
    private readonly List<WorkToken> _work = [];
    private readonly List<Follower> _followers = [];
    private long _lastWork;
    private int _leader; // a thread's number, or 0
    private int _occupied; // work and followers: while there are none, none of this costs anything

    /// <summary>
    /// How long, in real time, whoever moves the network waits for work that neither ends nor waits in simulated time; then
    /// time goes on without it. 10 s unless set.
    /// </summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many threads wait in simulated time for another to move the network.</summary>
    internal int FollowerCount
    {
        get
        {
            lock (_gate)
            {
                return _followers.Count;
            }
        }
    }

    private bool IsLeader => Volatile.Read(ref _leader) == Environment.CurrentManagedThreadId;

    /// <summary>
    /// Holds simulated time until the result is disposed, for work that goes on on another thread. That thread should
    /// <see cref="WorkToken.Adopt"/> it, so that it can wait in simulated time.
    /// </summary>
    public WorkToken BeginWork()
    {
        lock (_gate)
        {
            WorkToken token = new(this, ++_lastWork) { IsActive = true, ActiveSince = Environment.TickCount64 };
            _work.Add(token);
            _occupied++;
            return token;
        }
    }

    internal void EndWork(WorkToken token)
    {
        lock (_gate)
        {
            token.IsEnded = true;
            SetActive(token, false);
        }
    }

    /// <summary>Lets those who wait look again although nothing has moved, because what they wait for may never come.</summary>
    private void Wake()
    {
        lock (_gate)
        {
            foreach (Follower follower in _followers)
            {
                follower.Asked.Release();
            }
        }
    }

    private void SetActive(WorkToken token, bool active)
    {
        if (token.IsActive == active || (active && token.IsEnded))
        {
            return;
        }

        token.IsActive = active;
        if (active)
        {
            token.IsOverdue = false;
            token.ActiveSince = Environment.TickCount64;
            _work.Add(token);
            _occupied++;
        }
        else
        {
            _work.Remove(token);
            _occupied--;
        }

        Monitor.PulseAll(_gate);
    }

    /// <summary>Makes the calling thread the leader, unless another is.</summary>
    /// <param name="isNested">Whether it was already, and somebody that it called upon wants to wait.</param>
    private bool TryLead(out bool isNested)
    {
        lock (_gate)
        {
            int self = Environment.CurrentManagedThreadId;
            isNested = _leader == self;
            if (_leader == 0)
            {
                _leader = self;
            }

            return _leader == self;
        }
    }

    /// <summary>The leader has what it waited for: the next one that waits and may move the clock, or need not, takes its place.</summary>
    private void StopLeading()
    {
        lock (_gate)
        {
            _leader = 0;
            if (_followers.Find(static follower => follower.MayLead) is { } next)
            {
                next.Leads = true;
                _leader = next.Thread;
                next.Asked.Release();
            }
        }
    }

    /// <summary>Waits while another thread moves the network.</summary>
    /// <param name="work">The work that the calling thread does.</param>
    /// <param name="condition">What it waits for.</param>
    /// <param name="end">Until when; null for until there is nothing to do at the present time.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="peek">Tells whether the condition may hold, on any thread; null for asking always.</param>
    /// <returns>Whether the condition held in time; null when the calling thread is to lead from now on.</returns>
    private bool? Follow(
        WorkToken? work, Func<bool> condition, Instant? end, CancellationToken cancellationToken, Func<bool>? peek = null)
    {
        Follower self = new(work, end ?? Now) { MayLead = work is null || end is null, Peek = peek };
        lock (_gate)
        {
            if (self.MayLead && _leader == 0)
            {
                _leader = self.Thread;
                return null;
            }

            int place = work is null ? -1 : _followers.FindIndex(other => other.Work is null || other.Work.Number > work.Number);
            _followers.Insert(place < 0 ? _followers.Count : place, self);
            _occupied++;
            Rest(work);
        }

        bool isMet = false;
        bool leads = false;
        try
        {
            while (true)
            {
                self.Asked.Wait(cancellationToken);
                isMet = condition();
                lock (_gate)
                {
                    if (isMet || self.IsDue || self.Leads)
                    {
                        leads = self.Leads && !isMet && !self.IsDue;
                        return leads ? null : isMet;
                    }

                    self.IsAsked = false;
                    Monitor.PulseAll(_gate);
                }
            }
        }
        finally
        {
            bool passesOn;
            lock (_gate)
            {
                _followers.Remove(self);
                _occupied--;
                self.HasGone = true;
                self.IsAsked = false;
                passesOn = self.Leads && !leads;
                if (work is not null)
                {
                    SetActive(work, true);
                }

                Monitor.PulseAll(_gate);
            }

            if (passesOn)
            {
                StopLeading();
            }

            self.Asked.Dispose();
        }
    }

    private void Rest(WorkToken? work)
    {
        lock (_gate)
        {
            if (work is not null)
            {
                SetActive(work, false);
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Resume(WorkToken work)
    {
        lock (_gate)
        {
            SetActive(work, true);
        }
    }

    /// <summary>
    /// Lets all work come to where it ends or waits, and all who wait look whether they have waited long enough: one after
    /// another, so that a run repeats itself.
    /// </summary>
    private void Settle(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _occupied) == 0)
        {
            return;
        }

        // Who waits for a token to be cancelled waits in the gate.
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static gate =>
            {
                lock (gate!)
                {
                    Monitor.PulseAll(gate);
                }
            },
            _gate);
        bool again = true;
        while (again)
        {
            again = false;
            AwaitWork(cancellationToken);
            foreach (Follower follower in Snapshot())
            {
                bool isWorthAsking = follower.IsDue || follower.Peek is null || follower.Peek();
                if (isWorthAsking && Ask(follower, cancellationToken))
                {
                    again = true;
                    AwaitWork(cancellationToken);
                }
            }
        }
    }

    private Follower[] Snapshot()
    {
        lock (_gate)
        {
            return [.. _followers];
        }
    }

    private void AwaitWork(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (_work.Find(static token => !token.IsOverdue) is { } token)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!WaitSince(token.ActiveSince))
                {
                    token.IsOverdue = true;
                }
            }
        }
    }

    /// <summary>Lets a thread look whether it has what it waits for; true when it has, and goes on.</summary>
    private bool Ask(Follower follower, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (follower.HasGone)
            {
                return false;
            }

            follower.IsAsked = true;
            follower.Asked.Release();
            long since = Environment.TickCount64;
            while (follower.IsAsked && WaitSince(since))
            {
                cancellationToken.ThrowIfCancellationRequested();
            }

            return follower.HasGone;
        }
    }

    /// <summary>Waits in the gate for a change; false when patience has run out.</summary>
    private bool WaitSince(long since)
    {
        double left = Patience.TotalMilliseconds - (Environment.TickCount64 - since);
        if (left <= 0)
        {
            return false;
        }

        _ = Monitor.Wait(_gate, (int)Math.Min(left + 1, int.MaxValue));
        return true;
    }

    /// <summary>Ends the waits whose limit has come, now that nothing is left to happen before it.</summary>
    private bool EndDueWaits()
    {
        if (Volatile.Read(ref _occupied) == 0)
        {
            return false;
        }

        bool any = false;
        lock (_gate)
        {
            foreach (Follower follower in _followers)
            {
                any |= !follower.IsDue && follower.End <= Now;
                follower.IsDue |= follower.End <= Now;
            }
        }

        return any;
    }

    private Instant EarliestWaitEnd()
    {
        Instant earliest = Instant.Never;
        if (Volatile.Read(ref _occupied) != 0)
        {
            lock (_gate)
            {
                foreach (Follower follower in _followers)
                {
                    earliest = follower.IsDue ? earliest : Instant.Earlier(earliest, follower.End);
                }
            }
        }

        return earliest;
    }

    /// <summary>A thread that waits in simulated time while another moves the network. What changes does so in the gate.</summary>
    private sealed class Follower(WorkToken? work, Instant end)
    {
        public int Thread { get; } = Environment.CurrentManagedThreadId;

        /// <summary>The work that the thread does; null for none.</summary>
        public WorkToken? Work { get; } = work;

        /// <summary>Whether it may move the network when nobody else does.</summary>
        public bool MayLead { get; init; }

        /// <summary>When it has waited long enough.</summary>
        public Instant End { get; } = end;

        /// <summary>Tells on any thread whether it may have what it waits for; null where only itself can tell.</summary>
        public Func<bool>? Peek { get; init; }

        /// <summary>Wakes it.</summary>
        public SemaphoreSlim Asked { get; } = new(0);

        /// <summary>Whether the leader waits for its answer.</summary>
        public bool IsAsked { get; set; }

        /// <summary>Whether it has waited long enough.</summary>
        public bool IsDue { get; set; }

        /// <summary>Whether it is the leader from now on.</summary>
        public bool Leads { get; set; }

        /// <summary>Whether it waits no more.</summary>
        public bool HasGone { get; set; }
    }
}
