using System;

namespace TcpTools.Tcp;

public sealed partial record TcpSettings
{
    private static readonly TcpSettings FreeBSD = new()
    {
        Profile = TcpProfile.FreeBSD,
        MinimumMss = 216,
        ReceiveBufferSize = 65536,
        ReceiveBufferMaximum = 2 * 1024 * 1024,
        SendBufferSize = 32768,
        SendBufferMaximum = 2 * 1024 * 1024,
        RoundInitialWindowToMss = false,
        MinimumRto = TimeSpan.FromMilliseconds(30),
        MaximumRto = TimeSpan.FromSeconds(64),
        RtoFloor = RtoFloor.Total,
        RtoSlop = TimeSpan.FromMilliseconds(200),
        SynLinearRetries = 0,
        DataRetries = 12,
        QuickAcks = 0,
        NagleMindsSmallOnly = false,
        SlowStartSegmentLimit = 2,
        IdleRestart = IdleRestart.Restart,
        KeepAliveProbes = 8,
        PersistMinimum = TimeSpan.FromSeconds(5),
        PersistMaximum = TimeSpan.FromSeconds(60),
    };

    private static readonly TcpSettings Rfc = new()
    {
        Profile = TcpProfile.Rfc,
        DropSegmentsWithoutTimestamps = true,
        RoundInitialWindowToMss = false,
        MinimumRto = TimeSpan.FromSeconds(1),
        RtoFloor = RtoFloor.Total,
        SynRetries = 7, // 255 seconds: RFC 9293, 3.8.3 wants three minutes at least
        SynLinearRetries = 0,
        DelayedAckTimeout = TimeSpan.FromMilliseconds(200),
        QuickAcks = 0,
        NagleMindsSmallOnly = false,
        SlowStartSegmentLimit = 1,
        IdleRestart = IdleRestart.Restart,
        PersistMinimum = TimeSpan.FromSeconds(1),
        TimeWait = TimeSpan.FromMinutes(4),
    };

    /// <summary>The settings of a profile.</summary>
    public static TcpSettings For(TcpProfile profile) => profile switch
    {
        TcpProfile.FreeBSD => FreeBSD,
        TcpProfile.Rfc => Rfc,
        _ => Default,
    };

    /// <summary>A new congestion control for one connection.</summary>
    /// <exception cref="StackException">No congestion control has this name.</exception>
    public ICongestionControl CreateCongestionControl() =>
        CongestionControlFactory?.Invoke(this) ?? (CongestionControl == "reno"
            ? new NewReno(this)
            : TcpParts.Get(TcpParts.CongestionControls, CongestionControl, "congestion control")(this));

    /// <summary>A new retransmission timeout for one connection.</summary>
    /// <exception cref="StackException">No retransmission timeout has this name.</exception>
    public IRetransmissionTimeout CreateRetransmissionTimeout() =>
        RetransmissionTimeoutFactory?.Invoke(this)
        ?? TcpParts.Get(TcpParts.RetransmissionTimeouts, RetransmissionTimeout, "retransmission timeout")(this);
}
