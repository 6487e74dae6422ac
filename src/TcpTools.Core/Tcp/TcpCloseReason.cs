namespace TcpTools.Tcp;

/// <summary>Why a connection ended.</summary>
public enum TcpCloseReason
{
    /// <summary>It has not ended.</summary>
    None,

    /// <summary>Both sides closed in order.</summary>
    Finished,

    /// <summary>This side aborted it (RFC 9293, 3.10.5).</summary>
    Aborted,

    /// <summary>The peer reset it.</summary>
    ResetByPeer,

    /// <summary>The peer answered the SYN with a reset: nobody listens there.</summary>
    Refused,

    /// <summary>Data, SYN or FIN stayed unacknowledged past the limit (RFC 9293, 3.8.3; RFC 5482).</summary>
    TimedOut,

    /// <summary>The peer stopped answering keep-alive probes (RFC 9293, 3.8.4).</summary>
    KeepAliveTimedOut,

    /// <summary>ICMP said that the network or the host cannot be reached while the connection was being opened.</summary>
    Unreachable,

    /// <summary>The stack was stopped.</summary>
    StackStopped,
}
