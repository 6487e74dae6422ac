using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>
/// A hook that was registered with a stack: what it is for, and what has come of it. Disposing removes it. When it has ended and
/// holds nothing any more, who is called by it is disposed, where he can be.
/// </summary>
public sealed class PacketHook : IDisposable
{
    private const int MaximumErrors = 16;

    private static long s_lastId;

    private readonly Queue<Exception> _errors = new();
    private readonly Lock _errorLock = new();
    private readonly LinkedList<HeldPacket> _pending = new();
    private readonly IPacketHook? _hook;
    private readonly PacketHookHandler? _handler;
    private int _left;
    private long _ticks;
    private int _delayed;
    private volatile bool _isActive = true;
    private int _hasEnded;

    internal PacketHook(TcpStack stack, HookOptions options, Instant now)
    {
        Stack = stack;
        Id = Interlocked.Increment(ref s_lastId);
        Name = options.Name ?? string.Create(CultureInfo.InvariantCulture, $"hook{Id}");
        Description = options.Description;
        Stages = options.Stages.Distinct().ToArray();
        Filter = options.Filter;
        Order = options.Order;
        Capacity = options.Capacity;
        Limit = options.Limit;
        EndsAt = options.Duration is { } duration ? now + duration : Instant.Never;
        Deferred = options.Deferred;
        _hook = options.Hook;
        _handler = options.Handler;
        _left = options.Limit ?? -1;
    }

    /// <summary>The hook's number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>What it does, in a few words.</summary>
    public string Description { get; }

    /// <summary>Where it is called.</summary>
    public IReadOnlyList<HookStage> Stages { get; }

    /// <summary>For which packets.</summary>
    public HookFilter Filter { get; }

    /// <summary>Its place among the hooks of a stage, low first.</summary>
    public int Order { get; }

    /// <summary>How many packets may wait for its decision.</summary>
    public int Capacity { get; }

    /// <summary>After how many packets it ends; null for never.</summary>
    public int? Limit { get; }

    /// <summary>When it ends by itself; <see cref="Instant.Never"/> for never.</summary>
    public Instant EndsAt { get; }

    /// <summary>Whether it is still called.</summary>
    public bool IsActive => _isActive;

    /// <summary>Whether it decides later, on a thread of its own.</summary>
    public bool IsDeferred => Deferred is not null;

    /// <summary>Packets that passed its stages while it was there.</summary>
    public long Seen { get; private set; }

    /// <summary>Those among them that its filter let through to it.</summary>
    public long Matched { get; private set; }

    /// <summary>Packets that it has changed.</summary>
    public long Changed { get; private set; }

    /// <summary>Packets that it has dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>Packets that it has delayed.</summary>
    public long Delayed { get; private set; }

    /// <summary>Copies that it has added.</summary>
    public long Duplicated { get; private set; }

    /// <summary>Packets that it has answered instead.</summary>
    public long Answered { get; private set; }

    /// <summary>Calls that went wrong.</summary>
    public long Failed { get; private set; }

    /// <summary>Packets that were dropped because too many waited for its decision.</summary>
    public long Overflowed { get; private set; }

    /// <summary>Packets that it holds at this moment: delayed, or waiting for its decision.</summary>
    public int Held => Volatile.Read(ref _delayed) + Pending;

    /// <summary>How long it has worked in all.</summary>
    public TimeSpan Time => Stopwatch.GetElapsedTime(0, Interlocked.Read(ref _ticks));

    /// <summary>What a deferred hook wrote the last time that it wrote anything.</summary>
    public IReadOnlyList<object?> LastOutput { get; set; } = [];

    /// <summary>The last errors, oldest first; at most 16 are kept.</summary>
    public IReadOnlyList<Exception> Errors
    {
        get
        {
            lock (_errorLock)
            {
                return _errors.ToArray();
            }
        }
    }

    internal IDeferredPacketHook? Deferred { get; }

    /// <summary>Packets that wait for its decision.</summary>
    internal int Pending => _pending.Count;

    /// <summary>Whether it has had all the packets that it was for.</summary>
    internal bool IsUsedUp => _left == 0;

