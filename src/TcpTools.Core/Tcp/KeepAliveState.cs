using System;

namespace TcpTools.Tcp;

/// <summary>Keep-alive of one connection (RFC 9293, 3.8.4): off unless asked for, probes only after a long silence.</summary>
internal struct KeepAliveState(TcpSettings settings)
{
    /// <summary>Whether probes are sent.</summary>
    public bool IsEnabled { get; set; } = settings.KeepAlive;

    /// <summary>How long the peer may be silent before the first probe.</summary>
    public TimeSpan Time { get; set; } = settings.KeepAliveTime;

    /// <summary>Time between probes.</summary>
    public TimeSpan Interval { get; set; } = settings.KeepAliveInterval;

    /// <summary>Unanswered probes after which the connection is given up.</summary>
    public int Probes { get; set; } = settings.KeepAliveProbes;

    /// <summary>Probes sent since the peer was heard last.</summary>
    public int Unanswered { get; private set; }

    /// <summary>Notes a probe sent.</summary>
    public void OnProbe() => Unanswered++;

    /// <summary>Notes a sign of life.</summary>
    public void OnHeard() => Unanswered = 0;
}
