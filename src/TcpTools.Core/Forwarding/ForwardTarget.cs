using System.Globalization;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Forwarding;

/// <summary>An address and a port, of a stack of ours or of the kernel.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
/// <param name="Stack">The stack whose TCP is used; null for the kernel's.</param>
public sealed record ForwardTarget(NetworkAddress Address, int Port, TcpStack? Stack = null)
{
    /// <summary>address:port over whose TCP.</summary>
    public override string ToString()
    {
        string address = Address.IsNone ? "*" : Address.IsIPv6 ? $"[{Address}]" : Address.ToString();
        return string.Create(CultureInfo.InvariantCulture, $"{address}:{Port} ({Stack?.Name ?? "kernel"})");
    }

    /// <summary>Starts to connect.</summary>
    internal TcpSession Connect()
    {
        TcpSession session = Stack is not null
            ? Stack.Connect(new ConnectOptions { RemoteAddress = Address, RemotePort = Port })
            : KernelSession.Connect(new KernelConnectOptions { RemoteAddress = Address, RemotePort = Port });
        // What came in one piece goes on in one: holding back the rest of it would only add delays up.
        session.NoDelay = true;
        return session;
    }
}
