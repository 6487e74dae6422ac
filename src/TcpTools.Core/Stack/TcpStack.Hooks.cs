using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Hooks: who is called at which stage, and what becomes of what they decide.</content>
public sealed partial class TcpStack
{
    private const int MaximumHookDepth = 8;
    private const int MaximumReleasesAtOnce = 1024;

    private static readonly TimeSpan s_decisionPatience = TimeSpan.FromSeconds(10);

    private HookTable? _hooks; // null while there is none, so that one look is all that hooks cost then
    private int _hookDepth;

    /// <summary>The hooks that are called, in the order in which they are, and then those that have ended but still hold packets.</summary>
    public IReadOnlyList<PacketHook> Hooks
    {
        get
        {
            lock (_lock)
            {
                return _hooks?.All ?? [];
            }
        }
    }

    /// <summary>Registers a hook, which is called from now on.</summary>
    /// <exception cref="StackException">The options contradict themselves, or the stack was stopped.</exception>
    public PacketHook AddHook(HookOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        int handlers = (options.Hook is null ? 0 : 1) + (options.Handler is null ? 0 : 1) + (options.Deferred is null ? 0 : 1);
        string? problem = options switch
        {
            { Stages.Count: 0 } => "A hook needs at least one stage.",
            _ when handlers != 1 => "A hook needs one of a hook object, a handler and a deferred hook.",
            { Limit: < 1 } or { Capacity: < 1 } => "A hook's limits are at least 1.",
            { Duration: { } duration } when duration <= TimeSpan.Zero => "A hook's duration is more than nothing.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new StackException(StackError.InvalidArgument, problem);
        }

        using Entry entry = Enter();
        ThrowIfStopped();
        PacketHook hook = new(this, options, entry.Now);
        _hooks ??= new HookTable();
        _hooks.Add(hook);
        if (_hooks.At(HookStage.Data).Length == 1)
        {
            // What arrived before anybody looked is not news.
            for (StackSession? session = _firstSession; session is not null; session = session.NextInOrder)
            {
                session.Connection.TakeNewlyReadable();
            }
        }

        return hook;
    }

    internal void RemoveHook(PacketHook hook)
    {
        if (_lock.IsHeldByCurrentThread)
        {
            // From inside a hook: what is released waits until the stack is left.
            RemoveHook(hook, _now);
            return;
        }

        using Entry entry = Enter();
        RemoveHook(hook, entry.Now);
    }

    private void RemoveHook(PacketHook hook, Instant now)
    {
        if (_hooks is { } table)
        {
            table.Remove(hook);
            table.Hasten(hook, now);
        }
    }

    /// <summary>Where nobody but the caller moves the stack: waits for what hooks decide, so that a step shows what came of it.</summary>
    private void AwaitHooks() => _hooks?.AwaitDecisions(s_decisionPatience);

    private bool HooksAreDue(Instant now) => _hooks is { } table && table.NextDeadline <= now;

    /// <summary>Calls the hooks of a stage for a packet, those behind one of them where it was held by that.</summary>
    /// <returns>Whether it goes on now; if not, it is no longer the caller's.</returns>
    private bool PassHooks(HookStage stage, PacketHook? after, ref PacketBuffer packet, in HookOrigin origin, Instant now)
    {
        PacketHook[] hooks = _hooks?.At(stage) ?? [];
        int first = after is null ? 0 : HookTable.IndexAfter(hooks, after);
        // What a hook causes by calling the stack, which it must not, passes it a few times only.
        if (first >= hooks.Length || _hookDepth >= MaximumHookDepth)
        {
            return true;
        }

        HookCall call = new(this, stage, packet, origin, now);
        for (int i = first; i < hooks.Length; i++)
        {
            PacketHook hook = hooks[i];
            if (!hook.IsActive || !hook.Accepts(ref call))
            {
                continue;
            }

            if (hook.Deferred is not null)
            {
                if (Defer(hook, ref call))
                {
                    return false;
                }

                continue;
            }

            _hookDepth++;
            HookVerdict verdict = hook.Call(ref call);
            _hookDepth--;
            packet = call.Packet!;
            if (call.IsChanged)
            {
                packet.Offload = default;
                if (!call.KeepChecksums)
                {
                    HookChecksums.Update(packet.Span[call.NetworkOffset..]);
                }
            }

            bool goesOn = verdict.Action == HookAction.Accept || Obey(verdict, hook, stage, packet, origin, now);
            RemoveIfUsedUp(hook);
            if (!goesOn)
            {
                return false;
            }
        }

        return true;
    }

