using System;
using System.Threading;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>A connection of one of our stacks: what the stack keeps of it, behind the face that its user sees.</summary>
internal sealed partial class StackSession : TcpSession
{
    private bool _keepAlive;
    private bool _closed;

    public StackSession(TcpStack stack, TcpConnection connection, TcpListener? listener)
    {
        Stack = stack;
        Connection = connection;
        Key = connection.Key;
        Listener = listener;
        _keepAlive = connection.Settings.KeepAlive;
        Timer = new TimerNode(this);
        connection.Owner = this;
    }

    /// <inheritdoc/>
    public override TcpStack Stack { get; }

    /// <inheritdoc/>
    public override TcpListener? Listener { get; }

    /// <inheritdoc/>
    public override TcpState State => Connection.State;

    /// <inheritdoc/>
    public override TcpCloseReason CloseReason =>
        Connection.State == TcpState.TimeWait ? TcpCloseReason.Finished : Connection.CloseReason;

    /// <inheritdoc/>
    public override FlowKey Flow => Key;

    /// <inheritdoc/>
    public override TcpInfo Info
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.GetInfo(entry.Now);
        }
    }

    /// <inheritdoc/>
    public override int Available
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.ReadableBytes;
        }
    }

    /// <inheritdoc/>
    public override int WritableBytes
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return _closed ? 0 : Connection.WritableBytes;
        }
    }

    /// <inheritdoc/>
    public override bool IsPeerFinished => Connection.IsPeerFinished;

    /// <inheritdoc/>
    public override bool IsClosed => Volatile.Read(ref _closed);

    /// <inheritdoc/>
    public override bool NoDelay
    {
        get => Connection.NoDelay;
        set
        {
            using TcpStack.Entry entry = Stack.Enter();
            Connection.NoDelay = value;
            Connection.Flush(entry.Now);
        }
    }

    /// <inheritdoc/>
    public override bool KeepAlive
    {
        get => _keepAlive;
        set => SetKeepAlive(value);
    }

    /// <inheritdoc/>
    public override TimeSpan UserTimeout
    {
        get => Connection.UserTimeout ?? Timeout.InfiniteTimeSpan;
        set
        {
            using TcpStack.Entry entry = Stack.Enter();
            Connection.UserTimeout = value < TimeSpan.Zero ? null : value;
        }
    }

    /// <inheritdoc/>
    public override TimeSpan? Linger { get; set; }

    /// <inheritdoc/>
    public override TcpSettings Settings => Connection.Settings;

    /// <inheritdoc/>
    public override int? UrgentOffset
    {
        get
        {
            using TcpStack.Entry entry = Stack.Enter();
            return Connection.UrgentMark;
        }
    }

    internal TcpConnection Connection { get; }

    internal FlowKey Key { get; }

    internal TimerNode Timer { get; }

    internal uint FlowHash { get; set; }

    // A field, since the hash table holds references to it while it walks a chain.
    internal StackSession? NextInBucket;

    internal StackSession? PreviousInOrder { get; set; }

    internal StackSession? NextInOrder { get; set; }

    internal StackSession? NextTouched { get; set; }

    internal bool IsTouched { get; set; }

    internal bool IsSignalled { get; set; }

    internal StackSession? NextSignalled { get; set; }

    /// <summary>Whether its user has asked for it to be opened, and no step has done so yet.</summary>
    internal bool IsUnopened { get; set; }

    /// <summary>What the connection's last timer stands for.</summary>
    internal StepTimer CloseTimer => State == TcpState.TimeWait ? StepTimer.TimeWait : StepTimer.FinWait2;

    /// <summary>Whether the handshake was ever completed.</summary>
    internal bool WasEstablished { get; set; }

    /// <summary>When <see cref="Linger"/> runs out for a session that was closed.</summary>
    internal Instant LingerDeadline { get; set; } = Instant.Never;

    /// <summary>What the connection's own timer is set to.</summary>
    internal Instant ConnectionDeadline { get; set; } = Instant.Never;

    /// <inheritdoc/>
    public override void SetKeepAlive(bool enabled, TimeSpan? time = null, TimeSpan? interval = null, int? probes = null)
    {
        using TcpStack.Entry entry = Stack.Enter();
        _keepAlive = enabled;
        Connection.SetKeepAlive(enabled, time, interval, probes, entry.Now);
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> destination)
    {
        using TcpStack.Entry entry = Stack.Enter();
        int read = ReadNow(destination, entry.Now);
        if (read == 0 && !destination.IsEmpty)
        {
            ThrowIfUnreadable();
        }

        return read;
    }

    /// <inheritdoc/>
    internal override int TryRead(Span<byte> destination, out bool isAtEnd)
    {
        using TcpStack.Entry entry = Stack.Enter();
        int read = ReadNow(destination, entry.Now);
        if (read == 0)
        {
            ThrowIfUnreadable();
        }

        isAtEnd = read == 0 && IsAtEnd;
        return read;
    }

    /// <inheritdoc/>
    public override int Peek(Span<byte> destination, int offset = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        using TcpStack.Entry entry = Stack.Enter();
        return offset >= Connection.ReadableBytes ? 0 : Connection.Peek(destination, offset);
    }

    /// <inheritdoc/>
    public override int Write(ReadOnlySpan<byte> data)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfUnwritable();
        return data.IsEmpty ? 0 : Stack.DefersCalls ? Stack.Defer(this, data, isUrgent: false) : Connection.Write(data, entry.Now);
    }

    /// <inheritdoc/>
    public override int WriteUrgent(ReadOnlySpan<byte> data)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfUnwritable();
        return data.IsEmpty ? 0 : Stack.DefersCalls ? Stack.Defer(this, data, isUrgent: true) : Connection.WriteUrgent(data, entry.Now);
    }

    /// <inheritdoc/>
    public override void Shutdown()
    {
        using TcpStack.Entry entry = Stack.Enter();
        if (Stack.DefersCalls)
        {
            Stack.Defer(this, TcpStack.CallKind.Shutdown);
            return;
        }

        Connection.Shutdown(entry.Now);
        Stack.Signal(this);
    }

    /// <inheritdoc/>
    public override void Close()
    {
        using TcpStack.Entry entry = Stack.Enter();
        if (_closed)
        {
            return;
        }

        _closed = true;
        if (Stack.DefersCalls && !IsGone)
        {
            Stack.Defer(this, TcpStack.CallKind.Close);
            return;
        }

        CloseNow(entry.Now);
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        using TcpStack.Entry entry = Stack.Enter();
        _closed = true;
        if (Stack.DefersCalls && !IsGone)
        {
            Stack.Defer(this, TcpStack.CallKind.Abort);
            return;
        }

        AbortNow(entry.Now);
    }

    /// <summary>Closes the connection, under the lock.</summary>
    internal void CloseNow(Instant now)
    {
        if (Linger == TimeSpan.Zero)
        {
            Connection.Abort(now);
        }
        else
        {
            Connection.Close(now);
            if (Linger is { } linger && linger > TimeSpan.Zero && !IsGone)
            {
                LingerDeadline = now + linger;
                Stack.Reschedule(this);
            }
        }

        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    /// <summary>Resets the connection, under the lock.</summary>
    internal void AbortNow(Instant now)
    {
        Connection.Abort(now);
        // A connection that had ended already still holds what nobody read.
        Connection.Close(now);
        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    private protected override void OnHandlerFailed() => Stack.OnHandlerFailed();
}
