using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>
/// Counts what a capture holds, frame by frame as it passes: protocols, conversations, TCP's troubles and round trips, a
/// time series. Memory is bounded by the options, whatever passes. For one thread at a time.
/// </summary>
public sealed partial class CaptureStatistics
{
    private readonly CaptureStatisticsOptions _options;
    private readonly Dictionary<ConversationKey, Conversation>[] _current = [[], [], [], []];
    private readonly List<Conversation>[] _all = [[], [], [], []];
    private readonly long[] _others = new long[4];
    private readonly List<(long Packets, long Bytes, long Problems)> _series = [];
    private readonly List<CaptureInterface> _interfaces = [];
    private readonly List<CaptureInterfaceStatistics> _interfaceStatistics = [];
    private readonly List<string> _comments = [];
    private CaptureTime _first;
    private CaptureTime _last;

    /// <summary>Statistics of nothing yet.</summary>
    public CaptureStatistics(CaptureStatisticsOptions? options = null) => _options = options ?? new CaptureStatisticsOptions();

    /// <summary>Packets.</summary>
    public long Packets { get; private set; }

    /// <summary>Bytes as on the wire.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes as captured.</summary>
    public long CapturedBytes { get; private set; }

    /// <summary>Packets that the capture cut.</summary>
    public long CutPackets { get; private set; }

    /// <summary>Packets whose time is before that of the one in front.</summary>
    public long TimeSteps { get; private set; }

    /// <summary>The earliest time.</summary>
    public DateTimeOffset? Start => Packets == 0 ? null : _first.ToDateTimeOffset();

    /// <summary>The latest time.</summary>
    public DateTimeOffset? End => Packets == 0 ? null : _last.ToDateTimeOffset();

    /// <summary>From the earliest time to the latest.</summary>
    public TimeSpan Duration => new((_last.Nanoseconds - _first.Nanoseconds) / TimeSpan.NanosecondsPerTick);

    /// <summary>Packets per second; null when no time passed.</summary>
    public double? PacketsPerSecond => Duration > TimeSpan.Zero ? Packets / Duration.TotalSeconds : null;

    /// <summary>Bits per second; null when no time passed.</summary>
    public double? BitsPerSecond => Duration > TimeSpan.Zero ? Bytes * 8 / Duration.TotalSeconds : null;

    /// <summary>The conversations by Ethernet addresses.</summary>
    public IReadOnlyList<Conversation> EthernetConversations => GetConversations(ConversationKind.Ethernet);

    /// <summary>The conversations by IP addresses.</summary>
    public IReadOnlyList<Conversation> IPConversations => GetConversations(ConversationKind.IP);

    /// <summary>The TCP connections.</summary>
    public IReadOnlyList<TcpConversation> TcpConversations => [.. GetConversations(ConversationKind.Tcp).Cast<TcpConversation>()];

    /// <summary>The conversations by addresses and UDP ports.</summary>
    public IReadOnlyList<Conversation> UdpConversations => GetConversations(ConversationKind.Udp);

    /// <summary>The interfaces of the captures read, at most 1000.</summary>
    public IReadOnlyList<CaptureInterface> Interfaces => _interfaces;

    /// <summary>What the captures read say that their interfaces counted, drops among it.</summary>
    public IReadOnlyList<CaptureInterfaceStatistics> InterfaceStatistics => _interfaceStatistics;

    /// <summary>The remarks about the captures read.</summary>
    public IReadOnlyList<string> Comments => _comments;

    /// <summary>The protocols, each behind the one around it.</summary>
    public IReadOnlyList<ProtocolCount> Protocols => _protocols.List(Packets);

    /// <summary>The time series; empty when none was asked for.</summary>
    public IReadOnlyList<CaptureInterval> Intervals =>
    [
        .. _series.Select((entry, i) => new CaptureInterval(
            _first.ToDateTimeOffset() + (_options.Interval * i), _options.Interval, entry.Packets, entry.Bytes,
            entry.Bytes * 8 / _options.Interval.TotalSeconds, entry.Problems)),
    ];

    /// <summary>The conversations of a kind, in the order of their first packets.</summary>
    public IReadOnlyList<Conversation> GetConversations(ConversationKind kind) => _all[(int)kind];

    /// <summary>Packets of conversations beyond the limit of a kind.</summary>
    public long GetOtherPackets(ConversationKind kind) => _others[(int)kind];

