namespace TcpTools.Wire;

/// <summary>Types of options in hop-by-hop and destination options headers (IANA IPv6 parameters).</summary>
public static class IPv6OptionKind
{
    /// <summary>One byte of padding (RFC 8200, 4.2).</summary>
    public const byte Pad1 = 0;

    /// <summary>Two or more bytes of padding (RFC 8200, 4.2).</summary>
    public const byte PadN = 1;

    /// <summary>Router alert (RFC 2711).</summary>
    public const byte RouterAlert = 5;

    /// <summary>Quick-Start (RFC 4782).</summary>
    public const byte QuickStart = 0x26;

    /// <summary>Jumbo payload (RFC 2675).</summary>
    public const byte JumboPayload = 0xC2;

    /// <summary>Home address (RFC 6275, 6.3).</summary>
    public const byte HomeAddress = 0xC9;

    /// <summary>The length of data that a kind must have; -1 where any will do.</summary>
    internal static int GetDataLength(byte kind) => kind switch
    {
        RouterAlert => 2,
        QuickStart => 6,
        JumboPayload => 4,
        HomeAddress => 16,
        _ => -1,
    };
}
