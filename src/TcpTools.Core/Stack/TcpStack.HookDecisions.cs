using System;
using System.Globalization;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>What becomes of a packet by a hook's decision, at once or later.</content>
public sealed partial class TcpStack
{
    /// <summary>What a deferred hook has decided.</summary>
    internal void Release(HeldPacket held, HookDecision decision)
    {
        if (_lock.IsHeldByCurrentThread)
        {
            // Who decides at once, while the packet is given to him, decides inside the stack.
            Release(held, decision, _now);
            return;
        }

        using Entry entry = Enter();
        Release(held, decision, entry.Now);
    }

    private void Release(HeldPacket held, HookDecision decision, Instant now)
    {
        if (held.IsReleased)
        {
            return;
        }

        PacketHook hook = held.Hook;
        PacketBuffer? packet = Take(held);
        bool isAnswered = packet is not null && decision.Answers.Count > 0;
        bool isChanged = packet is not null && decision.Bytes is not null;
        if (decision.Failure is not null)
        {
            hook.AddError(decision.Failure);
        }

        hook.Count(packet is null ? default : decision.Verdict, isChanged, isAnswered, decision.Time);
        if (packet is not null)
        {
            if (decision.Bytes is { } bytes)
            {
                packet.Release();
                packet = Rent(bytes, now);
            }

            foreach (byte[] answer in decision.Answers)
            {
                AnswerFromHook(held.Stage, answer, now);
            }

            HookVerdict verdict = isAnswered ? HookVerdict.Drop : decision.Verdict;
            if (Obey(verdict, hook, held.Stage, packet, held.Origin, now))
            {
                Continue(held.Stage, hook, packet, held.Origin, now);
            }
        }

        _hooks?.OnReleased(hook);
    }

    /// <summary>Sends a hook's answer back where the packet came from.</summary>
    internal void AnswerFromHook(HookStage stage, ReadOnlySpan<byte> bytes, Instant now)
    {
        PacketBuffer answer = Rent(bytes, now);
        switch (stage)
        {
            case HookStage.LinkIn:
                PutNow(answer, now);
                break;
            case HookStage.IPIn or HookStage.TcpIn:
                NetworkAddress to = new IPv4View(answer.Span).Destination;
                SendPacketNow(answer, _ip.Routes.TryLookup(to, out IP.Route route) ? route.NextHop(to) : to, now);
                break;
            default:
                // Later, since a connection may be about to send this very moment.
                _hooks ??= new HookTable();
                HookStage back = stage == HookStage.LinkOut ? HookStage.LinkIn : HookStage.IPIn;
                _hooks.Hold(new DelayedPacket(null, back, null, answer, default), now);
                break;
        }
    }

    /// <summary>Tells who steps the stack what a hook has done.</summary>
    internal void NoteHook(PacketHook hook, in HookVerdict verdict, bool isChanged, bool isAnswered)
    {
        if (_notes is null)
        {
            return;
        }

        string? deed = isAnswered ? "answers a packet" : verdict.Action switch
        {
            HookAction.Drop => "drops a packet",
            HookAction.Delay when verdict.Span == TimeSpan.MaxValue => "holds a packet",
            HookAction.Delay => string.Create(CultureInfo.InvariantCulture, $"delays by {verdict.Span.TotalMilliseconds} ms"),
            HookAction.Duplicate => "duplicates a packet",
            _ => isChanged ? "changes a packet" : null,
        };
        if (deed is not null)
        {
            _notes.Add(StepEventKind.HookActed, 0, $"hook {hook.Name}: {deed}");
        }
    }

    /// <summary>Does what a hook wants; false where the packet does not go on now.</summary>
    private bool Obey(in HookVerdict verdict, PacketHook hook, HookStage stage, PacketBuffer packet, in HookOrigin origin, Instant now)
    {
        HookTable table = _hooks ??= new HookTable();
        switch (verdict.Action)
        {
            case HookAction.Drop:
                packet.Release();
                return false;
            case HookAction.Delay when !table.IsEnding:
                Instant until = verdict.Span == TimeSpan.MaxValue ? Instant.Never : now + verdict.Span;
                // Whoever was removed meanwhile holds nothing for longer.
                until = hook.IsActive || hook.IsUsedUp ? Instant.Earlier(until, hook.EndsAt) : now;
                table.Hold(new DelayedPacket(hook, stage, hook, packet, origin), until);
                return false;
            case HookAction.Duplicate:
                for (int i = 1; i <= verdict.Copies; i++)
                {
                    PacketBuffer copy = Rent(packet.Span, now);
                    copy.Offload = packet.Offload;
                    if (verdict.Span > TimeSpan.Zero && !table.IsEnding)
                    {
                        table.Hold(new DelayedPacket(hook, stage, hook, copy, origin), now + (verdict.Span * i));
                    }
                    else
                    {
                        Continue(stage, hook, copy, origin, now);
                    }
                }

                return true;
            default:
                return true;
        }
    }

    /// <summary>Gives a packet, or the news of something, to a deferred hook; false where a packet goes on all the same.</summary>
    private bool Defer(PacketHook hook, scoped ref HookCall call)
    {
        if (_hooks is null or { IsEnding: true })
        {
            return false;
        }

        if (hook.Pending >= hook.Capacity)
        {
            hook.OnOverflow();
            call.Packet?.Release();
            return true;
        }

        HeldPacket held = new(hook, ref call);
        _hooks.OnGiven(held);
        try
        {
            hook.Deferred!.Take(held);
        }
#pragma warning disable CA1031 // A hook's fault is its own: the packet goes on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            hook.AddError(error);
            if (!held.IsReleased)
            {
                Take(held);
                held.Work?.Dispose();
                RemoveIfUsedUp(hook);
                return false;
            }
        }

        RemoveIfUsedUp(hook);
        return held.HasPacket;
    }

    private PacketBuffer? Take(HeldPacket held)
    {
        // Whatever waits for a decision keeps the table.
        _hooks!.OnDecided(held);
        PacketBuffer? packet = held.Buffer;
        held.Buffer = null;
        return packet;
    }

    private PacketBuffer Rent(ReadOnlySpan<byte> bytes, Instant now)
    {
        bytes = bytes[..Math.Min(bytes.Length, PacketBufferPool.LargeFrame)];
        PacketBuffer buffer = Options.Buffers.Rent(bytes.Length);
        bytes.CopyTo(buffer.Append(bytes.Length));
        buffer.Timestamp = now;
        return buffer;
    }
}
