using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>A packet that goes on at a time.</summary>
/// <param name="Owner">The hook that keeps it; null for an answer.</param>
/// <param name="Stage">Where it goes on.</param>
/// <param name="After">Behind which hook of the stage.</param>
/// <param name="Packet">The packet.</param>
/// <param name="Origin">What is known of it.</param>
internal readonly record struct DelayedPacket(
    PacketHook? Owner, HookStage Stage, PacketHook? After, PacketBuffer Packet, HookOrigin Origin);

/// <summary>The hooks of a stack by their stages, and the packets that they hold. Under the stack's lock.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage(
    "Design", "CA1001", Justification = "An event without a wait handle holds nothing.")]
internal sealed class HookTable
{
    private const int StageCount = 12;

    private readonly PacketHook[][] _stages = new PacketHook[StageCount][];
    private readonly PriorityQueue<DelayedPacket, (Instant Time, long Number)> _delayed = new();
    private readonly List<PacketHook> _lingering = [];
    private readonly ManualResetEventSlim _allDecided = new(true);
    private PacketHook[] _hooks = [];
    private int _undecided;
    private Instant _firstEnd = Instant.Never;
    private long _number;

    public HookTable() => Array.Fill(_stages, []);

    /// <summary>The hooks that are called, in the order in which they are, and those that only hold packets still.</summary>
    public PacketHook[] All => [.. _hooks, .. _lingering];

    /// <summary>Whether there is nothing that it is needed for.</summary>
    public bool IsEmpty => _hooks.Length == 0 && _delayed.Count == 0 && _lingering.Count == 0;

    /// <summary>Whether the stack is ending, so that nothing may be held any more.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Whether somebody looks at what comes in.</summary>
    public bool WatchesIn =>
        At(HookStage.LinkIn).Length + At(HookStage.IPIn).Length + At(HookStage.TcpIn).Length > 0;

    /// <summary>When a held packet is to go on or a hook ends.</summary>
    public Instant NextDeadline =>
        _delayed.TryPeek(out _, out (Instant Time, long) first) ? Instant.Earlier(first.Time, _firstEnd) : _firstEnd;

    /// <summary>The hooks of a stage, in the order in which they are called.</summary>
    public PacketHook[] At(HookStage stage) => _stages[(int)stage];

    /// <summary>Whether somebody may look at segments of a flow on their way out.</summary>
    public bool WatchesOut(in FlowKey flow) => WatchesSegments(flow)
        || Watches(HookStage.IPOut, flow) || Watches(HookStage.LinkOut, flow);

    /// <summary>Whether somebody may look at segments of a flow before they get their IP header.</summary>
    public bool WatchesSegments(in FlowKey flow) =>
        Watches(HookStage.TcpOut, flow) || Watches(HookStage.Syn, flow) || Watches(HookStage.SynAck, flow);

    /// <summary>The place of the first hook that is called after another, which may be gone.</summary>
    public static int IndexAfter(PacketHook[] hooks, PacketHook other)
    {
        int index = 0;
        while (index < hooks.Length && Compare(hooks[index], other) <= 0)
        {
            index++;
        }

        return index;
    }

    public void Add(PacketHook hook)
    {
        _hooks = [.. _hooks.Append(hook).Order(Comparer<PacketHook>.Create(Compare))];
        Rebuild();
    }

    /// <summary>Takes a hook out; what it holds stays held. False where it is not there.</summary>
    public bool Remove(PacketHook hook)
    {
        int before = _hooks.Length;
        _hooks = Array.FindAll(_hooks, other => !ReferenceEquals(other, hook));
        if (_hooks.Length == before)
        {
            return false;
        }

        hook.Deactivate();
        Rebuild();
        if (hook.Held > 0)
        {
            _lingering.Add(hook);
        }
        else
        {
            hook.EndIfDone();
        }

        return true;
    }

    /// <summary>The first hook whose time is over; null for none.</summary>
    public PacketHook? FindExpired(Instant now)
    {
        if (now >= _firstEnd)
        {
            foreach (PacketHook hook in _hooks)
            {
                if (hook.EndsAt <= now)
                {
                    return hook;
                }
            }
        }

        return null;
    }

