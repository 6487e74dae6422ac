using System;

namespace TcpTools.Forwarding;

/// <summary>What a <see cref="TcpForwarder"/> forwards, and how.</summary>
public sealed record ForwarderOptions
{
    /// <summary>Its name, for people.</summary>
    public string Name { get; init; } = "";

    /// <summary>Where clients connect to: no address for all, port 0 for any that is free.</summary>
    public required ForwardTarget Listen { get; init; }

    /// <summary>Where their connections go on to.</summary>
    public required ForwardTarget Peer { get; init; }

    /// <summary>Sees, and may change, what is forwarded; null for nobody.</summary>
    public IForwardHook? Hook { get; init; }

    /// <summary>How many connections there are at once; further clients wait to be accepted.</summary>
    public int MaximumConnections { get; init; } = 4096;

    /// <summary>How long the peer may take to answer; then the client is reset.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);
}
