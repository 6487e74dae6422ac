using System;
using TcpTools.Buffers;
using TcpTools.IP;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>From a segment to the link.</content>
public sealed partial class TcpStack
{
    private readonly OutputQueue _output;

    /// <summary>Sends a frame as it is, without the stack knowing of it.</summary>
    /// <exception cref="StackException">The frame is empty or longer than any frame can be, or the stack was stopped.</exception>
    public void SendRaw(ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty || frame.Length > PacketBufferPool.LargeFrame)
        {
            throw new StackException(
                StackError.InvalidArgument, $"A frame has 1 to {PacketBufferPool.LargeFrame} bytes; this one has {frame.Length}.");
        }

        using Entry entry = Enter();
        ThrowIfStopped();
        PacketBuffer buffer = Options.Buffers.Rent(frame.Length);
        frame.CopyTo(buffer.Append(frame.Length));
        buffer.Timestamp = entry.Now;
        Put(buffer, entry.Now);
    }

    /// <summary>Gives a frame to the link, past hooks, and a copy to whoever looks on.</summary>
    private void Put(PacketBuffer frame, Instant now)
    {
        if (_hooks is null)
        {
            PutNow(frame, now);
        }
        else
        {
            Put(frame, null, now);
        }
    }

    private void PutNow(PacketBuffer frame, Instant now)
    {
        foreach (RawReceiver receiver in _rawReceivers)
        {
            receiver.Offer(frame, _capabilities.Medium, now, isSent: true);
        }

        _output.Add(frame, now);
    }

    /// <summary>Makes a segment into a packet and gives it to the IP layer.</summary>
    private void Transmit(in FlowKey key, in OutgoingSegment segment, long sessionId, TcpState state, Instant now)
    {
        if (_hooks is not null && TransmitHooked(key, segment, sessionId, state, now))
        {
            return;
        }

        PacketBuffer buffer = TcpSegments.Build(Options.Buffers, key, segment, _capabilities.CompletesChecksums);
        NoteSegmentSent(key, sessionId, state, buffer.Span, now);
        SendDatagram(
            buffer,
            new IPSendOptions
            {
                Source = key.LocalAddress,
                Destination = key.RemoteAddress,
                Protocol = IPProtocol.Tcp,
                // RFC 1191: every segment probes the path's MTU.
                DontFragment = true,
            },
            now);
    }

    private void NoteSegmentSent(in FlowKey key, long sessionId, TcpState state, ReadOnlySpan<byte> bytes, Instant now)
    {
        if (Trace is not null)
        {
            TcpView view = new(bytes);
            Trace.Record(
                now,
                SegmentDirection.Out,
                key,
                sessionId,
                state,
                new SegmentTrace.SegmentFields(
                    view.Sequence, view.Acknowledgment, view.Flags, view.Window, view.UrgentPointer, view.Payload.Length),
                view.Options);
        }

        _notes?.OnSent(key, bytes, sessionId);
    }
}
