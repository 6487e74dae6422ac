using System;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>
/// A TCP connection as an onlooker counts it, by the rules that Wireshark documents for its TCP analysis: what a segment is
/// depends on what has been seen before, and an onlooker in the middle can be mistaken where the ends are not.
/// </summary>
public sealed class TcpConversation : Conversation
{
    private const long FastRetransmitLimit = 20_000_000;
    private const long DefaultReorderLimit = 3_000_000;

    private readonly TcpFlowSide _a = new();
    private readonly TcpFlowSide _b = new();
    private long _synTime = -1;
    private bool _sawSynAck;
    private long _roundTripSum;

    internal TcpConversation(ConversationKey key, CaptureTime start)
        : base(ConversationKind.Tcp, key, start)
    {
    }

    /// <summary>Segments that bring bytes again that were not acknowledged, other than fast retransmissions.</summary>
    public long Retransmissions { get; private set; }

    /// <summary>Segments sent again soon after two or more duplicate acknowledgments for just them.</summary>
    public long FastRetransmissions { get; private set; }

    /// <summary>Segments that bring bytes again that were acknowledged already.</summary>
    public long SpuriousRetransmissions { get; private set; }

    /// <summary>Segments that come behind later ones, too soon to have been sent again.</summary>
    public long OutOfOrder { get; private set; }

    /// <summary>Acknowledgments that say nothing that the one before did not.</summary>
    public long DuplicateAcks { get; private set; }

    /// <summary>Segments in front of which something is missing in the capture.</summary>
    public long LostSegments { get; private set; }

    /// <summary>Acknowledgments of what is missing in the capture.</summary>
    public long AckedUnseen { get; private set; }

    /// <summary>Segments that announce a window of 0.</summary>
    public long ZeroWindows { get; private set; }

    /// <summary>Segments that fill the window that the receiver announced.</summary>
    public long WindowFulls { get; private set; }

    /// <summary>Segments of one byte into a window of 0.</summary>
    public long ZeroWindowProbes { get; private set; }

    /// <summary>Acknowledgments that only change the window.</summary>
    public long WindowUpdates { get; private set; }

    /// <summary>Keep-alive probes.</summary>
    public long KeepAlives { get; private set; }

    /// <summary>Segments with RST.</summary>
    public long Resets { get; private set; }

    /// <summary>Segments with FIN.</summary>
    public long Fins { get; private set; }

    /// <summary>From the SYN to the acknowledgment of the SYN-ACK; null when the handshake was not seen.</summary>
    public TimeSpan? HandshakeRoundTrip { get; private set; }

    /// <summary>How often the time from a segment to the acknowledgment of just its end could be measured, both ways together.</summary>
    public long RoundTripSamples { get; private set; }

    /// <summary>The shortest of them.</summary>
    public TimeSpan? MinimumRoundTrip { get; private set; }

    /// <summary>The longest of them.</summary>
    public TimeSpan? MaximumRoundTrip { get; private set; }

    /// <summary>Their mean.</summary>
    public TimeSpan? AverageRoundTrip => RoundTripSamples == 0 ? null : ToSpan(_roundTripSum / RoundTripSamples);

    internal long Problems => Retransmissions + FastRetransmissions + SpuriousRetransmissions + OutOfOrder + LostSegments + DuplicateAcks
        + ZeroWindows;

    /// <summary>Whether a segment opens another connection between the same ports.</summary>
    internal bool IsReplacedBy(in TcpView tcp, bool fromA)
    {
        TcpFlowSide side = fromA ? _a : _b;
        return (tcp.Flags & (TcpFlags.Syn | TcpFlags.Ack)) == TcpFlags.Syn && side.HasSent && side.First != tcp.Sequence;
    }

