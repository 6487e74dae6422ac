using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>Sends ICMP errors where RFC 1122, 3.2.2 allows it and as often as the rate limit allows it.</summary>
internal sealed class IcmpOutput(IPv4Protocol layer, PacketBufferPool pool, RandomSource random)
{
    private readonly IcmpRateLimiter _limiter = new(layer.Settings, random);

    /// <summary>
    /// Sends an error about a datagram to its sender, quoting as much of it as RFC 1812, 4.3.2.3 says.
    /// </summary>
    /// <returns>Whether it was sent.</returns>
    public bool SendError(in IPDatagram about, byte type, byte code, uint restOfHeader, Instant now)
    {
        IcmpCounters counters = layer.Counters.Icmp;
        if (!layer.Settings.SendErrors || !MayBeAbout(about))
        {
            return false;
        }

        switch (_limiter.Take(about.Source, now))
        {
            case RateVerdict.GlobalLimit:
                counters.OutRateLimitGlobal++;
                return false;
            case RateVerdict.HostLimit:
                counters.OutRateLimitHost++;
                return false;
            default:
                break;
        }

        int room = Math.Max(layer.Settings.MaximumErrorLength - IPv4View.MinimumHeaderLength - Icmpv4View.HeaderLength, 0);
        int header = Math.Min(about.Header.Length, room);
        int data = Math.Min(about.Payload.Length, room - header);
        PacketBuffer message = pool.Rent(Icmpv4View.HeaderLength + header + data);
        Span<byte> bytes = message.Append(Icmpv4View.HeaderLength + header + data);
        about.Header[..header].CopyTo(bytes[Icmpv4View.HeaderLength..]);
        about.Payload[..data].CopyTo(bytes[(Icmpv4View.HeaderLength + header)..]);
        var editor = new Icmpv4Editor(bytes) { Type = type, Code = code, RestOfHeader = restOfHeader };
        editor.UpdateChecksum();

        // RFC 1122, 3.2.2: normal type of service; the address that was written to is the one that answers.
        bool sent = layer.Send(
            message,
            new IPSendOptions { Source = about.Destination, Destination = about.Source, Protocol = IPProtocol.Icmp },
            now);
        if (!sent)
        {
            counters.OutErrors++;
        }

        return sent;
    }

    /// <summary>
    /// RFC 1122, 3.2.2: never about an ICMP error, a broadcast or multicast datagram, a fragment other than the first, or
    /// to a source that is not one host. (Sources of packets from the link are one host's: the way in has seen to that.)
    /// </summary>
    private static bool MayBeAbout(in IPDatagram datagram)
    {
        if (!datagram.IsUnicast || new IPv4View(datagram.Header).FragmentOffset != 0)
        {
            return false;
        }

        // What an unknown type means is unknown too: it could be an error.
        return datagram.Protocol != IPProtocol.Icmp
            || (!datagram.Payload.IsEmpty && IcmpType.HasIdentifier(new Icmpv4View(datagram.Payload).Type));
    }
}
