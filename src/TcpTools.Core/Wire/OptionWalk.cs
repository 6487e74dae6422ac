using System;

namespace TcpTools.Wire;

/// <summary>
/// One step through options that are coded alike in TCP (RFC 9293, 3.1) and IPv4 (RFC 791, 3.1): a kind alone for 0 and
/// 1, else a kind, a length that counts both, and data.
/// </summary>
internal static class OptionWalk
{
    private const byte End = 0;
    private const byte NoOperation = 1;

    /// <summary>
    /// The length in bytes of the option at the start of non-empty <paramref name="rest"/>; 0 when its length field is
    /// missing, less than 2 (which would never get on), or reaches beyond the end.
    /// </summary>
    public static int Measure(ReadOnlySpan<byte> rest)
    {
        if (rest[0] is End or NoOperation)
        {
            return 1;
        }

        if (rest.Length < 2)
        {
            return 0;
        }

        int length = rest[1];
        return length >= 2 && length <= rest.Length ? length : 0;
    }
}
