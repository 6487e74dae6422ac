using System.Management.Automation;
using System.Net;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>From what goes wrong below to what PowerShell shows: an id, a category, a target and advice.</summary>
internal static class Errors
{
    /// <summary>The error record of an exception. Its id is the name of its <see cref="StackError"/>.</summary>
    public static ErrorRecord From(StackException exception, object? target) =>
        Make(exception, exception.Error.ToString(), CategoryOf(exception.Error), target, exception.Advice);

    /// <summary>An error record for a condition that only the shell knows.</summary>
    public static ErrorRecord Make(string id, ErrorCategory category, string message, object? target, string advice) =>
        Make(new StackException(StackError.InvalidArgument, message, advice), id, category, target, advice);

    /// <summary>The exception for a session that has ended where it should not have.</summary>
    public static StackException FromCloseReason(TcpSession session)
    {
        string peer = new IPEndPoint(session.RemoteAddress, session.RemotePort).ToString();
        return session.CloseReason switch
        {
            TcpCloseReason.Refused => new(
                StackError.ConnectionRefused,
                $"{peer} refused the connection.",
                "Nothing listens on that port there, or a firewall answers for it."),
            TcpCloseReason.ResetByPeer => new(
                StackError.ConnectionReset,
                $"{peer} reset the connection.",
                "The peer gave the connection up; open a new session to go on."),
            TcpCloseReason.TimedOut or TcpCloseReason.KeepAliveTimedOut => new(
                StackError.ConnectionTimedOut,
                $"{peer} does not answer.",
                "Check the address and the route, and that the peer has a route back to this stack's address."),
            TcpCloseReason.Unreachable => new(
                StackError.Unreachable,
                $"{peer} cannot be reached: {session.Info.LastError}",
                "Check the route, and that the host and the port exist."),
            TcpCloseReason.Aborted => new(StackError.ConnectionAborted, $"The session to {peer} was aborted on this side."),
            TcpCloseReason.StackStopped => new(
                StackError.StackStopped, "The session's stack was stopped.", "Start a stack with Start-TcpStack."),
            _ => new(
                StackError.SessionClosed, $"The session to {peer} is closed.", "Open a new one with Open-TcpSession."),
        };
    }

    private static ErrorRecord Make(
        StackException exception, string id, ErrorCategory category, object? target, string advice)
    {
        ErrorRecord record = new(exception, id, category, target);
        if (advice.Length > 0)
        {
            record.ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = advice };
        }

        return record;
    }

    private static ErrorCategory CategoryOf(StackError error) => error switch
    {
        StackError.InvalidArgument => ErrorCategory.InvalidArgument,
        StackError.NotPermitted => ErrorCategory.PermissionDenied,
        StackError.TunUnavailable or StackError.NoRoute or StackError.UnknownHost => ErrorCategory.ObjectNotFound,
        StackError.LinkInUse or StackError.AddressInUse => ErrorCategory.ResourceBusy,
        StackError.ConnectionRefused or StackError.ConnectionReset or StackError.ConnectionAborted
            or StackError.Unreachable => ErrorCategory.ConnectionError,
        StackError.ConnectionTimedOut or StackError.TimedOut => ErrorCategory.OperationTimeout,
        StackError.SessionClosed or StackError.StackStopped => ErrorCategory.InvalidOperation,
        StackError.ResourceExhausted => ErrorCategory.LimitsExceeded,
        StackError.InvalidData => ErrorCategory.InvalidData,
        _ => ErrorCategory.NotSpecified,
    };
}
