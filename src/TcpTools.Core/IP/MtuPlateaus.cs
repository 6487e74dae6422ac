using System;

namespace TcpTools.IP;

/// <summary>The MTUs that real networks had (RFC 1191, table 7-1): the steps to try when a router does not tell its own.</summary>
internal static class MtuPlateaus
{
    private static ReadOnlySpan<ushort> Values => [32000, 17914, 8166, 4352, 2002, 1492, 1006, 508, 296];

    /// <summary>The next step below the length of a datagram that was too large.</summary>
    public static int Below(int length)
    {
        foreach (ushort plateau in Values)
        {
            if (plateau < length)
            {
                return plateau;
            }
        }

        return IPv4Protocol.SmallestMtu;
    }
}
