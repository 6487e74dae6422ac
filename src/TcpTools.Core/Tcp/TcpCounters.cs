namespace TcpTools.Tcp;

/// <summary>What the connections of one stack count together; the names are those of RFC 4022 and of Linux's <c>nstat</c>.</summary>
public sealed class TcpCounters
{
    /// <summary>Connections opened by us: CLOSED to SYN-SENT.</summary>
    public long ActiveOpens { get; internal set; }

    /// <summary>Connections opened by peers: LISTEN to SYN-RECEIVED.</summary>
    public long PassiveOpens { get; internal set; }

    /// <summary>Connections that ended in SYN-SENT or SYN-RECEIVED.</summary>
    public long AttemptFails { get; internal set; }

    /// <summary>Connections that were reset in ESTABLISHED or CLOSE-WAIT, by either side.</summary>
    public long EstabResets { get; internal set; }

    /// <summary>Segments received.</summary>
    public long InSegs { get; internal set; }

    /// <summary>Segments received and thrown away for a bad checksum or header.</summary>
    public long InErrs { get; internal set; }

    /// <summary>Of these, the ones with a bad checksum.</summary>
    public long InCsumErrors { get; internal set; }

    /// <summary>Segments sent, retransmissions not counted.</summary>
    public long OutSegs { get; internal set; }

    /// <summary>Resets sent.</summary>
    public long OutRsts { get; internal set; }

    /// <summary>Segments retransmitted.</summary>
    public long RetransSegs { get; internal set; }

    /// <summary>Retransmission timeouts.</summary>
    public long Timeouts { get; internal set; }

    /// <summary>Times that fast recovery was entered.</summary>
    public long FastRetransmits { get; internal set; }

    /// <summary>Data segments received out of order.</summary>
    public long OutOfOrderQueued { get; internal set; }

    /// <summary>Segments dropped by PAWS (RFC 7323, 5).</summary>
    public long PawsDropped { get; internal set; }

    /// <summary>Challenge acknowledgments sent (RFC 5961).</summary>
    public long ChallengeAcks { get; internal set; }

    /// <summary>SYNs dropped because a listener's queues were full.</summary>
    public long ListenDrops { get; internal set; }

    /// <summary>Delayed acknowledgments that their timer sent.</summary>
    public long DelayedAcks { get; internal set; }

    /// <summary>Zero-window probes sent.</summary>
    public long WindowProbes { get; internal set; }

    /// <summary>Keep-alive probes sent.</summary>
    public long KeepAliveProbes { get; internal set; }

    /// <summary>Connections given up because data stayed unacknowledged.</summary>
    public long AbortOnTimeout { get; internal set; }

    /// <summary>Connections reset because data came after a full close.</summary>
    public long AbortOnData { get; internal set; }
}
