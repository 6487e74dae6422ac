using System.ComponentModel;
using System.Globalization;
using TcpTools.Linux;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Sockets;

/// <summary>The kernel's error numbers of TCP sockets, told as our own stack tells the same conditions.</summary>
internal static class KernelErrors
{
    public const int TryAgain = SystemError.TryAgain;
    public const int Interrupted = SystemError.Interrupted;
    public const int NotConnected = 107;
    public const int InProgress = 115;

    private const int BrokenPipe = 32;
    private const int FamilyNotSupported = 97;
    private const int AddressInUse = 98;
    private const int AddressNotAvailable = 99;
    private const int NetworkDown = 100;
    private const int NetworkUnreachable = 101;
    public const int ConnectionAborted = 103;
    private const int ConnectionReset = 104;
    private const int TimedOut = 110;
    private const int ConnectionRefused = 111;
    private const int HostDown = 112;
    private const int HostUnreachable = 113;

    /// <summary>Why a connection ended, by the error that it ended with; None when the error is not a connection's.</summary>
    public static TcpCloseReason ToReason(int error, bool wasEstablished, bool isProbed) => error switch
    {
        ConnectionRefused => TcpCloseReason.Refused,
        ConnectionReset or BrokenPipe => TcpCloseReason.ResetByPeer,
        TimedOut => wasEstablished && isProbed ? TcpCloseReason.KeepAliveTimedOut : TcpCloseReason.TimedOut,
        NetworkUnreachable or HostUnreachable or HostDown or NetworkDown => TcpCloseReason.Unreachable,
        ConnectionAborted => TcpCloseReason.Aborted,
        _ => TcpCloseReason.None,
    };

    /// <summary>The exception for an address or a port that the kernel does not give.</summary>
    public static StackException OfBinding(int error, NetworkAddress address, int port) => error switch
    {
        AddressInUse => new StackException(
            StackError.AddressInUse,
            string.Create(CultureInfo.InvariantCulture, $"Port {port} of the host is in use already."),
            "Choose another port, or none."),
        AddressNotAvailable => new StackException(
            StackError.NoRoute, $"{address} is not an address of this host.", "'ip address' lists them."),
        SystemError.AccessDenied => new StackException(
            StackError.NotPermitted,
            string.Create(CultureInfo.InvariantCulture, $"The kernel does not give port {port} to this process."),
            "Choose a port from 1024 on, or run as root."),
        _ => SystemError.ToException(error, "Taking a local address"),
    };

    /// <summary>The exception for a connection that could not even be begun.</summary>
    public static StackException OfConnecting(int error, NetworkAddress address, int port) => error switch
    {
        NetworkUnreachable or NetworkDown or HostUnreachable => new StackException(
            StackError.NoRoute, $"The host has no route to {address}.", "'ip route' shows its routes."),
        AddressInUse or AddressNotAvailable => new StackException(
            StackError.AddressInUse,
            string.Create(CultureInfo.InvariantCulture, $"The host has no free port, or not the one asked for, to {address}:{port}."),
            "Choose another local port, or none."),
        FamilyNotSupported => new StackException(
            StackError.NoRoute, $"The host does not speak the protocol of {address}.", "Use an address of the other version of IP."),
        SystemError.InvalidArgument or SystemError.AccessDenied => new StackException(
            StackError.InvalidArgument, $"{address} is not the address of one host, which a connection needs."),
        _ => new StackException(
            StackError.SystemError,
            string.Create(CultureInfo.InvariantCulture, $"Connecting to {address}:{port} failed: {new Win32Exception(error).Message} (error {error}).")),
    };
}