    /// <summary>
    /// Ends the hook. What it holds goes on at once, unchanged, in the order in which it came. Again does nothing; any
    /// thread may, the hook itself too.
    /// </summary>
    public void Remove() => Stack.RemoveHook(this);

    /// <inheritdoc cref="Remove"/>
    public void Dispose() => Remove();

    /// <summary>Name, stages and state, in a line.</summary>
    public override string ToString() => $"{Name} at {string.Join(", ", Stages)}{(IsActive ? "" : " (ended)")}";

    /// <summary>Notes something that went wrong.</summary>
    internal void AddError(Exception error)
    {
        Failed++;
        lock (_errorLock)
        {
            if (_errors.Count >= MaximumErrors)
            {
                _errors.Dequeue();
            }

            _errors.Enqueue(error);
        }
    }

    /// <summary>Whether the hook is for a packet, which is counted.</summary>
    internal bool Accepts(scoped ref HookCall call)
    {
        Seen++;
        if (_left == 0 || call.Now >= EndsAt || !Filter.Matches(ref call))
        {
            return false;
        }

        Matched++;
        if (_left > 0)
        {
            _left--;
        }

        return true;
    }

    /// <summary>Lets the hook decide, now.</summary>
    internal HookVerdict Call(scoped ref HookCall call)
    {
        long start = Stopwatch.GetTimestamp();
        call.IsChanged = false;
        call.IsAnswered = false;
        call.KeepChecksums = false;
        HookVerdict verdict = default;
        try
        {
            verdict = _hook is not null ? _hook.OnPacket(ref call) : _handler!(ref call);
        }
#pragma warning disable CA1031 // A hook's fault is its own: the stack serves everybody else.
        catch (Exception error)
#pragma warning restore CA1031
        {
            AddError(error);
        }

        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - start);
        if (!call.HasPacket && (call.Stage != HookStage.Timer || verdict.Action != HookAction.Delay))
        {
            verdict = default;
        }

        Count(verdict, call.IsChanged, call.IsAnswered);
        return call.IsAnswered ? HookVerdict.Drop : verdict;
    }

    /// <summary>Counts what came of a packet.</summary>
    internal void Count(in HookVerdict verdict, bool isChanged, bool isAnswered, TimeSpan time = default)
    {
        Changed += isChanged && !isAnswered ? 1 : 0;
        Answered += isAnswered ? 1 : 0;
        Dropped += !isAnswered && verdict.Action == HookAction.Drop ? 1 : 0;
        Delayed += !isAnswered && verdict.Action == HookAction.Delay ? 1 : 0;
        Duplicated += !isAnswered && verdict.Action == HookAction.Duplicate ? verdict.Copies : 0;
        Stack.NoteHook(this, verdict, isChanged, isAnswered);
        if (time > TimeSpan.Zero)
        {
            Interlocked.Add(ref _ticks, (long)(time.TotalSeconds * Stopwatch.Frequency));
        }
    }

    internal void OnOverflow() => Overflowed++;

    internal void AddPending(HeldPacket packet) => _pending.AddLast(packet);

    internal void RemovePending(HeldPacket packet) => _pending.Remove(packet);

    internal HeldPacket[] ListPending() => [.. _pending];

    internal void OnDelayed(int change) => Volatile.Write(ref _delayed, _delayed + change);

    /// <summary>Is called no more.</summary>
    internal void Deactivate() => _isActive = false;

    /// <summary>Disposes who is called, where he can be disposed, when nothing is left for him to do.</summary>
    internal void EndIfDone()
    {
        if (!_isActive && Held == 0 && Interlocked.Exchange(ref _hasEnded, 1) == 0)
        {
            // Elsewhere, since this may be a thread that the handler waits for.
            ThreadPool.UnsafeQueueUserWorkItem(static hook => hook.DisposeHandler(), this, preferLocal: false);
        }
    }

    private void DisposeHandler()
    {
        try
        {
            ((Deferred ?? (object?)_hook) as IDisposable)?.Dispose();
        }
#pragma warning disable CA1031 // On a thread of the pool's nothing may escape.
        catch (Exception error)
#pragma warning restore CA1031
        {
            AddError(error);
        }
    }
}
