using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>With what a route is traced.</summary>
public enum RouteProbe
{
    /// <summary>TCP SYN segments, which pass where others do not.</summary>
    Tcp,

    /// <summary>Datagrams of UDP to a port where nobody listens.</summary>
    Udp,

    /// <summary>ICMP echo requests.</summary>
    Icmp,
}

/// <summary>How a route is traced.</summary>
public sealed record RouteTraceOptions
{
    /// <summary>With what.</summary>
    public RouteProbe Protocol { get; init; } = RouteProbe.Tcp;

    /// <summary>The port that TCP and UDP probes go to; 0 for the usual one, 80 and 33434.</summary>
    public int Port { get; init; }

    /// <summary>The first hop to look at.</summary>
    public int FirstHop { get; init; } = 1;

    /// <summary>The last.</summary>
    public int MaximumHops { get; init; } = 30;

    /// <summary>Probes for each hop.</summary>
    public int Queries { get; init; } = 3;
}

/// <summary>One place on the way to a host.</summary>
public sealed record RouteHop
{
    /// <summary>Where the way leads.</summary>
    public required NetworkAddress Target { get; init; }

    /// <summary>Its place, from 1: how many routers a packet may pass to get just there.</summary>
    public int Hop { get; init; }

    /// <summary>Who answered, the first of them; null when nobody did.</summary>
    public NetworkAddress? Address => Addresses.Count > 0 ? Addresses[0] : null;

    /// <summary>All that answered, as where several ways lead on.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; init; } = [];

    /// <summary>The name of the address; null when it was not asked for or has none.</summary>
    public string? HostName { get; init; }

    /// <summary>The time of each probe, null where no answer came.</summary>
    public IReadOnlyList<TimeSpan?> RoundTripTimes { get; init; } = [];

    /// <summary>Whether this is the end of the way: the target itself, or where it is known that there is none.</summary>
    public bool IsLast { get; init; }

    /// <summary>Whether the target itself answered.</summary>
    public bool Reached { get; init; }

    /// <summary>What was answered, in words.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What routers tell besides, such as MPLS labels (RFC 4950).</summary>
    public IReadOnlyList<IcmpExtensionObject> Extensions { get; init; } = [];

    /// <summary>The probes and their answers.</summary>
    public IReadOnlyList<ExchangeResult> Exchanges { get; init; } = [];

    /// <summary>Place and address.</summary>
    public override string ToString() => $"{Hop} {(Address is { } address ? address.ToString() : "*")}";
}

/// <summary>
/// The way to a host: which probes to send, and what their answers say of each hop. It sends nothing itself. Probes of one
/// flow differ in their numbers only, so that routers which share out traffic by flows keep them together.
/// </summary>
public sealed class RouteTrace
{
    private const int NumberStep = 16; // an answer's number tells which probe is meant, with some room for miscounting
    private const ushort UsualUdpPort = 33434;
    private const ushort UsualTcpPort = 80;

    private readonly RouteTraceOptions _options;
    private readonly NetworkAddress _source;
    private readonly ushort _sourcePort;
    private readonly uint _base;
    private readonly List<ExchangeResult>?[] _results;
    private readonly Queue<RouteHop> _hops = new();
    private int _sent;
    private int _last;
    private int _told;

    /// <summary>Nothing has been sent yet.</summary>
    /// <param name="source">Who asks.</param>
    /// <param name="target">Where the way leads.</param>
    /// <param name="options">How.</param>
    /// <param name="random">Source of the source port and the first number.</param>
    public RouteTrace(NetworkAddress source, NetworkAddress target, RouteTraceOptions options, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(random);
        _options = options;
        _source = source;
        Target = target;
        _sourcePort = (ushort)(49152 + random.Next(16384));
        _base = random.NextUInt32();
        _last = options.MaximumHops;
        _told = options.FirstHop - 1;
        _results = new List<ExchangeResult>?[options.MaximumHops + 1];
    }

    /// <summary>Where the way leads.</summary>
    public NetworkAddress Target { get; }

    /// <summary>Whether all hops have been told.</summary>
    public bool IsComplete => _told >= _last;

