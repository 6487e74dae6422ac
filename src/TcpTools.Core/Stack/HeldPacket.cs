using System;
using System.Collections.Generic;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>What a deferred hook has decided about a packet.</summary>
public sealed record HookDecision
{
    /// <summary>What is to become of it.</summary>
    public HookVerdict Verdict { get; init; }

    /// <summary>The packet's new bytes, complete with checksums; null where it was not changed.</summary>
    public byte[]? Bytes { get; init; }

    /// <summary>Packets that go back instead; the packet itself then goes nowhere.</summary>
    public IReadOnlyList<byte[]> Answers { get; init; } = [];

    /// <summary>What went wrong; the packet then goes on as it was.</summary>
    public Exception? Failure { get; init; }

    /// <summary>What the hook took, by a clock of its own.</summary>
    public TimeSpan Time { get; init; }
}

/// <summary>
/// A packet, or something that happened, that a deferred hook is to decide about. Held outside the flow until
/// <see cref="Release"/>, or until the hook is removed, when it goes on unchanged. Any thread may use it.
/// </summary>
public sealed class HeldPacket
{
    internal HeldPacket(PacketHook hook, ref HookCall call)
    {
        Hook = hook;
        Stage = call.Stage;
        Direction = call.Direction;
        Time = call.Now;
        Session = call.Session;
        State = call.State;
        PreviousState = call.PreviousState;
        Timer = call.Timer;
        Flow = call.Flow;
        HasPacket = call.HasPacket;
        Medium = Stage is HookStage.LinkIn or HookStage.LinkOut ? call.Stack.Link.Capabilities.Medium : LinkMedium.IP;
        Bytes = call.Bytes.ToArray();
        Buffer = HasPacket ? call.Packet : null;
        Origin = call.Origin;
        Work = call.Stack.Clock?.Network.BeginWork();
    }

    /// <summary>The hook that took it.</summary>
    public PacketHook Hook { get; }

    /// <summary>The stack.</summary>
    public TcpStack Stack => Hook.Stack;

    /// <summary>Where it was taken.</summary>
    public HookStage Stage { get; }

    /// <summary>Which way it goes; null for what is no packet.</summary>
    public SegmentDirection? Direction { get; }

    /// <summary>When, on the stack's clock.</summary>
    public Instant Time { get; }

    /// <summary>The session that it concerned then; null for none.</summary>
    public TcpSession? Session { get; }

    /// <summary>The session's state then.</summary>
    public TcpState State { get; }

    /// <summary>Where a state changes, the one before.</summary>
    public TcpState PreviousState { get; }

    /// <summary>Which timer is about to run out; null elsewhere.</summary>
    public TcpTimer? Timer { get; }

    /// <summary>Addresses and ports, seen from this side.</summary>
    public FlowKey Flow { get; }

    /// <summary>Whether it is a packet, which goes on when it is released.</summary>
    public bool HasPacket { get; }

    /// <summary>What the bytes start with.</summary>
    public LinkMedium Medium { get; }

    /// <summary>A copy of its bytes; where data is read, the data.</summary>
    public byte[] Bytes { get; }

    /// <summary>Holds simulated time while it is decided about; null in real time. Who decides adopts it on his thread.</summary>
    public WorkToken? Work { get; }

    internal PacketBuffer? Buffer { get; set; }

    internal HookOrigin Origin { get; }

    internal bool IsReleased { get; set; }

    /// <summary>Lets the packet go on from where it was, by a decision. What has been released already stays as it is.</summary>
    public void Release(HookDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        try
        {
            Stack.Release(this, decision);
        }
        finally
        {
            Work?.Dispose();
        }
    }
}
