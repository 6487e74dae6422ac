namespace TcpTools.Tcp;

/// <summary>The states of a connection (RFC 9293, 3.3.2).</summary>
public enum TcpState
{
    /// <summary>No connection at all.</summary>
    Closed,

    /// <summary>Waiting for a connection request from any remote peer.</summary>
    Listen,

    /// <summary>Waiting for a matching connection request after having sent one.</summary>
    SynSent,

    /// <summary>Waiting for the acknowledgment of our SYN after both requests have passed.</summary>
    SynReceived,

    /// <summary>Open: data flows both ways.</summary>
    Established,

    /// <summary>We have closed; waiting for the peer's FIN or for the acknowledgment of ours.</summary>
    FinWait1,

    /// <summary>Our FIN is acknowledged; waiting for the peer's.</summary>
    FinWait2,

    /// <summary>The peer has closed; waiting for the local user to close.</summary>
    CloseWait,

    /// <summary>Both closed at once; waiting for the acknowledgment of our FIN.</summary>
    Closing,

    /// <summary>The peer closed first, then we; waiting for the acknowledgment of our FIN.</summary>
    LastAck,

    /// <summary>Waiting until no segment of this connection can be left in the network.</summary>
    TimeWait,
}