    /// <summary>The next probe; false when no more are needed. Its result comes to <see cref="Take"/>.</summary>
    public bool TryMakeProbe([NotNullWhen(true)] out Packet? probe)
    {
        int hop = _options.FirstHop + (_sent / _options.Queries);
        probe = hop <= _last ? Make(hop, _sent) : null;
        _sent += probe is null ? 0 : 1;
        return probe is not null;
    }

    /// <summary>Takes what came of a probe.</summary>
    public void Take(ExchangeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        int hop = result.Probe.IP!.TimeToLive;
        (_results[hop] ??= []).Add(result);
        if (result.Answered && IcmpVerdicts.Of(result.Reply) != IcmpVerdict.TimeExceeded)
        {
            _last = Math.Min(_last, hop);
        }

        while (_told < _last && _results[_told + 1] is { } next && next.Count >= _options.Queries)
        {
            _told++;
            _hops.Enqueue(Describe(_told, next));
        }
    }

    /// <summary>Takes the next hop that all is known of.</summary>
    public bool TryTakeHop([NotNullWhen(true)] out RouteHop? hop) => _hops.TryDequeue(out hop);

    private Packet Make(int hop, int number)
    {
        IPLayer ip = ProbePackets.IP(_source, Target, (byte)hop, (ushort)(_base + (uint)number));
        uint mark = _base + (uint)(number * NumberStep);
        switch (_options.Protocol)
        {
            case RouteProbe.Icmp:
                return ProbePackets.Echo(ip, _sourcePort, (ushort)number, new byte[32]);
            case RouteProbe.Udp:
                // IPv6 has no identification that tells probes apart: there the port does.
                int port = (_options.Port == 0 ? UsualUdpPort : _options.Port) + (Target.IsIPv6 ? number : 0);
                return Packet.Of(ip) / new UdpLayer { SourcePort = _sourcePort, DestinationPort = (ushort)port } / new byte[32];
            default:
                return Packet.Of(ip) / new TcpLayer
                {
                    SourcePort = _sourcePort,
                    DestinationPort = (ushort)(_options.Port == 0 ? UsualTcpPort : _options.Port),
                    Sequence = mark,
                    Flags = TcpFlags.Syn,
                };
        }
    }

    private RouteHop Describe(int hop, List<ExchangeResult> results)
    {
        results.Sort(static (a, b) => a.Number.CompareTo(b.Number));
        ExchangeResult? telling = results.Find(static r => r.Answered && IcmpVerdicts.Of(r.Reply) != IcmpVerdict.TimeExceeded)
            ?? results.Find(static r => r.Answered);
        IcmpVerdict verdict = IcmpVerdicts.Of(telling?.Reply);
        return new RouteHop
        {
            Target = Target,
            Hop = hop,
            Addresses = [.. results.Where(static r => r.ReceivedFrom is not null).Select(static r => r.ReceivedFrom!.Value).Distinct()],
            RoundTripTimes = [.. results.Select(static r => r.RoundTripTime)],
            IsLast = hop == _last,
            Reached = telling is not null && (verdict == IcmpVerdict.None || telling.ReceivedFrom == Target),
            Reason = telling is null ? "no answer" : verdict == IcmpVerdict.None ? DescribeAnswer(telling.Reply!) : IcmpVerdicts.Describe(verdict),
            Extensions = [.. results.SelectMany(static r => ExtensionsOf(r.Reply)).Distinct()],
            Exchanges = results,
        };
    }

    private static IEnumerable<IcmpExtensionObject> ExtensionsOf(Packet? reply) => reply?.IP?.Version == 6
        ? reply.Icmpv6?.Extensions ?? Enumerable.Empty<IcmpExtensionObject>()
        : reply?.Icmp?.Extensions ?? Enumerable.Empty<IcmpExtensionObject>();

    private static string DescribeAnswer(Packet reply) => reply.Tcp is not { } segment
        ? reply.Udp is null ? "echo reply" : "answer"
        : (segment.Flags & TcpFlags.Rst) != 0 ? "reset" : "syn-ack";
}
