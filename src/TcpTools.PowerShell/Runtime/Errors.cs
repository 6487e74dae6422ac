using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>From what goes wrong below to what PowerShell shows: an id, a category, a target and advice.</summary>
internal static class Errors
{
    /// <summary>The error record of an exception. Its id is the name of its <see cref="StackError"/>.</summary>
    public static ErrorRecord From(StackException exception, object? target)
    {
        // More time would be of no help where time moves nothing.
        string advice = exception.Error == StackError.TimedOut && ManualStackOf(target) is { } stack
            ? $"Nobody but you moves the manual stack '{stack.Name}': Step-TcpStack, then try again."
            : exception.Advice;
        return Make(exception, exception.Error.ToString(), CategoryOf(exception.Error), target, advice);
    }

    /// <summary>An error record for a condition that only the shell knows.</summary>
    public static ErrorRecord Make(string id, ErrorCategory category, string message, object? target, string advice) =>
        Make(new StackException(StackError.InvalidArgument, message, advice), id, category, target, advice);

    private static TcpStack? ManualStackOf(object? target)
    {
        TcpStack? stack = target switch
        {
            TcpSession session => session.Stack,
            TcpListener listener => listener.Stack,
            _ => target as TcpStack,
        };
        return stack?.Mode == StackMode.Manual ? stack : null;
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
        StackError.InvalidArgument or StackError.InvalidFilter => ErrorCategory.InvalidArgument,
        StackError.NotPermitted => ErrorCategory.PermissionDenied,
        StackError.TunUnavailable or StackError.NoRoute or StackError.UnknownHost
            or StackError.NoInterface => ErrorCategory.ObjectNotFound,
        StackError.LinkInUse or StackError.AddressInUse => ErrorCategory.ResourceBusy,
        StackError.ConnectionRefused or StackError.ConnectionReset or StackError.ConnectionAborted
            or StackError.Unreachable or StackError.LinkDown => ErrorCategory.ConnectionError,
        StackError.ConnectionTimedOut or StackError.TimedOut => ErrorCategory.OperationTimeout,
        StackError.SessionClosed or StackError.StackStopped => ErrorCategory.InvalidOperation,
        StackError.ResourceExhausted or StackError.MessageTooLong => ErrorCategory.LimitsExceeded,
        StackError.MissingLibrary => ErrorCategory.NotInstalled,
        StackError.InvalidData => ErrorCategory.InvalidData,
        StackError.InvalidAutomaton => ErrorCategory.InvalidArgument,
        StackError.Stuck => ErrorCategory.DeadlockDetected,
        StackError.ErrorState => ErrorCategory.InvalidResult,
        _ => ErrorCategory.NotSpecified,
    };
}
