using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>Which way data of a stream goes.</summary>
public enum StreamDirection
{
    /// <summary>From the side that opened the connection.</summary>
    FromClient,

    /// <summary>From the side that accepted it.</summary>
    FromServer,
}

/// <summary>One end of a stream: what RFC 9293, 3.3.1 calls a socket.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The port.</param>
public readonly record struct StreamEndpoint(NetworkAddress Address, ushort Port)
{
    /// <summary>address:port, an IPv6 address in brackets.</summary>
    public override string ToString() => Address.IsIPv6 ? $"[{Address}]:{Port}" : $"{Address}:{Port}";
}
