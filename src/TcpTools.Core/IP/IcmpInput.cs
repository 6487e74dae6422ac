using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>Takes ICMP messages (RFC 792; RFC 1122, 3.2.2): answers echo, hands errors and answers on, ignores the rest.</summary>
internal sealed class IcmpInput(IPv4Protocol layer)
{
    /// <summary>Takes a message.</summary>
    /// <returns>Whether it has taken the packet's buffer too.</returns>
    public bool Receive(PacketBuffer packet, in IPDatagram datagram, Instant now)
    {
        IcmpCounters counters = layer.Counters.Icmp;
        counters.InMsgs++;
        var message = new Icmpv4View(datagram.Payload);
        if (!message.IsComplete)
        {
            counters.InErrors++;
            return false;
        }

        if (!datagram.IsChecksumTrusted && !message.IsChecksumValid)
        {
            counters.InCsumErrors++;
            counters.InErrors++;
            return false;
        }

        Count(message.Type);
        switch (message.Type)
        {
            case IcmpType.EchoRequest:
                return Answer(packet, datagram, now);

            case IcmpType.EchoReply:
            case IcmpType.TimestampReply:
            case IcmpType.AddressMaskReply:
                if (layer.Environment.AcceptsProtocol(IPProtocol.Icmp))
                {
                    layer.Environment.Deliver(datagram, now);
                }

                return false;

            case IcmpType.DestinationUnreachable:
            case IcmpType.TimeExceeded:
            case IcmpType.ParameterProblem:
                if (IcmpErrorParser.TryParse(datagram, layer.Routes, out IcmpError error))
                {
                    layer.Environment.DeliverError(error, now);
                }
                else
                {
                    counters.InErrors++;
                }

                return false;

            default:
                // Source quench is dead (RFC 6633); a redirect needs no following on a link with one way out, and is a
                // tool of attackers; unknown types are ignored (RFC 1122, 3.2.2).
                return false;
        }
    }

    /// <summary>
    /// RFC 1122, 3.2.2.6: the reply carries all data back, from the address that was asked, with the same type of service
    /// (RFC 1349, 5.1). It is the request's buffer that goes back.
    /// </summary>
    private bool Answer(PacketBuffer packet, in IPDatagram datagram, Instant now)
    {
        // To a broadcast, an answer would make this host an amplifier; RFC 1122 leaves it free.
        if (!layer.Settings.AnswerEcho || !datagram.IsUnicast || datagram.Payload.Length > layer.Settings.MaximumEchoLength)
        {
            return false;
        }

        var reply = new IPSendOptions
        {
            Source = datagram.Destination,
            Destination = datagram.Source,
            Protocol = IPProtocol.Icmp,
            TypeOfService = datagram.TypeOfService,
        };
        packet.Pull(datagram.Header.Length);
        packet.Offload = default;
        var editor = new Icmpv4Editor(packet.Span);
        editor.Checksum = InternetChecksum.Update(
            editor.Checksum,
            (ushort)((IcmpType.EchoRequest << 8) | editor.Code),
            (ushort)((IcmpType.EchoReply << 8) | editor.Code));
        editor.Type = IcmpType.EchoReply;
        layer.Send(packet, reply, now);
        return true;
    }

    private void Count(byte type)
    {
        IcmpCounters counters = layer.Counters.Icmp;
        switch (type)
        {
            case IcmpType.EchoReply:
                counters.InEchoReps++;
                break;
            case IcmpType.DestinationUnreachable:
                counters.InDestUnreachs++;
                break;
            case IcmpType.SourceQuench:
                counters.InSrcQuenchs++;
                break;
            case IcmpType.Redirect:
                counters.InRedirects++;
                break;
            case IcmpType.EchoRequest:
                counters.InEchos++;
                break;
            case IcmpType.TimeExceeded:
                counters.InTimeExcds++;
                break;
            case IcmpType.ParameterProblem:
                counters.InParmProbs++;
                break;
            case IcmpType.TimestampRequest:
                counters.InTimestamps++;
                break;
            case IcmpType.TimestampReply:
                counters.InTimestampReps++;
                break;
            case IcmpType.AddressMaskRequest:
                counters.InAddrMasks++;
                break;
            case IcmpType.AddressMaskReply:
                counters.InAddrMaskReps++;
                break;
            default:
                break;
        }
    }
}
