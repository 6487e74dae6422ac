using System;
using System.Runtime.CompilerServices;

namespace TcpTools.Tcp;

/// <content>Which values make sense.</content>
public sealed partial record TcpSettings
{
    /// <summary>Largest payload of an IPv4 packet with TCP in it: 65535 bytes without both headers.</summary>
    private const int LargestSegment = 65495;

    /// <summary>Largest window that the largest shift can express (RFC 7323, 2.3).</summary>
    private const int LargestBuffer = 65535 << 14;

    /// <summary>Nothing that TCP waits for takes longer; far from where the clock ends.</summary>
    private static readonly TimeSpan LongestTime = TimeSpan.FromDays(3650);

    /// <summary>Makes sure that a connection can live with these settings; to be called where a user hands them over.</summary>
    /// <returns>These settings.</returns>
    /// <exception cref="StackException">A value makes no sense; the message names it and says what would.</exception>
    public TcpSettings Validate()
    {
        CheckSegments();
        CheckBuffers();
        CheckRetransmission();
        CheckTimers();
        if (CongestionControlFactory is null)
        {
            _ = CreateCongestionControl();
        }

        if (RetransmissionTimeoutFactory is null)
        {
            _ = CreateRetransmissionTimeout();
        }

        return this;
    }

    private void CheckSegments()
    {
        Check(MinimumMss, 1, LargestSegment);
        Check(MaximumSegmentSize ?? MinimumMss, 1, LargestSegment, nameof(MaximumSegmentSize));
        Check(DefaultMss, 1, LargestSegment);
        Check(DefaultMssIPv6, 1, LargestSegment);
        Check(WindowScale ?? 0, 0, SegmentOptions.MaximumWindowScale, nameof(WindowScale));
        Check(InitialWindow, 1, 65535);
        Check(SlowStartSegmentLimit, 0, 65535);
        Check(DuplicateAckThreshold, 1, 255);
        Check(QuickAcks, 0, 65535);
    }

    private void CheckBuffers()
    {
        Check(ReceiveBufferSize, 1, LargestBuffer);
        Check(ReceiveBufferMaximum, AutoTuneReceiveBuffer ? ReceiveBufferSize : 1, LargestBuffer);
        Check(SendBufferSize, 1, LargestBuffer);
        Check(SendBufferMaximum, AutoTuneSendBuffer ? SendBufferSize : 1, LargestBuffer);
        Check(InitialReceiveWindow, 0, 65535);
        Check(MaximumOutOfOrderRanges, 0, 65536);
    }

    private void CheckRetransmission()
    {
        // A timer of no length at all would go off without end.
        Check(InitialRto, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(MinimumRto, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(MaximumRto, MinimumRto > InitialRto ? MinimumRto : InitialRto, LongestTime);
        Check(RtoSlop, TimeSpan.Zero, LongestTime);
        Check(HandshakeRetriedRto, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(SynRetries, 0, 255);
        Check(SynLinearRetries, 0, 255);
        Check(SynAckRetries, 0, 255);
        Check(DataRetries, 0, 255);
    }

    private void CheckTimers()
    {
        // RFC 9293, 3.8.6.3: less than half a second.
        Check(DelayedAckTimeout, TimeSpan.Zero, TimeSpan.FromMilliseconds(499));
        Check(TimestampExpiry, TimeSpan.FromSeconds(1), LongestTime);
        Check(TimeWait, TimeSpan.Zero, LongestTime);
        Check(FinWait2Timeout, TimeSpan.Zero, LongestTime);
        Check(OrphanTimeout, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(KeepAliveTime, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(KeepAliveInterval, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(KeepAliveProbes, 1, 255);
        Check(UserTimeout ?? LongestTime, TimeSpan.FromMilliseconds(1), LongestTime, nameof(UserTimeout));
        Check(PersistMinimum, TimeSpan.FromMilliseconds(1), LongestTime);
        Check(PersistMaximum, PersistMinimum, LongestTime);
        Check(ChallengeAckInterval, TimeSpan.Zero, LongestTime);
    }

    private static void Check<T>(T value, T least, T most, [CallerArgumentExpression(nameof(value))] string name = "")
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{name} is {value}; it must be from {least} to {most}.");
        }
    }
}
