namespace TcpTools.Wire;

/// <summary>Types of routing headers (IANA IPv6 parameters).</summary>
public static class RoutingHeaderType
{
    /// <summary>A source route (RFC 2460), forbidden by RFC 5095.</summary>
    public const byte Source = 0;

    /// <summary>The way to a mobile node (RFC 6275, 6.4).</summary>
    public const byte Mobile = 2;

    /// <summary>A source route in a network of RPL (RFC 6554).</summary>
    public const byte Rpl = 3;

    /// <summary>Segment routing (RFC 8754).</summary>
    public const byte Segment = 4;
}