    internal void Analyze(in TcpView tcp, int length, bool fromA, long now)
    {
        TcpFlowSide forward = fromA ? _a : _b;
        TcpFlowSide reverse = fromA ? _b : _a;
        TcpFlags flags = tcp.Flags;
        bool isPlain = (flags & (TcpFlags.Syn | TcpFlags.Fin | TcpFlags.Rst)) == 0;
        SequenceNumber sequence = tcp.Sequence;
        SequenceNumber end = sequence + length + ((flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0 ? 1 : 0);
        Resets += flags.HasFlag(TcpFlags.Rst) ? 1 : 0;
        Fins += flags.HasFlag(TcpFlags.Fin) ? 1 : 0;
        FollowHandshake(tcp, forward, now);

        bool isProbe = length == 1 && forward.HasSent && sequence == forward.Next && reverse.HasAcknowledged && reverse.Window == 0;
        bool isKeepAlive = false;
        bool isDuplicateAck = false;
        if (isProbe)
        {
            ZeroWindowProbes++;
        }
        else
        {
            ZeroWindows += tcp.Window == 0 && isPlain ? 1 : 0;
            LostSegments += forward.HasSent && sequence > forward.Next && !flags.HasFlag(TcpFlags.Rst) ? 1 : 0;
            isKeepAlive = length <= 1 && isPlain && forward.HasSent && sequence == forward.Next - 1;
            KeepAlives += isKeepAlive ? 1 : 0;
            WindowFulls += FillsWindow(tcp, length, isPlain, reverse) ? 1 : 0;
            isDuplicateAck = JudgeAck(tcp, length, isPlain && !isKeepAlive, forward, reverse);
        }

        if (flags.HasFlag(TcpFlags.Ack) && reverse.HasSent && tcp.Acknowledgment > reverse.Continuous)
        {
            AckedUnseen++;
            reverse.Continuous = tcp.Acknowledgment;
        }

        bool isRepeated = (length > 0 || (flags & (TcpFlags.Syn | TcpFlags.Fin)) != 0) && !isKeepAlive
            && JudgeSequence(sequence, end, length, forward, reverse, now);
        Remember(tcp, forward, reverse, end, isProbe, isRepeated, isDuplicateAck, now);
        forward.LastWasKeepAlive = isKeepAlive;
        forward.LastWasProbe = isProbe;
    }

    private static TimeSpan ToSpan(long nanoseconds) => new(nanoseconds / TimeSpan.NanosecondsPerTick);

    private static bool FillsWindow(in TcpView tcp, int length, bool isPlain, TcpFlowSide reverse) =>
        length > 0 && isPlain && reverse is { HasAcknowledged: true, Scale: { } scale }
        && tcp.Sequence + length == reverse.LastAck + ((uint)reverse.Window << scale);

    private void FollowHandshake(in TcpView tcp, TcpFlowSide forward, long now)
    {
        if (!tcp.Flags.HasFlag(TcpFlags.Syn))
        {
            if (_sawSynAck && HandshakeRoundTrip is null && tcp.Flags.HasFlag(TcpFlags.Ack) && _synTime >= 0)
            {
                HandshakeRoundTrip = ToSpan(now - _synTime);
            }

            return;
        }

        if (!tcp.Flags.HasFlag(TcpFlags.Ack))
        {
            _synTime = now;
        }

        _sawSynAck |= tcp.Flags.HasFlag(TcpFlags.Ack);
        int scale = -1;
        TcpOptionReader options = new(tcp.Options);
        while (options.MoveNext())
        {
            scale = options.TryReadWindowScale(out byte shift) ? Math.Min((int)shift, 14) : scale;
        }

        forward.Scale = Math.Max(scale, 0);
        if (scale < 0)
        {
            // One side without the option: neither scales (RFC 7323, 2.2).
            (ReferenceEquals(forward, _a) ? _b : _a).Scale = 0;
        }
    }

    /// <summary>Whether an acknowledgment without data repeats the one before; others are counted for what they are.</summary>
    private bool JudgeAck(in TcpView tcp, int length, bool isPlain, TcpFlowSide forward, TcpFlowSide reverse)
    {
        if (length > 0 || !isPlain || !forward.HasAcknowledged || !forward.HasSent || tcp.Sequence != forward.Next
            || tcp.Acknowledgment != forward.LastAck)
        {
            return false;
        }

        if (tcp.Window != 0 && tcp.Window != forward.Window)
        {
            WindowUpdates++;
            return false;
        }

        if (tcp.Window == 0 || reverse.LastWasKeepAlive || reverse.LastWasProbe)
        {
            return false;
        }

        DuplicateAcks++;
        return true;
    }

    /// <summary>Whether a segment does not bring the sequence on, and why.</summary>
    private bool JudgeSequence(SequenceNumber sequence, SequenceNumber end, int length, TcpFlowSide forward, TcpFlowSide reverse, long now)
    {
        if (!forward.HasSent || sequence >= forward.Next || (length > 1 && forward.Next - 1 == sequence))
        {
            return false;
        }

        if (length > 0 && reverse.HasAcknowledged && sequence + length <= reverse.LastAck)
        {
            SpuriousRetransmissions++;
            return true;
        }

        // Just what the duplicates ask for, or by their SACK blocks a later hole.
        if (reverse.DuplicateAcks >= 2 && now - reverse.LastAckTime < FastRetransmitLimit
            && (reverse.LastAck == sequence || (reverse.SackedCount > 0 && !reverse.HasSacked(sequence))))
        {
            FastRetransmissions++;
            return true;
        }

        long limit = HandshakeRoundTrip is { } first ? first.Ticks * TimeSpan.NanosecondsPerTick : DefaultReorderLimit;
        if (now - forward.NextTime < limit && forward.Next != end && !forward.HasSeen(sequence, end))
        {
            OutOfOrder++;
            return true;
        }

        Retransmissions++;
        return true;
    }

    private void Remember(
        in TcpView tcp, TcpFlowSide forward, TcpFlowSide reverse, SequenceNumber end, bool isProbe, bool isRepeated, bool isDuplicateAck, long now)
    {
        if (!forward.HasSent)
        {
            forward.HasSent = true;
            forward.First = tcp.Sequence;
            forward.Next = forward.Continuous = end;
            forward.NextTime = now;
        }
        else if (!isProbe)
        {
            forward.NextTime = end > forward.Next ? now : forward.NextTime;
            forward.Continuous = tcp.Sequence == forward.Continuous ? end : forward.Continuous;
            forward.Next = SequenceNumber.Later(forward.Next, end);
        }

        if (end != tcp.Sequence)
        {
            forward.Remember(tcp.Sequence, end, now, isRepeated);
        }

        if (!tcp.Flags.HasFlag(TcpFlags.Ack))
        {
            return;
        }

        long sent = reverse.Acknowledge(tcp.Acknowledgment);
        if (sent >= 0 && now >= sent)
        {
            TimeSpan sample = ToSpan(now - sent);
            RoundTripSamples++;
            _roundTripSum += now - sent;
            MinimumRoundTrip = MinimumRoundTrip is { } least && least < sample ? least : sample;
            MaximumRoundTrip = MaximumRoundTrip is { } most && most > sample ? most : sample;
        }

        forward.SackedCount = 0;
        TcpOptionReader options = new(tcp.Options);
        while (options.MoveNext())
        {
            if (options.Kind == TcpOptionKind.Sack)
            {
                forward.SackedCount = Math.Min(options.ReadSack(forward.Sacked), forward.Sacked.Length);
            }
        }

        forward.DuplicateAcks = isDuplicateAck ? forward.DuplicateAcks + 1 : 0;
        forward.HasAcknowledged = true;
        forward.LastAck = tcp.Acknowledgment;
        forward.LastAckTime = now;
        forward.Window = tcp.Window;
    }
}
