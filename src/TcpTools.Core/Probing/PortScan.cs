using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>How a port is tried.</summary>
public enum PortScanMethod
{
    /// <summary>A SYN: open ports answer with SYN-ACK, closed ones with a reset.</summary>
    Syn,

    /// <summary>A connection in full, with a session of a stack.</summary>
    Connect,

    /// <summary>An ACK: a reset says that nothing filters the port, not whether it is open.</summary>
    Ack,

    /// <summary>A FIN: closed ports answer with a reset, open ones must keep silent (RFC 9293, 3.10.7.1).</summary>
    Fin,

    /// <summary>No flag at all; read as <see cref="Fin"/>.</summary>
    Null,

    /// <summary>FIN, PSH and URG; read as <see cref="Fin"/>.</summary>
    Xmas,

    /// <summary>A datagram of UDP: closed ports answer with ICMP, open ones if they like what they get.</summary>
    Udp,
}

/// <summary>What is known of a port.</summary>
public enum PortState
{
    /// <summary>Somebody listens.</summary>
    Open,

    /// <summary>Nobody listens, and the host says so.</summary>
    Closed,

    /// <summary>No answer, or one that forbids.</summary>
    Filtered,

    /// <summary>The port can be reached; whether somebody listens this method cannot tell.</summary>
    Unfiltered,

    /// <summary>No answer, which is what an open port gives, and one behind a filter.</summary>
    OpenOrFiltered,

    /// <summary>There is no way to the host.</summary>
    Unreachable,
}

/// <summary>What came of trying a port.</summary>
public sealed record PortScanResult
{
    /// <summary>The host.</summary>
    public required NetworkAddress Address { get; init; }

    /// <summary>The port.</summary>
    public required int Port { get; init; }

    /// <summary>tcp or udp.</summary>
    public string Protocol { get; init; } = "tcp";

    /// <summary>What is known.</summary>
    public PortState State { get; init; }

    /// <summary>Whether somebody is known to listen.</summary>
    public bool IsOpen => State == PortState.Open;

    /// <summary>From what it is known: the answer in words, or <c>no answer</c>.</summary>
    public string Reason { get; init; } = "no answer";

    /// <summary>From sending to receiving; null without an answer.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>The time to live, or hop limit, that the answer had left; null without one.</summary>
    public byte? TimeToLive { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>Who answered, when it was not the host itself; null otherwise.</summary>
    public NetworkAddress? ReportedBy { get; init; }

    /// <summary>The answer; null without one, and where a session was opened.</summary>
    public Packet? Reply { get; init; }

    /// <summary>Host, port and state.</summary>
    public override string ToString() => Address.IsIPv6 ? $"[{Address}]:{Port} {State}" : $"{Address}:{Port} {State}";
}

/// <summary>Makes probes for ports and judges the answers.</summary>
public static class PortScan
{
    /// <summary>A packet that tries a port.</summary>
    /// <param name="method">How; not <see cref="PortScanMethod.Connect"/>, which no single packet can do.</param>
    /// <param name="source">Who asks.</param>
    /// <param name="destination">The host.</param>
    /// <param name="port">The port.</param>
    /// <param name="sourcePort">The port that the answer goes to.</param>
    /// <param name="number">The sequence number, and for an ACK what is acknowledged.</param>
    public static Packet MakeProbe(
        PortScanMethod method, NetworkAddress source, NetworkAddress destination, int port, ushort sourcePort, uint number)
    {
        const int LongEnough = 1024; // for the window, and for what most hosts take for a usual segment size
        Packet head = Packet.Of(ProbePackets.IP(source, destination, identification: (ushort)number));
        if (method == PortScanMethod.Udp)
        {
            return head / new UdpLayer { SourcePort = sourcePort, DestinationPort = (ushort)port } / ProbePackets.DatagramFor(port);
        }

        TcpLayer segment = new()
        {
            SourcePort = sourcePort,
            DestinationPort = (ushort)port,
            Sequence = number,
            Window = LongEnough,
            Flags = method switch
            {
                PortScanMethod.Syn => TcpFlags.Syn,
                PortScanMethod.Ack => TcpFlags.Ack,
                PortScanMethod.Fin => TcpFlags.Fin,
                PortScanMethod.Null => TcpFlags.None,
                PortScanMethod.Xmas => TcpFlags.Fin | TcpFlags.Psh | TcpFlags.Urg,
                _ => throw new ArgumentOutOfRangeException(nameof(method), method, "A connection is no single packet."),
            },
        };
        if (method == PortScanMethod.Syn)
        {
            segment.Options.Add(new TcpMaximumSegmentSizeOption(1460));
        }
        else if (method == PortScanMethod.Ack)
        {
            segment.Acknowledgment = ~number;
        }

        return head / segment;
    }

    /// <summary>What an answer, or none, says about the port.</summary>
    public static PortScanResult Judge(PortScanMethod method, ExchangeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        Packet probe = result.Probe;
        NetworkAddress address = probe.IP!.Destination;
        bool isUdp = method == PortScanMethod.Udp;
        (PortState state, string reason) = JudgeReply(method, result);
        return new PortScanResult
        {
            Address = address,
            Port = isUdp ? probe.Udp!.DestinationPort : probe.Tcp!.DestinationPort,
            Protocol = isUdp ? "udp" : "tcp",
            State = state,
            Reason = reason,
            RoundTripTime = result.RoundTripTime,
            TimeToLive = result.Reply?.IP?.TimeToLive,
            Attempts = result.Attempts,
            ReportedBy = result.ReceivedFrom is { } from && from != address ? from : null,
            Reply = result.Reply,
        };
    }

    private static (PortState State, string Reason) JudgeReply(PortScanMethod method, ExchangeResult result)
    {
        if (result.Failure is { } failure)
        {
            return (PortState.Unreachable, failure.Message);
        }

        if (result.Reply is not { } reply)
        {
            return (method is PortScanMethod.Syn or PortScanMethod.Ack ? PortState.Filtered : PortState.OpenOrFiltered, "no answer");
        }

        IcmpVerdict verdict = IcmpVerdicts.Of(reply);
        if (verdict != IcmpVerdict.None)
        {
            bool isFromHost = result.ReceivedFrom == result.Probe.IP!.Destination;
            PortState state = verdict switch
            {
                IcmpVerdict.PortUnreachable when method == PortScanMethod.Udp && isFromHost => PortState.Closed,
                IcmpVerdict.HostUnreachable or IcmpVerdict.NetworkUnreachable or IcmpVerdict.TimeExceeded => PortState.Unreachable,
                _ => PortState.Filtered,
            };
            return (state, IcmpVerdicts.Describe(verdict));
        }

        if (reply.Tcp is not { } segment)
        {
            return (PortState.Open, "answer");
        }

        if ((segment.Flags & TcpFlags.Rst) == 0)
        {
            return method == PortScanMethod.Syn ? (PortState.Open, "syn-ack") : (PortState.OpenOrFiltered, "answer");
        }

        return (method == PortScanMethod.Ack ? PortState.Unfiltered : PortState.Closed, "reset");
    }
}
