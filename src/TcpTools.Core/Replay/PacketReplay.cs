using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Buffers;
using TcpTools.Inspection;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>
/// A record of packets as a link: a stack on it takes the place of one host in the record. It gets what that host got, in order, with
/// acknowledgments, ports and timestamps that fit what the stack has chosen; what it sends is kept and laid beside what the host sent.
/// Frames start with an IP header, whatever those of the record do; what is no IPv4 packet of the host's is left out.
/// </summary>
public sealed class PacketReplay : ILink
{
    private readonly Lock _lock = new();
    private readonly ReplayOptions _options;
    private readonly List<RecordedPacket> _record = [];
    private readonly Dictionary<(NetworkAddress, ushort, ushort), ReplayFlow> _flows = [];
    private readonly List<ReplayFlow> _order = [];
    private readonly Queue<RecordedPacket> _others = new();
    private readonly List<(Instant Time, RecordedPacket Packet)> _sentBeside = [];
    private readonly Dictionary<RecordedPacket, ReplayFlow> _flowOf = [];
    private int _nextTimed;
    private Instant? _start;
    private Action? _readable;

    /// <summary>Makes a link of a record.</summary>
    /// <param name="packets">The packets in their order, with their times where these are to be kept.</param>
    /// <param name="options">Whose place the stack takes, and when it gets what.</param>
    /// <exception cref="StackException">No packet is the host's, a packet of its was cut short, or an option is out of range.</exception>
    public PacketReplay(IEnumerable<Packet> packets, ReplayOptions options)
    {
        ArgumentNullException.ThrowIfNull(packets);
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        if (!options.Address.IsIPv4 || options.Mtu is not (0 or (>= 68 and <= 65535)))
        {
            throw new StackException(
                StackError.InvalidArgument, "A replay needs the IPv4 address of a host in the record, and an MTU of 68 to 65535 bytes or none.");
        }

        long number = 0;
        foreach (Packet packet in packets)
        {
            number++;
            Take(packet, packet.Number ?? number);
        }

        if (_record.Count == 0)
        {
            throw new StackException(
                StackError.InvalidData,
                $"The record has no packet from or to {options.Address}.",
                "Name the address of the host whose place the stack is to take.");
        }

        Capabilities = new LinkCapabilities { Mtu = options.Mtu != 0 ? options.Mtu : FindMtu() };
    }

    /// <summary>The address whose place the stack takes.</summary>
    public NetworkAddress Address => _options.Address;

    /// <summary>When packets are delivered.</summary>
    public ReplayPacing Pacing => _options.Pacing;

    /// <summary>The other hosts in the record.</summary>
    public IReadOnlyList<NetworkAddress> Peers => [.. _record.Select(Other).Distinct()];

    /// <inheritdoc/>
    public string Name => _options.Name;

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public int PollDescriptor => -1;

    /// <inheritdoc/>
    public Instant NextDeadline
    {
        get
        {
            lock (_lock)
            {
                return Pacing == ReplayPacing.Recorded && _start is not null && FindTimed() is { } next ? DueTime(next) : Instant.Never;
            }
        }
    }

    /// <inheritdoc/>
    public Action? Readable
    {
        get => _readable;
        set
        {
            _readable = value;
            value?.Invoke();
        }
    }

    /// <summary>How many packets of the record the stack has not got yet.</summary>
    public int PendingCount
    {
        get
        {
            lock (_lock)
            {
                return _record.Count(p => p.IsIncoming && p.Delivered is null);
            }
        }
    }

