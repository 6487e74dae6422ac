namespace TcpTools.Wire;

/// <summary>TCP option kinds (IANA TCP option kind numbers).</summary>
public static class TcpOptionKind
{
    /// <summary>End of the option list (RFC 9293, 3.2).</summary>
    public const byte End = 0;

    /// <summary>No operation (RFC 9293, 3.2).</summary>
    public const byte NoOperation = 1;

    /// <summary>Maximum segment size (RFC 9293, 3.2).</summary>
    public const byte MaximumSegmentSize = 2;

    /// <summary>Window scale (RFC 7323, 2.2).</summary>
    public const byte WindowScale = 3;

    /// <summary>SACK permitted (RFC 2018, 2).</summary>
    public const byte SackPermitted = 4;

    /// <summary>SACK (RFC 2018, 3).</summary>
    public const byte Sack = 5;

    /// <summary>Timestamps (RFC 7323, 3.2).</summary>
    public const byte Timestamps = 8;

    /// <summary>Alternate checksum request (RFC 1146, obsolete).</summary>
    public const byte AlternateChecksumRequest = 14;

    /// <summary>Alternate checksum data (RFC 1146, obsolete).</summary>
    public const byte AlternateChecksumData = 15;

    /// <summary>MD5 signature (RFC 2385).</summary>
    public const byte Md5Signature = 19;

    /// <summary>The sender's mood (RFC 5841, of an April 1).</summary>
    public const byte Mood = 25;

    /// <summary>User timeout (RFC 5482).</summary>
    public const byte UserTimeout = 28;

    /// <summary>Authentication option, TCP-AO (RFC 5925).</summary>
    public const byte Authentication = 29;

    /// <summary>Multipath TCP (RFC 8684).</summary>
    public const byte Multipath = 30;

    /// <summary>Fast open cookie (RFC 7413).</summary>
    public const byte FastOpen = 34;

    /// <summary>Accurate ECN, order 0 (RFC 9768).</summary>
    public const byte AccurateEcn0 = 172;

    /// <summary>Accurate ECN, order 1 (RFC 9768).</summary>
    public const byte AccurateEcn1 = 174;

    /// <summary>First experimental kind; its data starts with an experiment identifier (RFC 6994).</summary>
    public const byte Experimental1 = 253;

    /// <summary>Second experimental kind; its data starts with an experiment identifier (RFC 6994).</summary>
    public const byte Experimental2 = 254;

    /// <summary>The experiment identifier of fast open (RFC 7413, 4.1.1 and appendix).</summary>
    public const ushort FastOpenExperiment = 0xF989;

    /// <summary>
    /// Whether an option of this kind can have this length in bytes, kind and length fields counted, by the RFC that
    /// defines it; any length is allowed for kinds unknown here.
    /// </summary>
    public static bool IsLengthPlausible(byte kind, int length) => kind switch
    {
        End or NoOperation => length == 1,
        MaximumSegmentSize => length == 4,
        WindowScale => length == 3,
        SackPermitted => length == 2,
        Sack => length >= 10 && (length - 2) % SackBlock.Size == 0,
        Timestamps => length == 10,
        AlternateChecksumRequest => length == 3,
        Md5Signature => length == 18,
        UserTimeout => length == 4,
        Authentication => length >= 4,
        Multipath => length >= 3,
        // A request for a cookie has none; a cookie has 4 to 16 bytes, an even number (RFC 7413, 4.1.1).
        FastOpen => length is 2 or (>= 6 and <= 18) && length % 2 == 0,
        // Counters of three bytes, as many as fit (RFC 9768, 3.2.3).
        AccurateEcn0 or AccurateEcn1 => length is 2 or 5 or 8 or 11,
        Experimental1 or Experimental2 => length >= 4,
        _ => length >= 2,
    };
}
