namespace TcpTools.Wire;

/// <summary>IPv4 option types, copied flag and class included (IANA IP option numbers).</summary>
public static class IPv4OptionKind
{
    /// <summary>End of the option list (RFC 791).</summary>
    public const byte End = 0;

    /// <summary>No operation (RFC 791).</summary>
    public const byte NoOperation = 1;

    /// <summary>Record route (RFC 791).</summary>
    public const byte RecordRoute = 7;

    /// <summary>MTU probe (RFC 1063, obsolete).</summary>
    public const byte MtuProbe = 11;

    /// <summary>MTU reply (RFC 1063, obsolete).</summary>
    public const byte MtuReply = 12;

    /// <summary>Internet timestamp (RFC 791).</summary>
    public const byte Timestamp = 68;

    /// <summary>Traceroute (RFC 1393).</summary>
    public const byte Traceroute = 82;

    /// <summary>Security (RFC 1108).</summary>
    public const byte Security = 130;

    /// <summary>Loose source and record route (RFC 791).</summary>
    public const byte LooseSourceRoute = 131;

    /// <summary>Stream identifier (RFC 791, obsolete).</summary>
    public const byte StreamId = 136;

    /// <summary>Strict source and record route (RFC 791).</summary>
    public const byte StrictSourceRoute = 137;

    /// <summary>Address extension (RFC 1475, obsolete).</summary>
    public const byte AddressExtension = 147;

    /// <summary>Router alert (RFC 2113).</summary>
    public const byte RouterAlert = 148;

    /// <summary>Selective directed broadcast (RFC 1770).</summary>
    public const byte SelectiveDirectedBroadcast = 149;

    /// <summary>Whether the option is to be copied into every fragment (RFC 791, 3.1: the copied flag).</summary>
    public static bool IsCopied(byte kind) => (kind & 0x80) != 0;
}
