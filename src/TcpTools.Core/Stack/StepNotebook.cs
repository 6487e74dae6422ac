using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// What a manual stack writes down for who steps it. Before something happens to a connection its variables are looked at,
/// and again when the step is over: what differs are timers set and stopped, windows that moved, and what its user is told.
/// Used under the stack's lock only.
/// </summary>
internal sealed class StepNotebook(TcpStack stack)
{
    private const int MostEvents = 10_000;

    private readonly List<StepEvent> _events = [];
    private readonly List<Page> _pages = [];

    /// <summary>Whether nothing has been written.</summary>
    public bool IsEmpty => _events.Count == 0;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _events.Clear();
        _pages.Clear();
    }

    /// <summary>What was to happen has happened: writes what has become of the connections that it happened to.</summary>
    public void Finish(Instant now)
    {
        foreach (Page page in _pages)
        {
            Compare(page, now);
        }

        _pages.Clear();
    }

    /// <summary>Gives what was written.</summary>
    public IReadOnlyList<StepEvent> Take(Instant now)
    {
        Finish(now);
        StepEvent[] events = [.. _events];
        Clear();
        return events;
    }

    /// <summary>Something is about to happen to a connection.</summary>
    public void Begin(StackSession? session, Instant now)
    {
        if (session is not null && Find(session) is null)
        {
            _pages.Add(new Page(session, session.Connection.GetInfo(now), session.IsPeerFinished));
        }
    }

    public void Add(StepEventKind kind, long sessionId, string summary) =>
        Add(new StepEvent(kind, stack.Now, sessionId, summary));

    public void OnFrame(StepEventKind kind, ReadOnlySpan<byte> packet)
    {
        string verb = kind switch
        {
            StepEventKind.FrameDiscarded => "lost",
            StepEventKind.FrameHeld => "held back",
            _ => "received",
        };
        Add(Describe(kind, packet, verb));
    }

    public void OnSent(ReadOnlySpan<byte> packet, LinkMedium medium = LinkMedium.IP) =>
        Add(StepEventKind.PacketSent, 0, "sent " + FrameText.Describe(packet, medium));

    public void OnSent(in FlowKey key, ReadOnlySpan<byte> segment, long sessionId) =>
        Add(Describe(StepEventKind.SegmentSent, key, segment, stack.FindSession(key), sessionId, isOut: true, "sent"));

    public void OnState(StackSession session, TcpState from, TcpState to)
    {
        if (Find(session) is null)
        {
            _pages.Add(new Page(session, null, false));
        }

        // A connection that comes in by a listener starts where that is (RFC 9293, figure 5).
        from = from == TcpState.Closed && session.Listener is not null ? TcpState.Listen : from;
        Add(new StepEvent(
            StepEventKind.StateChanged,
            stack.Now,
            session.Id,
            $"session {session.Id} {StateText.NameOf(from)} -> {StateText.NameOf(to)}") { From = from, To = to });
    }

    public void OnTimer(StackSession session, StepTimer timer, Instant deadline)
    {
        Find(session)?.Fired.Add(timer);
        Add(new StepEvent(
            StepEventKind.TimerFired,
            stack.Now,
            session.Id,
            $"the {NameOf(timer)} timer of session {session.Id} runs out in {StateText.NameOf(session.State)}")
        {
            Timer = timer,
            Deadline = deadline,
        });
    }

    /// <summary>What a frame is, without anything having happened to it.</summary>
    public StepEvent Describe(StepEventKind kind, ReadOnlySpan<byte> frame, string verb)
    {
        string prefix = verb.Length == 0 ? "" : verb + " ";
        LinkMedium medium = stack.Link.Capabilities.Medium;
        ReadOnlySpan<byte> packet = frame;
        if (medium == LinkMedium.Ethernet)
        {
            EthernetView ethernet = new(frame);
            packet = ethernet.EtherType == EtherType.IPv4 ? ethernet.Payload : [];
        }

        IPv4View ip = new(packet);
        if (!ip.IsValid || ip.Protocol != IPProtocol.Tcp || ip.FragmentOffset != 0 || !new TcpView(ip.Payload).IsValid)
        {
            return new StepEvent(kind, stack.Now, 0, prefix + FrameText.Describe(frame, medium));
        }

        TcpView tcp = new(ip.Payload);
        FlowKey key = new(ip.Destination, tcp.DestinationPort, ip.Source, tcp.SourcePort);
        StackSession? session = stack.FindSession(key);
        return Describe(kind, key, ip.Payload, session, session?.Id ?? 0, isOut: false, verb);
    }

    internal static string NameOf(StepTimer timer) => timer switch
    {
        StepTimer.Retransmission => "retransmission",
        StepTimer.DelayedAck => "delayed ACK",
        StepTimer.Persist => "persist",
        StepTimer.KeepAlive => "keep-alive",
        StepTimer.TimeWait => "TIME-WAIT",
        StepTimer.FinWait2 => "FIN-WAIT-2",
        _ => "linger",
    };

    private StepEvent Describe(
        StepEventKind kind, in FlowKey key, ReadOnlySpan<byte> segment, StackSession? session, long sessionId, bool isOut, string verb)
    {
        TcpView tcp = new(segment);
        TcpInfo? info = session?.Connection.GetInfo(stack.Now);
        // A SYN's own number is the first; before one has come the peer's first is not known.
        bool isSyn = (tcp.Flags & TcpFlags.Syn) != 0;
        SequenceNumber? own = info is { State: not TcpState.Closed } ? info.InitialSendSequence : null;
        SequenceNumber? peer = info is { State: not (TcpState.Closed or TcpState.SynSent) } ? info.InitialReceiveSequence : null;
        SequenceNumber? first = isSyn ? tcp.Sequence : isOut ? own : peer;
        SequenceNumber? other = isOut ? peer : own;
        bool acknowledges = (tcp.Flags & TcpFlags.Ack) != 0;
        TcpState state = session?.State ?? TcpState.Closed;
        NetworkAddress source = isOut ? key.LocalAddress : key.RemoteAddress;
        NetworkAddress destination = isOut ? key.RemoteAddress : key.LocalAddress;
        string subject = (sessionId, kind) switch
        {
            (0, _) => $"{(verb.Length == 0 ? "" : verb + " ")}{source}:{tcp.SourcePort} > {destination}:{tcp.DestinationPort} ",
            (_, StepEventKind.FrameDiscarded or StepEventKind.FrameHeld) => $"{verb} on the way to session {sessionId}: ",
            _ => $"session {sessionId}{(verb.Length == 0 ? ":" : " " + verb)} ",
        };
        return new StepEvent(kind, stack.Now, sessionId, subject + FrameText.DescribeSegment(tcp, first, other))
        {
            RelativeSequence = first is { } start ? tcp.Sequence - start : null,
            RelativeAcknowledgment = acknowledges && other is { } begin ? tcp.Acknowledgment - begin : null,
            Segment = new SegmentRecord
            {
                Number = 0,
                Time = stack.Now,
                Direction = isOut ? SegmentDirection.Out : SegmentDirection.In,
                Flow = key,
                SessionId = sessionId,
                Sequence = tcp.Sequence,
                Acknowledgment = tcp.Acknowledgment,
                Flags = tcp.Flags,
                Window = tcp.Window,
                UrgentPointer = tcp.UrgentPointer,
                Length = tcp.Payload.Length,
                Options = TcpOptionText.Describe(tcp.Options),
                StateBefore = state,
                StateAfter = state,
            },
        };
    }

    private void Add(StepEvent happened)
    {
        if (_events.Count < MostEvents)
        {
            _events.Add(happened);
        }
    }

    private Page? Find(StackSession session) => _pages.Find(page => page.Session == session);

    private void Compare(Page page, Instant now)
    {
        StackSession session = page.Session;
        if (session.State == TcpState.Closed)
        {
            // It is gone, and its timers with it: that it ended has been told.
            return;
        }

        TcpInfo after = session.Connection.GetInfo(now);
        TcpInfo before = page.Before ?? new TcpInfo();
        CompareTimer(page, now, StepTimer.Retransmission, before.RetransmissionDeadline, after.RetransmissionDeadline);
        CompareTimer(page, now, StepTimer.DelayedAck, before.DelayedAckDeadline, after.DelayedAckDeadline);
        CompareTimer(page, now, StepTimer.Persist, before.PersistDeadline, after.PersistDeadline);
        CompareTimer(page, now, StepTimer.KeepAlive, before.KeepAliveDeadline, after.KeepAliveDeadline);
        CompareTimer(page, now, session.CloseTimer, before.CloseDeadline, after.CloseDeadline);
        if (page.Before is not null)
        {
            CompareValue(session, nameof(TcpInfo.SendWindow), "the peer's window", before.SendWindow, after.SendWindow);
            CompareValue(session, nameof(TcpInfo.CongestionWindow), "cwnd", before.CongestionWindow, after.CongestionWindow);
            CompareValue(session, nameof(TcpInfo.SlowStartThreshold), "ssthresh", before.SlowStartThreshold, after.SlowStartThreshold);
            CompareValue(session, nameof(TcpInfo.RetransmissionTimeout), "RTO", before.RetransmissionTimeout, after.RetransmissionTimeout);
            CompareValue(session, nameof(TcpInfo.InRecovery), "fast recovery", before.InRecovery, after.InRecovery);
        }

        if (after.UnreadBytes > before.UnreadBytes)
        {
            Tell(session, $"session {session.Id} has {after.UnreadBytes} bytes to read");
        }

        if (session.IsPeerFinished && !page.WasPeerFinished)
        {
            Tell(session, $"the peer of session {session.Id} has finished");
        }

        if (session.Listener is not null && after.State == TcpState.Established && before.State != TcpState.Established)
        {
            Tell(session, $"session {session.Id} can be accepted");
        }
    }

    private void Tell(StackSession session, string summary) => Add(StepEventKind.ApplicationTold, session.Id, summary);

    private void CompareTimer(Page page, Instant now, StepTimer timer, Instant before, Instant after)
    {
        if (before == after || (after.IsNever && page.Fired.Contains(timer)))
        {
            return;
        }

        string name = $"the {NameOf(timer)} timer of session {page.Session.Id}";
        Add(after.IsNever
            ? new StepEvent(StepEventKind.TimerStopped, stack.Now, page.Session.Id, $"{name} is stopped")
            {
                Timer = timer,
                Deadline = before,
            }
            : new StepEvent(
                StepEventKind.TimerSet, stack.Now, page.Session.Id, $"{name} is set to {after} (in {Text(after - now)})")
            {
                Timer = timer,
                Deadline = after,
            });
    }

    private void CompareValue<T>(StackSession session, string property, string name, T before, T after)
        where T : IEquatable<T>
    {
        if (!before.Equals(after))
        {
            Add(new StepEvent(
                StepEventKind.ValueChanged, stack.Now, session.Id, $"{name} of session {session.Id}: {Text(before)} -> {Text(after)}")
            {
                Property = property,
                Before = before,
                After = after,
            });
        }
    }

    private static string Text<T>(T value) => value switch
    {
        TimeSpan span => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.###} ms"),
        int.MaxValue => "none",
        true => "yes",
        false => "no",
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}"),
    };

    /// <summary>What is known of one connection from before the step.</summary>
    private sealed record Page(StackSession Session, TcpInfo? Before, bool WasPeerFinished)
    {
        public List<StepTimer> Fired { get; } = [];
    }
}
