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
        return data.IsEmpty ? 0 : Connection.Write(data, entry.Now);
    }

    /// <inheritdoc/>
    public override int WriteUrgent(ReadOnlySpan<byte> data)
    {
        using TcpStack.Entry entry = Stack.Enter();
        ThrowIfUnwritable();
        return data.IsEmpty ? 0 : Connection.WriteUrgent(data, entry.Now);
    }

    /// <inheritdoc/>
    public override void Shutdown()
    {
        using TcpStack.Entry entry = Stack.Enter();
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
        if (Linger == TimeSpan.Zero)
        {
            Connection.Abort(entry.Now);
        }
        else
        {
            Connection.Close(entry.Now);
            if (Linger is { } linger && linger > TimeSpan.Zero && !IsGone)
            {
                LingerDeadline = entry.Now + linger;
                Stack.Reschedule(this);
            }
        }

        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        using TcpStack.Entry entry = Stack.Enter();
        _closed = true;
        Connection.Abort(entry.Now);
        // A connection that had ended already still holds what nobody read.
        Connection.Close(entry.Now);
        Stack.ForgetUnread(this);
        Stack.Signal(this);
    }

    private protected override void OnHandlerFailed() => Stack.OnHandlerFailed();
}