    /// <summary>Lays what the stack has sent up to now beside the record.</summary>
    /// <param name="ignored">Fields that may differ; by default <see cref="ReplayOptions.UsualIgnored"/>.</param>
    public ReplayResult Compare(IEnumerable<string>? ignored = null)
    {
        FieldPattern pattern = new(ignored ?? ReplayOptions.UsualIgnored);
        lock (_lock)
        {
            List<ReplayStep> steps = [.. _order.SelectMany(flow => ReplayComparison.Compare(flow, pattern))];
            List<(Instant Time, RecordedPacket Packet)> beside = [.. _sentBeside];
            foreach (RecordedPacket packet in _record.Where(p => !_flowOf.ContainsKey(p)))
            {
                if (packet.IsIncoming)
                {
                    steps.Add(ReplayComparison.Incoming(packet));
                    continue;
                }

                int at = beside.FindIndex(sent => Kind(sent.Packet) == Kind(packet));
                steps.Add(at < 0
                    ? new ReplayStep(ReplayStepKind.Missing, packet.Number, null, packet.ToPacket(), null, [])
                    : ReplayComparison.Outgoing(packet, beside[at], pattern));
                if (at >= 0)
                {
                    beside.RemoveAt(at);
                }
            }

            steps.AddRange(beside.Select(sent => new ReplayStep(ReplayStepKind.Extra, null, sent.Time, null, sent.Packet.ToPacket(), [])));
            // What the record does not have stands behind it, in the order in which it was sent.
            return new ReplayResult([.. steps.OrderBy(s => s.Number ?? long.MaxValue).ThenBy(s => s.Number is null ? s.Time!.Value.Ticks : 0)]);
        }

        static (NetworkAddress, byte) Kind(RecordedPacket packet)
        {
            IPv4View ip = new(packet.Bytes);
            return (ip.Destination, ip.Protocol);
        }
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        lock (_lock)
        {
            _start ??= now;
            foreach (PacketBuffer frame in frames)
            {
                Counters.SentFrames++;
                Counters.SentBytes += frame.Length;
                Note(frame.Span.ToArray(), now);
                frame.Release();
            }
        }

        _readable?.Invoke();
        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        lock (_lock)
        {
            _start ??= now;
            int count = 0;
            while (count < frames.Length && FindDue(now) is { } packet)
            {
                packet.Delivered = now;
                PacketBuffer buffer = PacketBufferPool.Shared.Rent(packet.Bytes.Length);
                Span<byte> bytes = buffer.Append(packet.Bytes.Length);
                packet.Bytes.CopyTo(bytes);
                _flowOf.GetValueOrDefault(packet)?.Translate(packet, bytes);
                buffer.Timestamp = now;
                Counters.ReceivedFrames++;
                Counters.ReceivedBytes += buffer.Length;
                frames[count++] = buffer;
            }

            return count;
        }
    }

    /// <summary>Nothing is held that would have to be given back.</summary>
    public void Dispose() => _readable = null;

    /// <summary>What the record has of the host in words.</summary>
    public override string ToString() => $"{Name}: {_record.Count} packets of {Address}";

    private void Take(Packet packet, long number)
    {
        ReadOnlySpan<byte> frame = packet.AsMemory().Span;
        int at = LinkHeader.Measure(frame, packet.LinkType ?? packet.Start.ToLinkType());
        IPv4View ip = new(at < 0 ? default : frame[Math.Min(at, frame.Length)..]);
        bool isOut = ip.Source == Address;
        if (ip.Version != 4 || isOut == (ip.Destination == Address))
        {
            return;
        }

        if (ip.TotalLength > frame.Length - at)
        {
            throw new StackException(
                StackError.InvalidData, $"Packet {number} of the record was cut short.", "Record whole packets: tcpdump -s 0, Start-PacketCapture.");
        }

        RecordedPacket recorded = RecordedPacket.Create(frame[at..].ToArray(), number, packet.TimestampNanoseconds ?? 0, !isOut);
        _record.Add(recorded);
        if (FindFlow(recorded) is { } flow)
        {
            flow.Recorded.Add(recorded);
            _flowOf.Add(recorded, flow);
        }
        else if (recorded.IsIncoming)
        {
            _others.Enqueue(recorded);
        }
    }

