namespace TcpTools.Stack;

/// <summary>The places at which hooks are called. Packets pass the incoming ones from the link up, the outgoing ones down to it.</summary>
public enum HookStage
{
    /// <summary>A frame as the link gave it, before anybody has looked at it.</summary>
    LinkIn,

    /// <summary>A frame as the link is to get it, after which nobody changes it any more.</summary>
    LinkOut,

    /// <summary>A packet that starts with its IP header, before the stack checks it; fragments one by one.</summary>
    IPIn,

    /// <summary>A packet that starts with its IP header, complete, on its way to the link; fragments one by one.</summary>
    IPOut,

    /// <summary>A sound TCP segment for this stack, put together if it came in fragments, before it gets to its connection.</summary>
    TcpIn,

    /// <summary>
    /// A TCP segment before it has its IP header. It is shown with one, in which type of service, time to live, identification
    /// and the fragment flag may be set.
    /// </summary>
    TcpOut,

    /// <summary>A SYN of this side's, before <see cref="TcpOut"/>. The connection takes over a sequence number that is set here.</summary>
    Syn,

    /// <summary>A SYN-ACK of this side's, before <see cref="TcpOut"/>. The connection takes over a sequence number that is set here.</summary>
    SynAck,

    /// <summary>A connection has moved from one state to another. Nothing to change.</summary>
    StateChange,

    /// <summary>A timer of a connection is about to run out. It can be delayed, not dropped.</summary>
    Timer,

    /// <summary>A connection is established. Nothing to change.</summary>
    Connected,

    /// <summary>Data has become readable in order. Nothing to change: that is for <see cref="TcpIn"/>.</summary>
    Data,
}
