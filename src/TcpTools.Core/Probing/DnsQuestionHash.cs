using System;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>The question of a DNS message, for comparing (RFC 1035, 4.1.2): its name in any case of letters, type and class.</summary>
internal static class DnsQuestionHash
{
    /// <summary>Bytes before the first question.</summary>
    public const int HeaderLength = 12;

    private const ulong Basis = 14695981039346656037;
    private const ulong Prime = 1099511628211;

    /// <summary>A hash of the first question, never 0; 0 where there is none or it is cut.</summary>
    public static ulong Of(ReadOnlySpan<byte> message)
    {
        if (WireField.Read16(message, 4) == 0)
        {
            return 0;
        }

        ulong hash = Basis;
        int at = HeaderLength;
        while (true)
        {
            if (at >= message.Length || message[at] > 63 || at + message[at] + 1 > message.Length)
            {
                return 0;
            }

            int length = message[at];
            hash = (hash ^ (byte)length) * Prime;
            for (int i = 1; i <= length; i++)
            {
                byte letter = message[at + i];
                hash = (hash ^ (letter is >= (byte)'A' and <= (byte)'Z' ? (byte)(letter | 0x20) : letter)) * Prime;
            }

            at += length + 1;
            if (length == 0)
            {
                break;
            }
        }

        if (at + 4 > message.Length)
        {
            return 0;
        }

        hash = (hash ^ WireField.Read32(message, at)) * Prime;
        return hash == 0 ? 1 : hash;
    }
}
