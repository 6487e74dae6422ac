namespace TcpTools.Stack;

/// <summary>Who moves a stack, and by which clock.</summary>
public enum StackMode
{
    /// <summary>A thread of the stack's own, in real time: the ordinary mode.</summary>
    Threaded,

    /// <summary>Nobody but <see cref="TcpStack.Step(Instant?)"/>: one event at a time, for walking through an exchange.</summary>
    Manual,

    /// <summary>A <see cref="VirtualNetwork"/>, in simulated time, the same every time for the same seeds.</summary>
    Virtual,
}

/// <summary>Whether a stack works.</summary>
public enum StackState
{
    /// <summary>It works.</summary>
    Running,

    /// <summary>It is ending its sessions and takes no new ones.</summary>
    Stopping,

    /// <summary>It was stopped: nothing of it is left.</summary>
    Stopped,

    /// <summary>An error that is not a peer's doing stopped it; <see cref="TcpStack.Fault"/> tells which.</summary>
    Faulted,
}

/// <summary>What a stack does with a segment for a port that nobody holds.</summary>
public enum UnclaimedPortPolicy
{
    /// <summary>Answers with a reset, as RFC 9293, 3.10.7.1 asks for.</summary>
    Reset,

    /// <summary>Says nothing, as a firewall would, or as one must who shares an address with somebody else.</summary>
    Drop,

    /// <summary>
    /// Takes the connection, as if somebody listened; only by <see cref="TcpStack.SetUnclaimedPorts"/>, which says who gets it.
    /// </summary>
    Accept,
}

/// <summary>What <see cref="TcpSession.WaitFor(SessionCondition, System.TimeSpan, System.Threading.CancellationToken)"/> waits for.</summary>
public enum SessionCondition
{
    /// <summary>The handshake is complete. Met, too, by states that only come after it.</summary>
    Established,

    /// <summary>A read would return at once: there is data, or the peer has finished.</summary>
    Readable,

    /// <summary>A write would take at least one byte.</summary>
    Writable,

    /// <summary>Everything written has been acknowledged by the peer.</summary>
    Drained,

    /// <summary>The peer has finished: its FIN has arrived, and all data before it.</summary>
    PeerFinished,

    /// <summary>The connection is gone (TIME-WAIT included), for whatever reason.</summary>
    Closed,
}