    private void RemoveIfUsedUp(PacketHook hook)
    {
        if (hook.IsUsedUp && hook.IsActive)
        {
            _hooks?.Remove(hook);
        }
    }

    /// <summary>Tells hooks of something that is no packet.</summary>
    /// <returns>By how much it is to be delayed.</returns>
    private TimeSpan TellHooks(HookStage stage, PacketBuffer? data, in HookOrigin origin, Instant now)
    {
        PacketHook[] hooks = _hooks?.At(stage) ?? [];
        TimeSpan delay = TimeSpan.Zero;
        if (hooks.Length == 0 || _hookDepth >= MaximumHookDepth)
        {
            return delay;
        }

        HookCall call = new(this, stage, data, origin, now);
        foreach (PacketHook hook in hooks)
        {
            if (!hook.IsActive || !hook.Accepts(ref call))
            {
                continue;
            }

            if (hook.Deferred is not null)
            {
                Defer(hook, ref call);
                continue;
            }

            _hookDepth++;
            HookVerdict verdict = hook.Call(ref call);
            _hookDepth--;
            RemoveIfUsedUp(hook);
            if (verdict.Action == HookAction.Delay && verdict.Span > delay)
            {
                delay = verdict.Span;
            }
        }

        return delay;
    }

    private void HookStateChange(StackSession session, TcpState from, TcpState to)
    {
        HookOrigin origin = new() { Session = session, PreviousState = from };
        TellHooks(HookStage.StateChange, null, origin, _now);
        if (to == TcpState.Established)
        {
            TellHooks(HookStage.Connected, null, origin, _now);
        }
    }

    /// <summary>Asks hooks about a timer that is due; true where it is to run out later.</summary>
    private bool HookTimer(StackSession session, Instant now)
    {
        // One that was put off meanwhile is set anew, and nothing runs out.
        if (session.Connection.FindDueTimer(now) is not { } timer)
        {
            return false;
        }

        TimeSpan delay = TellHooks(HookStage.Timer, null, new HookOrigin { Session = session, Timer = timer }, now);
        if (delay <= TimeSpan.Zero || session.IsGone)
        {
            return false;
        }

        session.Connection.PostponeTimer(timer, delay == TimeSpan.MaxValue ? Instant.Never : now + delay);
        return true;
    }

    private void HookData(StackSession session)
    {
        if (_hooks!.At(HookStage.Data).Length == 0)
        {
            return;
        }

        int fresh = session.Connection.TakeNewlyReadable();
        int available = session.Connection.ReadableBytes;
        for (int left = Math.Min(fresh, available); left > 0;)
        {
            int length = Math.Min(left, PacketBufferPool.LargeFrame);
            PacketBuffer data = Options.Buffers.Rent(length);
            session.Connection.Peek(data.Append(length), available - left);
            TellHooks(HookStage.Data, data, new HookOrigin { Session = session }, _now);
            data.Release();
            left -= length;
        }
    }

    /// <summary>Ends hooks whose time is over and lets packets go on whose time has come.</summary>
    private void ReleaseHeld(Instant now)
    {
        HookTable table = _hooks!;
        while (table.FindExpired(now) is { } expired)
        {
            table.Remove(expired);
            table.Hasten(expired, now);
        }

        for (int i = 0; i < MaximumReleasesAtOnce && table.TryTakeDue(now, out DelayedPacket packet); i++)
        {
            Continue(packet.Stage, packet.After, packet.Packet, packet.Origin, now, isAnswer: packet.Owner is null);
        }

        if (table.IsEmpty)
        {
            _hooks = null;
        }
    }

    /// <summary>Lets go of all packets before sessions are reset; from now on hooks can hold nothing.</summary>
    private void BeginEndingHooks(Instant now)
    {
        if (_hooks is { } table)
        {
            table.IsEnding = true;
            table.Hasten(null, now);
            while (table.TryTakeDue(now, out DelayedPacket packet))
            {
                Continue(packet.Stage, packet.After, packet.Packet, packet.Origin, now, isAnswer: packet.Owner is null);
            }
        }
    }

    private void EndHooks()
    {
        _hooks?.Clear();
        _hooks = null;
    }
}