    /// <summary>The connection that a packet of the record belongs to, new where there is none yet; null when it belongs to none.</summary>
    private ReplayFlow? FindFlow(RecordedPacket packet)
    {
        IPv4View ip = new(packet.Bytes);
        if (packet.IsTcp)
        {
            TcpView tcp = new(ip.Payload);
            (NetworkAddress, ushort, ushort) key = packet.IsIncoming
                ? (ip.Source, tcp.SourcePort, tcp.DestinationPort)
                : (ip.Destination, tcp.DestinationPort, tcp.SourcePort);
            if (!_flows.TryGetValue(key, out ReplayFlow? flow))
            {
                flow = new ReplayFlow(key.Item1, key.Item2, key.Item3);
                _flows.Add(key, flow);
                _order.Add(flow);
            }

            return flow;
        }

        if (!packet.IsIncoming || !IcmpQuotation.TryFind(packet.Bytes, out int at))
        {
            return null;
        }

        IPv4View quoted = new(packet.Bytes.AsSpan(ip.HeaderLength + Icmpv4View.HeaderLength));
        TcpView ports = new(packet.Bytes.AsSpan(at));
        return _flows.GetValueOrDefault((quoted.Destination, ports.DestinationPort, ports.SourcePort));
    }

    private void Note(byte[] bytes, Instant now)
    {
        RecordedPacket sent = RecordedPacket.Create(bytes, 0, 0, isIncoming: false);
        IPv4View ip = new(bytes);
        TcpView tcp = new(ip.Payload);
        NetworkAddress remote = ip.Destination;
        (ushort remotePort, ushort ownPort) = (tcp.DestinationPort, tcp.SourcePort);
        ReplayFlow? flow = !sent.IsTcp ? null : _order.Find(f => f.Remote == remote && f.RemotePort == remotePort && f.StackPort == ownPort)
            ?? _order.Find(f => f.Remote == remote && f.RemotePort == remotePort && f.StackPort is null && f.LocalPort == ownPort)
            // The stack has chosen another port than the host in the record: the next connection to there is meant.
            ?? _order.Find(f => f.Remote == remote && f.RemotePort == remotePort && f.StackPort is null && f.IsOpenedHere);
        if (flow is null)
        {
            sent.Delivered = now;
            _sentBeside.Add((now, sent));
        }
        else
        {
            flow.Note(bytes, now);
        }
    }

    private RecordedPacket? FindDue(Instant now)
    {
        if (Pacing == ReplayPacing.Recorded)
        {
            return FindTimed() is { } next && DueTime(next) <= now ? next : null;
        }

        RecordedPacket? first = _others.Count > 0 ? _others.Peek() : null;
        foreach (ReplayFlow flow in _order)
        {
            if (flow.FindDue() is { } due && (first is null || due.Number < first.Number))
            {
                first = due;
            }
        }

        if (first is not null && _others.Count > 0 && ReferenceEquals(first, _others.Peek()))
        {
            _others.Dequeue();
        }

        return first;
    }

    private RecordedPacket? FindTimed()
    {
        while (_nextTimed < _record.Count && (!_record[_nextTimed].IsIncoming || _record[_nextTimed].Delivered is not null))
        {
            _nextTimed++;
        }

        return _nextTimed < _record.Count ? _record[_nextTimed] : null;
    }

    private Instant DueTime(RecordedPacket packet) =>
        _start!.Value + TimeSpan.FromTicks(Math.Max(0, packet.Nanoseconds - _record[0].Nanoseconds) / 100);

    private static NetworkAddress Other(RecordedPacket packet)
    {
        IPv4View ip = new(packet.Bytes);
        return packet.IsIncoming ? ip.Source : ip.Destination;
    }

    /// <summary>The MTU that the host's own SYNs speak of (RFC 6691), or its longest packet where that is longer.</summary>
    private int FindMtu()
    {
        const int Headers = 40;
        const int Usual = 1500;
        int found = 0;
        foreach (RecordedPacket packet in _record.Where(p => !p.IsIncoming && (p.Flags & TcpFlags.Syn) != 0))
        {
            TcpOptionReader options = new(new TcpView(new IPv4View(packet.Bytes).Payload).Options);
            while (options.MoveNext())
            {
                if (options.TryReadMaximumSegmentSize(out ushort size))
                {
                    found = Math.Max(found, size + Headers);
                }
            }
        }

        return Math.Clamp(found == 0 ? Usual : found, 68, 65535);
    }
}