    /// <summary>Holds a packet.</summary>
    public void Hold(in DelayedPacket packet, Instant until)
    {
        packet.Owner?.OnDelayed(1);
        _delayed.Enqueue(packet, (until, _number++));
    }

    /// <summary>Takes a packet that is to go on.</summary>
    public bool TryTakeDue(Instant now, out DelayedPacket packet)
    {
        if (!_delayed.TryPeek(out packet, out (Instant Time, long) first) || first.Time > now)
        {
            return false;
        }

        _delayed.Dequeue();
        packet.Owner?.OnDelayed(-1);
        if (packet.Owner is { } owner)
        {
            OnReleased(owner);
        }

        return true;
    }

    /// <summary>A hook is given a packet to decide about.</summary>
    public void OnGiven(HeldPacket packet)
    {
        packet.Hook.AddPending(packet);
        _undecided++;
        _allDecided.Reset();
    }

    /// <summary>A hook has decided about a packet, or is not to any more.</summary>
    public void OnDecided(HeldPacket packet)
    {
        packet.IsReleased = true;
        packet.Hook.RemovePending(packet);
        if (--_undecided == 0)
        {
            _allDecided.Set();
        }
    }

    /// <summary>Waits, outside the lock, until all hooks have decided about what they were given.</summary>
    public bool AwaitDecisions(TimeSpan patience) => _allDecided.Wait(patience);

    /// <summary>A hook holds one packet less.</summary>
    public void OnReleased(PacketHook hook)
    {
        if (!hook.IsActive && hook.Held == 0)
        {
            _lingering.Remove(hook);
            hook.EndIfDone();
        }
    }

    /// <summary>Makes all that a hook holds, or that any hook does, go on now, in the order in which it was taken.</summary>
    public void Hasten(PacketHook? hook, Instant now)
    {
        (DelayedPacket Packet, (Instant, long) Place)[] all = [.. _delayed.UnorderedItems];
        _delayed.Clear();
        foreach ((DelayedPacket packet, (Instant time, long number)) in all)
        {
            bool isOwned = packet.Owner is not null && (hook is null || ReferenceEquals(packet.Owner, hook));
            _delayed.Enqueue(packet, (isOwned ? Instant.Earlier(time, now) : time, number));
        }

        foreach (PacketHook owner in hook is null ? [.. _hooks, .. _lingering] : new[] { hook })
        {
            foreach (HeldPacket held in owner.ListPending())
            {
                OnDecided(held);
                if (held.Buffer is { } packet)
                {
                    held.Buffer = null;
                    Hold(new DelayedPacket(owner, held.Stage, owner, packet, held.Origin), now);
                }

                held.Work?.Dispose();
            }
        }
    }

    /// <summary>Gives back everything that is held, and takes all hooks out.</summary>
    public void Clear()
    {
        Hasten(null, Instant.Zero);
        while (_delayed.TryDequeue(out DelayedPacket packet, out _))
        {
            packet.Packet.Release();
            packet.Owner?.OnDelayed(-1);
        }

        PacketHook[] all = [.. _hooks, .. _lingering];
        _hooks = [];
        _lingering.Clear();
        Rebuild();
        foreach (PacketHook hook in all)
        {
            hook.Deactivate();
            hook.EndIfDone();
        }
    }

    private static int Compare(PacketHook a, PacketHook b) =>
        a.Order != b.Order ? a.Order.CompareTo(b.Order) : a.Id.CompareTo(b.Id);

    private bool Watches(HookStage stage, in FlowKey flow)
    {
        foreach (PacketHook hook in At(stage))
        {
            if (hook.Filter.MatchesFlow(flow))
            {
                return true;
            }
        }

        return false;
    }

    // Whoever walks through the hooks of a stage at this moment goes on with those that there were.
    private void Rebuild()
    {
        for (int i = 0; i < StageCount; i++)
        {
            _stages[i] = Array.FindAll(_hooks, hook => hook.Stages.Contains((HookStage)i));
        }

        _firstEnd = _hooks.Aggregate(Instant.Never, static (first, hook) => Instant.Earlier(first, hook.EndsAt));
    }
}
