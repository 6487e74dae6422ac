using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>From a frame to a connection (RFC 9293, 3.10.7: a segment goes to its connection, a listener, or is reset).</content>
public sealed partial class TcpStack
{
    private readonly PacketBuffer[] _input;
    private RawReceiver[] _rawReceivers = [];
    private StackSession? _touched;
    private bool _batching;

    /// <summary>Opens a queue that gets a copy of every frame received from now on, or of those that pass a filter.</summary>
    /// <exception cref="StackException">The capacity is not positive, or the stack was stopped.</exception>
    public RawReceiver OpenRawReceiver(int capacity = 1024, FrameFilter? filter = null)
    {
        if (capacity < 1)
        {
            throw new StackException(StackError.InvalidArgument, "A receiver's capacity is at least 1 frame.");
        }

        RawReceiver receiver = new(this, capacity, filter);
        using Entry entry = Enter();
        ThrowIfStopped();
        _rawReceivers = [.. _rawReceivers, receiver];
        return receiver;
    }

    internal void Detach(RawReceiver receiver)
    {
        lock (_lock)
        {
            _rawReceivers = Array.FindAll(_rawReceivers, r => !ReferenceEquals(r, receiver));
        }
    }

    /// <summary>Takes what the link has, up to <paramref name="limit"/> frames.</summary>
    /// <returns>How many frames there were.</returns>
    private int ReceiveFrames(int limit, Instant now)
    {
        Span<PacketBuffer> frames = _input.AsSpan(0, Math.Min(limit, _input.Length));
        int count = _notes is null ? Link.Receive(frames, now) : TakeArrived(frames, now);
        // One acknowledgment for all that arrived together, unless somebody wants to see each segment's own effect.
        _batching = Mode == StackMode.Threaded && count > 1;
        for (int i = 0; i < count; i++)
        {
            PacketBuffer frame = frames[i];
            frames[i] = null!;
            foreach (RawReceiver receiver in _rawReceivers)
            {
                receiver.Offer(frame, _capabilities.Medium, now);
            }

            _notes?.OnFrame(StepEventKind.FrameReceived, frame.Span);
            if (_hooks is null)
            {
                TakeFrame(frame, now);
            }
            else
            {
                TakeHookedFrame(frame, now);
            }
        }

        _batching = false;
        while (_touched is { } session)
        {
            _touched = session.NextTouched;
            session.NextTouched = null;
            session.IsTouched = false;
            if (session.State != TcpState.Closed)
            {
                session.Connection.Flush(now);
            }
        }

        return count;
    }

    private void DeliverTcp(in IPDatagram datagram, Instant now)
    {
        _counters.InSegs++;
        SegmentFault fault = TcpSegments.Read(datagram, out FlowKey key, out ArrivedSegment segment);
        if (fault != SegmentFault.None)
        {
            _counters.InErrs++;
            _counters.InCsumErrors += fault == SegmentFault.Checksum ? 1 : 0;
            return;
        }

        StackSession? session = FindSession(key);
        _notes?.Begin(session, now);
        if (Trace is null)
        {
            Arrive(session, key, segment, now);
            return;
        }

        TcpState before = session?.State ?? TcpState.Closed;
        if (session is null && FindListener(key) is not null)
        {
            before = TcpState.Listen;
        }

        long number = Trace.Record(
            now,
            SegmentDirection.In,
            key,
            session?.Id ?? 0,
            before,
            new SegmentTrace.SegmentFields(
                segment.Sequence, segment.Acknowledgment, segment.Flags, segment.Window, segment.UrgentPointer, segment.Payload.Length),
            segment.Options);
        session = Arrive(session, key, segment, now);
        Trace.Complete(number, session?.Id ?? 0, session?.State ?? before);
    }

    /// <summary>Gives a segment to whom it concerns, and returns whose it was.</summary>
    private StackSession? Arrive(StackSession? session, in FlowKey key, in ArrivedSegment segment, Instant now)
    {
        if (session is not null && session.Connection.CanBeReplacedBy(segment) && FindListener(key) is not null)
        {
            // A new connection of the same sockets ends the old one's TIME-WAIT (RFC 9293, 3.10.7.4; RFC 6191).
            session.Connection.Abort(now, TcpCloseReason.Finished);
            session = null;
        }

        if (session is not null)
        {
            session.Connection.Receive(segment, now, _batching);
            if (_batching && !session.IsTouched)
            {
                session.IsTouched = true;
                session.NextTouched = _touched;
                _touched = session;
            }

            return session;
        }

        TcpListener? listener = FindListener(key);
        if (listener is null)
        {
            Refuse(key, segment, now);
            return null;
        }

        switch (listener.Queue.Judge(segment))
        {
            case ListenVerdict.Reset:
                Refuse(key, segment, now);
                return null;
            case ListenVerdict.Drop:
                _counters.ListenDrops++;
                if (listener.ResetsWhenFull)
                {
                    AnswerWithReset(key, segment, now);
                }

                return null;
            case ListenVerdict.Open when _table.Count >= Options.MaximumSessions:
                _counters.ListenDrops++;
                return null;
            case ListenVerdict.Open:
                return OpenPassive(listener, key, segment, now);
            default:
                return null;
        }
    }

    private void Refuse(in FlowKey key, in ArrivedSegment segment, Instant now)
    {
        if (PolicyFor(key.LocalPort) != UnclaimedPortPolicy.Drop)
        {
            AnswerWithReset(key, segment, now);
        }
    }

    private void AnswerWithReset(in FlowKey key, in ArrivedSegment segment, Instant now)
    {
        if (StatelessReset.TryCreate(segment, out OutgoingSegment reset))
        {
            _counters.OutRsts++;
            _counters.OutSegs++;
            Transmit(key, reset, 0, TcpState.Closed, now);
        }
    }

    private void DeliverError(in IcmpError error, Instant now)
    {
        if (error.Protocol != IPProtocol.Tcp || FindSession(error.Flow) is not { } session)
        {
            return;
        }

        _notes?.Begin(session, now);
        TcpPathError kind;
        int mtu = 0;
        switch (error.Kind)
        {
            case IcmpErrorKind.NetworkUnreachable or IcmpErrorKind.HostUnreachable
                or IcmpErrorKind.AdministrativelyProhibited or IcmpErrorKind.SourceRouteFailed:
                kind = TcpPathError.HostUnreachable;
                break;
            case IcmpErrorKind.ProtocolUnreachable or IcmpErrorKind.PortUnreachable:
                kind = TcpPathError.PortUnreachable;
                break;
            case IcmpErrorKind.TimeExceeded or IcmpErrorKind.ReassemblyTimeExceeded:
                kind = TcpPathError.TimeExceeded;
                break;
            case IcmpErrorKind.ParameterProblem:
                kind = TcpPathError.ParameterProblem;
                break;
            case IcmpErrorKind.FragmentationNeeded:
                kind = TcpPathError.MessageTooBig;
                TcpInfo info = session.Connection.GetInfo(now);
                // RFC 5927, 4.1 and 7: who did not see what is in flight does not lower the path's MTU.
                if (error.Sequence < info.SendUnacknowledged || error.Sequence >= info.SendNext)
                {
                    return;
                }

                mtu = _ip.LowerPathMtu(error, now);
                break;
            default:
                return;
        }

        session.Connection.OnIcmpError(kind, error.Sequence, mtu, now);
    }
}
