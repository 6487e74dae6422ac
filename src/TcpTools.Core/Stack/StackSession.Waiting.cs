using System;
using System.Threading;
using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <content>Calls that wait.</content>
internal sealed partial class StackSession
{
    private WaiterList _waiters;
    private VirtualWait? _virtualWait; // kept for the next wait, so that waiting allocates nothing

    private enum WaitOutcome
    {
        Pending,
        Met,
        Impossible,
    }

    /// <summary>Whether the connection holds nothing any more but, perhaps, data to read.</summary>
    internal bool IsGone => Connection.State is TcpState.Closed && !IsUnopened;

    /// <inheritdoc/>
    public override int ReadSome(Span<byte> destination, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = new(Stack, timeout);
        while (!destination.IsEmpty)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using (TcpStack.Entry entry = Stack.Enter())
            {
                int read = ReadNow(destination, entry.Now);
                if (read > 0)
                {
                    return read;
                }

                ThrowIfUnreadable();
                if (IsAtEnd)
                {
                    return 0;
                }
            }

            if (!Wait(new Want(SessionCondition.Readable), deadline.Left, cancellationToken))
            {
                // It may have ended in a way that a read tells better, so look once more before blaming the time.
                ThrowUnlessReadable();
            }
        }

        return 0;
    }

    /// <inheritdoc/>
    public override void WriteAll(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Deadline deadline = new(Stack, timeout);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            data = data[Write(data)..];
            if (data.IsEmpty)
            {
                return;
            }

            if (!Wait(new Want(SessionCondition.Writable), deadline.Left, cancellationToken) && Write([]) == 0
                && WritableBytes == 0)
            {
                throw SessionErrors.TimedOut("Sending");
            }
        }
    }

    /// <inheritdoc/>
    public override bool WaitFor(SessionCondition condition, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Wait(new Want(condition), timeout, cancellationToken);

    /// <inheritdoc/>
    public override bool WaitFor(TcpState state, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        Wait(new Want(state), timeout, cancellationToken);

    /// <inheritdoc/>
    internal override void AddWaiter(Waiter waiter)
    {
        using (Stack.Enter())
        {
            _waiters.Add(waiter);
        }
    }

    /// <inheritdoc/>
    internal override void RemoveWaiter(Waiter waiter)
    {
        using (Stack.Enter())
        {
            _waiters.Remove(waiter);
        }
    }

    /// <inheritdoc/>
    internal override bool? Look(SessionCondition? condition, TcpState state) =>
        Evaluate(condition is { } wanted ? new Want(wanted) : new Want(state)) switch
        {
            WaitOutcome.Met => true,
            WaitOutcome.Impossible => false,
            _ => null,
        };

    /// <summary>Lets the threads that wait for this session look again.</summary>
    internal void SignalWaiters() => _waiters.SignalAll();

    internal bool HasWaiters => !_waiters.IsEmpty;

    private bool IsAtEnd => Connection.ReadableBytes == 0 && (Connection.IsPeerFinished || IsGone);

    private bool Wait(Want want, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Stack.Mode == StackMode.Virtual)
        {
            VirtualWait wait = Interlocked.Exchange(ref _virtualWait, null) ?? new VirtualWait(this);
            wait.Want = want;
            Stack.RunNetworkUntil(wait.Condition, timeout, cancellationToken, wait.Peek);
            bool met = wait.Outcome == WaitOutcome.Met;
            _virtualWait = wait;
            return met;
        }

        Deadline deadline = new(Stack, timeout);
        SessionWaiter waiter = SessionWaiter.Current;
        bool waiting = false;
        try
        {
            while (true)
            {
                using (Stack.Enter())
                {
                    WaitOutcome outcome = Judge(want);
                    TimeSpan left = deadline.Left;
                    if (outcome != WaitOutcome.Pending || left == TimeSpan.Zero)
                    {
                        return outcome == WaitOutcome.Met;
                    }

                    waiter.Reset();
                    if (!waiting)
                    {
                        waiting = true;
                        _waiters.Add(waiter);
                    }
                }

                waiter.Wait(deadline.Waitable, cancellationToken);
            }
        }
        finally
        {
            if (waiting)
            {
                using (Stack.Enter())
                {
                    _waiters.Remove(waiter);
                }
            }
        }
    }

    private WaitOutcome Evaluate(Want want)
    {
        using (Stack.Enter())
        {
            return Judge(want);
        }
    }

    private WaitOutcome Judge(Want want)
    {
        if (IsMet(want))
        {
            return WaitOutcome.Met;
        }

        return IsGone || (_closed && want.NeedsUser) ? WaitOutcome.Impossible : WaitOutcome.Pending;
    }

    private bool IsMet(Want want)
    {
        if (want.State is { } state)
        {
            return Connection.State == state;
        }

        return want.Condition switch
        {
            SessionCondition.Established => WasEstablished,
            SessionCondition.Readable => !_closed && (Connection.ReadableBytes > 0 || Connection.IsPeerFinished),
            SessionCondition.Writable => !_closed && Connection.WritableBytes > 0,
            SessionCondition.Drained => Connection.IsDrained && !(Stack.DefersCalls && Stack.HasDeferred(this)) && (!IsGone || CloseReason == TcpCloseReason.Finished),
            SessionCondition.PeerFinished => Connection.IsPeerFinished,
            _ => IsGone || Connection.State is TcpState.TimeWait,
        };
    }

    private int ReadNow(Span<byte> destination, Instant now)
    {
        if (_closed)
        {
            throw SessionErrors.Closed(this);
        }

        Stack.OnReading(this, now);
        int read = Connection.Read(destination, now);
        OnRead();
        if (read > 0 && IsGone && Connection.ReadableBytes == 0)
        {
            Stack.ForgetUnread(this);
        }

        return read;
    }

    private void ThrowIfUnreadable()
    {
        if (Connection.ReadableBytes == 0 && IsGone
            && SessionErrors.FromCloseReason(CloseReason, this) is { } error)
        {
            throw error;
        }
    }

    private void ThrowUnlessReadable()
    {
        using (Stack.Enter())
        {
            if (_closed)
            {
                throw SessionErrors.Closed(this);
            }

            ThrowIfUnreadable();
            if (Connection.ReadableBytes == 0 && !IsAtEnd)
            {
                throw SessionErrors.TimedOut("Waiting for data");
            }
        }
    }

    private void ThrowIfUnwritable()
    {
        if (_closed)
        {
            throw SessionErrors.Closed(this);
        }

        switch (Connection.State)
        {
            case var _ when Stack.DefersCalls && Stack.IsEndDeferred(this):
                throw SessionErrors.NotWritable(this);
            case TcpState.Closed when IsUnopened:
            case TcpState.SynSent or TcpState.SynReceived or TcpState.Established or TcpState.CloseWait:
                // A shutdown that was asked for during the handshake shows only in that nothing can be written.
                return;
            case TcpState.Closed when SessionErrors.FromCloseReason(CloseReason, this) is { } error:
                throw error;
            default:
                throw SessionErrors.NotWritable(this);
        }
    }

    /// <summary>A wait that moves the virtual network until its outcome is known.</summary>
    private sealed class VirtualWait
    {
        public VirtualWait(StackSession session)
        {
            Condition = () => (Outcome = session.Evaluate(Want)) != WaitOutcome.Pending;
            Peek = () => session.Evaluate(Want) != WaitOutcome.Pending;
        }

        public Func<bool> Condition { get; }

        public Func<bool> Peek { get; }

        public Want Want { get; set; }

        public WaitOutcome Outcome { get; private set; }
    }

    /// <summary>What a caller waits for: a condition, or a state when that is not null.</summary>
    private readonly record struct Want(SessionCondition Condition, TcpState? State)
    {
        public Want(SessionCondition condition)
            : this(condition, null)
        {
        }

        public Want(TcpState state)
            : this(default, state)
        {
        }

        /// <summary>Whether only a session that its user has not closed can meet it.</summary>
        public bool NeedsUser => State is null && Condition is SessionCondition.Readable or SessionCondition.Writable;
    }
}
