using TcpTools.Wire;

namespace TcpTools.Sockets;

/// <summary>Where <see cref="KernelSession.Connect"/> connects to, and from.</summary>
public sealed record KernelConnectOptions
{
    /// <summary>The peer's address, of either version of IP.</summary>
    public required NetworkAddress RemoteAddress { get; init; }

    /// <summary>The peer's port.</summary>
    public required int RemotePort { get; init; }

    /// <summary>One of the host's own addresses; null for the one that the route suggests.</summary>
    public NetworkAddress? LocalAddress { get; init; }

    /// <summary>The local port; null for any.</summary>
    public int? LocalPort { get; init; }
}
