using System;
using System.Collections.Generic;
using TcpTools.Buffers;

namespace TcpTools.Stack;

/// <content>Frames that have arrived at a manual stack and wait for a step, or were set aside by hand.</content>
public sealed partial class TcpStack
{
    private const int MostFramesAhead = 1024;

    private readonly List<PacketBuffer> _arrived = []; // taken from the link, but not yet delivered
    private readonly List<PacketBuffer> _held = [];

    /// <summary>Lets frames that were set aside arrive now, behind those that wait.</summary>
    /// <returns>How many.</returns>
    /// <exception cref="StackException">The stack is not in manual mode, or was stopped.</exception>
    public int ReleaseHeldFrames()
    {
        RequireManual();
        using Entry entry = Enter();
        FillArrived(MostFramesAhead, entry.Now);
        int count = _held.Count;
        _arrived.AddRange(_held);
        _held.Clear();
        return count;
    }

    private bool Divert(StepFrame fate, Instant now)
    {
        FillArrived(1, now);
        if (_arrived.Count == 0)
        {
            return false;
        }

        PacketBuffer frame = _arrived[0];
        _arrived.RemoveAt(0);
        _notes!.OnFrame(fate == StepFrame.Hold ? StepEventKind.FrameHeld : StepEventKind.FrameDiscarded, frame.Span);
        if (fate == StepFrame.Hold)
        {
            _held.Add(frame);
        }
        else
        {
            frame.Release();
        }

        return true;
    }

    /// <summary>Takes frames: those that somebody has looked at already come first.</summary>
    private int TakeArrived(Span<PacketBuffer> frames, Instant now)
    {
        int count = Math.Min(frames.Length, _arrived.Count);
        for (int i = 0; i < count; i++)
        {
            frames[i] = _arrived[i];
        }

        _arrived.RemoveRange(0, count);
        return count < frames.Length ? count + Link.Receive(frames[count..], now) : count;
    }

    /// <summary>Takes frames off the link, to look at them, until so many are here.</summary>
    private void FillArrived(int wanted, Instant now)
    {
        PacketBuffer[] one = new PacketBuffer[1];
        while (_arrived.Count < wanted && Link.Receive(one, now) == 1)
        {
            _arrived.Add(one[0]);
        }
    }

    private PendingStep Describe(PacketBuffer frame, Instant now, bool isHeld)
    {
        StepEvent seen = _notes!.Describe(StepEventKind.FrameReceived, frame.Span, "");
        return new PendingStep
        {
            Kind = StepKind.Frame,
            StackName = Name,
            Due = now,
            SessionId = seen.SessionId,
            Segment = seen.Segment,
            Summary = isHeld ? "held: " + seen.Summary : seen.Summary,
            IsHeld = isHeld,
        };
    }
}
