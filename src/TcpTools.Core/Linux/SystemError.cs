using System.ComponentModel;
using System.Globalization;

namespace TcpTools.Linux;

/// <summary>The kernel's error numbers that matter here, and what they mean to a user.</summary>
internal static class SystemError
{
    internal const int OperationNotPermitted = 1;
    internal const int NoEntry = 2;
    internal const int Interrupted = 4;
    internal const int NoSuchDeviceOrAddress = 6;
    internal const int TryAgain = 11;
    internal const int AccessDenied = 13;
    internal const int Busy = 16;
    internal const int Exists = 17;
    internal const int NoDevice = 19;
    internal const int InvalidArgument = 22;
    internal const int BadDescriptorState = 77;

    private const string RootAdvice = "Run as root, or give the process CAP_NET_ADMIN.";

    /// <summary>The exception for a failed call: what was tried, and the system's own words for why it failed.</summary>
    internal static StackException ToException(int error, string action)
    {
        string reason = new Win32Exception(error).Message;
        string message = string.Create(CultureInfo.InvariantCulture, $"{action} failed: {reason} (error {error}).");
        return error is OperationNotPermitted or AccessDenied
            ? new StackException(StackError.NotPermitted, message, RootAdvice)
            : new StackException(StackError.SystemError, message);
    }
}
