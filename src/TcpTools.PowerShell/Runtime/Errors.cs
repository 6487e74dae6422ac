using System.Management.Automation;

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
