using System;

namespace TcpTools;

/// <summary>What went wrong, one name for each condition that a caller may want to tell from the others.</summary>
public enum StackError
{
    /// <summary>An argument does not fit; the message says what would.</summary>
    InvalidArgument,

    /// <summary>The process may not do this: it needs root, or CAP_NET_ADMIN or CAP_NET_RAW.</summary>
    NotPermitted,

    /// <summary>The kernel has no TUN device to give (no /dev/net/tun).</summary>
    TunUnavailable,

    /// <summary>A device, an address or a link is in use already.</summary>
    LinkInUse,

    /// <summary>The local port or the pair of sockets is in use.</summary>
    AddressInUse,

    /// <summary>No route leads to the destination, or the source address is not one of the stack's.</summary>
    NoRoute,

    /// <summary>The name has no address.</summary>
    UnknownHost,

    /// <summary>The peer refused the connection.</summary>
    ConnectionRefused,

    /// <summary>The peer reset the connection.</summary>
    ConnectionReset,

    /// <summary>This side aborted the connection.</summary>
    ConnectionAborted,

    /// <summary>The network or the host is unreachable.</summary>
    Unreachable,

    /// <summary>The peer did not answer in time, and the connection is gone.</summary>
    ConnectionTimedOut,

    /// <summary>The caller's own time limit ran out; the connection lives on.</summary>
    TimedOut,

    /// <summary>The session is closed in the direction that was asked for.</summary>
    SessionClosed,

    /// <summary>The stack has been stopped.</summary>
    StackStopped,

    /// <summary>A limit of the stack's is reached: ports, sessions, memory.</summary>
    ResourceExhausted,

    /// <summary>The bytes or the file are not what they should be.</summary>
    InvalidData,

    /// <summary>A message is longer than it may be.</summary>
    MessageTooLong,

    /// <summary>An expression is not one of the filter language.</summary>
    InvalidFilter,

    /// <summary>There is no network interface of this name.</summary>
    NoInterface,

    /// <summary>The interface is down or has gone.</summary>
    LinkDown,

    /// <summary>A library of the system's that this needs is not installed.</summary>
    MissingLibrary,

    /// <summary>The system refused a call for a reason that the message gives.</summary>
    SystemError,

    /// <summary>The definition of an automaton does not make sense; the message says what would.</summary>
    InvalidAutomaton,

    /// <summary>An automaton is in a state out of which nothing can lead.</summary>
    Stuck,

    /// <summary>An automaton has reached one of its error states.</summary>
    ErrorState,
}

/// <summary>The one exception that the public surface of the stack throws on its own account.</summary>
public sealed class StackException : Exception
{
    /// <summary>An error of unspecified kind.</summary>
    public StackException()
    {
    }

    /// <summary>An error of unspecified kind.</summary>
    public StackException(string message)
        : base(message)
    {
    }

    /// <summary>An error of unspecified kind with its cause.</summary>
    public StackException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error with what a user can do about it.</summary>
    public StackException(StackError error, string message, string advice = "", Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Advice = advice;
    }

    /// <summary>What went wrong.</summary>
    public StackError Error { get; } = StackError.SystemError;

    /// <summary>What to do about it, in a sentence; empty when the message says all.</summary>
    public string Advice { get; } = "";
}
