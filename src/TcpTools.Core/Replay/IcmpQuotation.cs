using System;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>Finds the TCP header that an ICMP error quotes.</summary>
internal static class IcmpQuotation
{
    /// <summary>Looks for it in an IP packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="at">Where the quoted TCP header starts; at least its ports and its sequence number are there.</param>
    public static bool TryFind(ReadOnlySpan<byte> packet, out int at)
    {
        const int Needed = 8;
        at = 0;
        IPv4View ip = new(packet);
        if (ip.Protocol != IPProtocol.Icmp || ip.FragmentOffset != 0 || ip.HeaderLength + Icmpv4View.HeaderLength > packet.Length)
        {
            return false;
        }

        byte type = new Icmpv4View(packet[ip.HeaderLength..]).Type;
        if (type is not (IcmpType.DestinationUnreachable or IcmpType.SourceQuench or IcmpType.TimeExceeded or IcmpType.ParameterProblem))
        {
            return false;
        }

        int start = ip.HeaderLength + Icmpv4View.HeaderLength;
        IPv4View quoted = new(packet[start..]);
        at = start + quoted.HeaderLength;
        return quoted.Protocol == IPProtocol.Tcp && quoted.FragmentOffset == 0 && at + Needed <= packet.Length;
    }
}