    /// <summary>What each address, or address and port, sent and received, the busiest first.</summary>
    public IReadOnlyList<CaptureEndpoint> GetEndpoints(ConversationKind kind)
    {
        Dictionary<(string, ushort?), CaptureEndpoint> endpoints = [];
        foreach (Conversation conversation in _all[(int)kind])
        {
            Add(conversation.AddressA, conversation.PortA, conversation.PacketsAToB, conversation.BytesAToB, conversation.PacketsBToA, conversation.BytesBToA);
            Add(conversation.AddressB, conversation.PortB, conversation.PacketsBToA, conversation.BytesBToA, conversation.PacketsAToB, conversation.BytesAToB);
        }

        return [.. endpoints.Values.OrderByDescending(endpoint => endpoint.SentBytes + endpoint.ReceivedBytes)];

        void Add(string address, ushort? port, long sentPackets, long sentBytes, long receivedPackets, long receivedBytes)
        {
            CaptureEndpoint known = endpoints.GetValueOrDefault((address, port)) ?? new CaptureEndpoint(kind, address, port, 0, 0, 0, 0);
            endpoints[(address, port)] = known with
            {
                SentPackets = known.SentPackets + sentPackets,
                SentBytes = known.SentBytes + sentBytes,
                ReceivedPackets = known.ReceivedPackets + receivedPackets,
                ReceivedBytes = known.ReceivedBytes + receivedBytes,
            };
        }
    }

    /// <summary>Counts a frame.</summary>
    public void Add(in CapturedFrame frame) =>
        Add(frame.Bytes, (int)frame.Interface.LinkType, frame.Timestamp, Math.Max(frame.WireLength, frame.Bytes.Length));

    /// <summary>Counts a packet.</summary>
    public void Add(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        CaptureTime time = new(packet.TimestampNanoseconds ?? _last.Nanoseconds);
        Add(packet.AsMemory().Span, (int)packet.GetLinkType(), time, packet.WireLength);
    }

    /// <summary>Keeps what a capture that has been read says beside its frames.</summary>
    public void AddNotes(PcapReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        const int Limit = 1000;
        _interfaces.AddRange(reader.Interfaces.Take(Limit - _interfaces.Count));
        _interfaceStatistics.AddRange(reader.Statistics.Take(Limit - _interfaceStatistics.Count));
        if (reader.Comment is { } comment && _comments.Count < Limit)
        {
            _comments.Add(comment);
        }
    }

    private void Add(ReadOnlySpan<byte> frame, int linkType, CaptureTime time, int wireLength)
    {
        if (Packets == 0)
        {
            _first = _last = time;
        }

        TimeSteps += time < _last ? 1 : 0;
        _first = time < _first ? time : _first;
        _last = time > _last ? time : _last;
        Packets++;
        Bytes += wireLength;
        CapturedBytes += frame.Length;
        CutPackets += frame.Length < wireLength ? 1 : 0;
        long problems = Walk(frame, linkType, time, wireLength);
        if (_options.Interval > TimeSpan.Zero)
        {
            CountInterval(time, wireLength, problems);
        }
    }

    private void CountInterval(CaptureTime time, int wireLength, long problems)
    {
        long at = (time.Nanoseconds - _first.Nanoseconds) / (_options.Interval.Ticks * TimeSpan.NanosecondsPerTick);
        int index = (int)Math.Clamp(at, 0, _options.MaximumIntervals - 1);
        while (_series.Count <= index)
        {
            _series.Add(default);
        }

        (long packets, long bytes, long before) = _series[index];
        _series[index] = (packets + 1, bytes + wireLength, before + problems);
    }

    /// <summary>The conversation of a frame; null beyond the limit.</summary>
    private Conversation? Find(ConversationKind kind, in ConversationKey key, CaptureTime time, out bool fromA)
    {
        Dictionary<ConversationKey, Conversation> table = _current[(int)kind];
        fromA = true;
        if (table.TryGetValue(key, out Conversation? known))
        {
            return known;
        }

        if (table.TryGetValue(key.Reverse(), out known))
        {
            fromA = false;
            return known;
        }

        return Begin(kind, key, time);
    }

    private Conversation? Begin(ConversationKind kind, in ConversationKey key, CaptureTime time)
    {
        if (_all[(int)kind].Count >= _options.MaximumConversations)
        {
            return null;
        }

        Conversation made = Conversation.Of(kind, key, time);
        _all[(int)kind].Add(made);
        _current[(int)kind][key] = made;
        return made;
    }
}
