using System;

namespace TcpTools.Wire;

/// <summary>
/// The two sockets that name one TCP connection (RFC 9293, 3.3.1: "connections are defined by pairs of sockets"), seen
/// from this side.
/// </summary>
public readonly record struct FlowKey(
    NetworkAddress LocalAddress, ushort LocalPort, NetworkAddress RemoteAddress, ushort RemotePort)
{
    /// <summary>The same connection seen from the other side.</summary>
    public FlowKey Reverse() => new(RemoteAddress, RemotePort, LocalAddress, LocalPort);

    /// <inheritdoc/>
    public override int GetHashCode() =>
        HashCode.Combine(LocalAddress, RemoteAddress, ((uint)LocalPort << 16) | RemotePort);

    /// <summary>local -> remote, in the manner of tcpdump.</summary>
    public override string ToString() =>
        $"{Show(LocalAddress)}:{LocalPort} -> {Show(RemoteAddress)}:{RemotePort}";

    private static string Show(NetworkAddress address) => address.IsIPv6 ? $"[{address}]" : address.ToString();
}
