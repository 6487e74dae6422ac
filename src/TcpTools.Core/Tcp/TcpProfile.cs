namespace TcpTools.Tcp;

/// <summary>Whose habits a connection has where the RFCs leave a choice.</summary>
public enum TcpProfile
{
    /// <summary>As a current Linux kernel.</summary>
    Linux,

    /// <summary>As a current FreeBSD kernel.</summary>
    FreeBSD,

    /// <summary>As the RFCs recommend, to the letter.</summary>
    Rfc,
}

/// <summary>Where the minimum retransmission timeout takes effect.</summary>
public enum RtoFloor
{
    /// <summary>Under the whole: max(minimum, SRTT + 4 RTTVAR) (RFC 6298, 2.4).</summary>
    Total,

    /// <summary>Under the variation: SRTT + max(minimum, 4 RTTVAR), so that a long path keeps the margin of a short one.</summary>
    Variation,
}

/// <summary>What an idle period does to the congestion window (RFC 5681, 4.1).</summary>
public enum IdleRestart
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>After one retransmission timeout without sending it falls to the restart window (RFC 5681, 4.1).</summary>
    Restart,

    /// <summary>Each idle retransmission timeout halves it, down to the restart window (RFC 2861, 3.2).</summary>
    Decay,
}
