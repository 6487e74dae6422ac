using TcpTools.Tcp;

namespace TcpTools.Stack;

/// <summary>The errors that a session's user meets, in one place, so that each condition is told the same way everywhere.</summary>
internal static class SessionErrors
{
    /// <summary>Why a connection that has ended can no longer be used; null when it ended in order.</summary>
    public static StackException? FromCloseReason(TcpCloseReason reason, TcpSession session) => reason switch
    {
        TcpCloseReason.None or TcpCloseReason.Finished => null,
        TcpCloseReason.Refused => new StackException(
            StackError.ConnectionRefused,
            $"{Peer(session)} refused the connection.",
            "Check that something listens on that port of the peer."),
        TcpCloseReason.ResetByPeer => new StackException(
            StackError.ConnectionReset,
            $"{Peer(session)} reset the connection.",
            "The peer's program ended, or did not accept what was sent; open a new session."),
        TcpCloseReason.TimedOut => new StackException(
            StackError.ConnectionTimedOut,
            $"{Peer(session)} did not answer in time, and the connection was given up.",
            "Check that the peer is up and that its answers can find the way to this side's address."),
        TcpCloseReason.KeepAliveTimedOut => new StackException(
            StackError.ConnectionTimedOut,
            $"{Peer(session)} stopped answering keep-alive probes.",
            "Check that the peer is up; open a new session when it is."),
        TcpCloseReason.Unreachable => new StackException(
            StackError.Unreachable,
            $"{Peer(session)} cannot be reached: nobody on the link answers for it, or a router on the way reports so.",
            "Check the address, and the routes and firewalls on the way to the peer."),
        TcpCloseReason.StackStopped => StackStopped(session.Stack!),
        _ => new StackException(
            StackError.ConnectionAborted,
            $"The connection to {Peer(session)} was aborted by this side.",
            "Open a new session."),
    };

    /// <summary>The error of using a session that its user has closed; that its stack is gone tells more.</summary>
    public static StackException Closed(TcpSession session) => session.Stack is { State: StackState.Stopped or StackState.Faulted } stack
        ? StackStopped(stack)
        : new StackException(
            StackError.SessionClosed,
            $"Session {session.Id} to {Peer(session)} has been closed by this side.",
            "Open a new session.");

    public static StackException NotWritable(TcpSession session) => new(
        StackError.SessionClosed,
        $"Session {session.Id} to {Peer(session)} takes no more data: this side has finished sending.",
        "Receive what the peer still sends, or open a new session.");

    public static StackException TimedOut(string what) => new(
        StackError.TimedOut, $"{what} took longer than allowed.", "Allow more time, or find out why the peer is silent.");

    public static StackException StackStopped(TcpStack stack) => new(
        StackError.StackStopped,
        stack.Fault is { } fault
            ? $"The stack '{stack.Name}' was stopped by an error: {fault.Message}"
            : $"The stack '{stack.Name}' has been stopped.",
        "Start a new stack.",
        stack.Fault);

    private static string Peer(TcpSession session) =>
        $"{session.Flow.RemoteAddress}:{session.Flow.RemotePort}";
}
