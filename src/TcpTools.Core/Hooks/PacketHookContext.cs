using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Hooks;

/// <summary>
/// A packet at a stage, or something that happens there, as an object that an action looks at and changes: what the action
/// leaves in <see cref="Packet"/> goes on, unless it has decided otherwise. Checksums and lengths that are not set are
/// computed. For one thread at a time.
/// </summary>
public sealed class PacketHookContext
{
    private readonly byte[] _bytes;
    private readonly PacketStart _start;
    private readonly List<Packet> _answers = [];
    private Packet? _packet;

    /// <summary>A packet that was taken out of the flow.</summary>
    public PacketHookContext(HeldPacket held)
    {
        ArgumentNullException.ThrowIfNull(held);
        _bytes = held.Bytes;
        _start = held.Medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP;
        HasPacket = held.HasPacket;
        Stack = held.Stack;
        Hook = held.Hook;
        Stage = held.Stage;
        Direction = held.Direction;
        Time = held.Time;
        Session = held.Session;
        State = held.State;
        PreviousState = held.PreviousState;
        Timer = held.Timer;
        Flow = held.Flow;
    }

    internal PacketHookContext(scoped ref HookCall call)
    {
        _bytes = call.Bytes.ToArray();
        bool isFrame = call.Stage is HookStage.LinkIn or HookStage.LinkOut;
        _start = isFrame && call.Stack.Link.Capabilities.Medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP;
        HasPacket = call.HasPacket;
        Stack = call.Stack;
        Stage = call.Stage;
        Direction = call.Direction;
        Time = call.Now;
        Session = call.Session;
        State = call.State;
        PreviousState = call.PreviousState;
        Timer = call.Timer;
        Flow = call.Flow;
    }

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>The hook; null where the action is called at once.</summary>
    public PacketHook? Hook { get; }

    /// <summary>Where the packet is.</summary>
    public HookStage Stage { get; }

    /// <summary>Which way it goes; null for what is no packet.</summary>
    public SegmentDirection? Direction { get; }

    /// <summary>When it came there, on the stack's clock.</summary>
    public Instant Time { get; }

    /// <summary>The session that it concerns; null for none.</summary>
    public TcpSession? Session { get; }

    /// <summary>The session's state as the packet came; CLOSED where there is no session.</summary>
    public TcpState State { get; }

    /// <summary>Where a state changes, the one before.</summary>
    public TcpState PreviousState { get; }

    /// <summary>Which timer is about to run out; null elsewhere.</summary>
    public TcpTimer? Timer { get; }

    /// <summary>Addresses and ports, seen from this side.</summary>
    public FlowKey Flow { get; }

    /// <summary>Whether there is a packet, which is not so where a state changes, a timer runs out or data is read.</summary>
    public bool HasPacket { get; }

    /// <summary>
    /// The packet, to be changed or replaced: of the frame at the link, of the IP packet elsewhere. Null where there is none.
    /// </summary>
    public Packet? Packet
    {
        get => _packet ??= HasPacket ? Packet.Parse(_bytes, _start) : null;
        set => _packet = HasPacket && value is not null
            ? value
            : throw new StackException(StackError.InvalidArgument, "There must be a packet. To let it vanish, call Drop().");
    }

    /// <summary>The packet's TCP header; null without.</summary>
    public TcpLayer? Tcp => Packet?.Tcp;

    /// <summary>The packet's outermost IP header; null without.</summary>
    public IPLayer? IP => Packet?.IP;

    /// <summary>The packet's Ethernet header; null without.</summary>
    public EthernetLayer? Ethernet => Packet?.Ethernet;

    /// <summary>The packet's ICMP message; null without.</summary>
    public IcmpLayer? Icmp => Packet?.Icmp;

    /// <summary>The packet's UDP header; null without.</summary>
    public UdpLayer? Udp => Packet?.Udp;

    /// <summary>The packet's data; null without. Setting puts it in place of what there is, or adds it; null takes it out.</summary>
    public PayloadLayer? Payload
    {
        get => Packet?.Payload;
        set
        {
            if (Packet is not { } packet)
            {
                return;
            }

            PayloadLayer? old = packet.Payload;
            if (ReferenceEquals(old, value))
            {
                return;
            }

            int place = old is null ? packet.Layers.Count : packet.Layers.IndexOf(old);
            if (old is not null)
            {
                packet.Layers.RemoveAt(place);
            }

            if (value is not null)
            {
                packet.Layers.Insert(place, value.Copy());
            }
        }
    }

    /// <summary>Where data is read, the data; elsewhere the bytes as they came.</summary>
    public byte[] Data => [.. _bytes];

    /// <summary>Where data is read, the data as text in UTF-8; elsewhere the payload's.</summary>
    public string Text => Stage == HookStage.Data ? Encoding.UTF8.GetString(_bytes) : Payload?.Text ?? "";

    /// <summary>The sequence number of the segment. Set in this side's SYN or SYN-ACK, it becomes the connection's initial one.</summary>
    public uint InitialSequence
    {
        get => Tcp?.Sequence ?? 0;
        set
        {
            TcpLayer tcp = Tcp ?? throw new StackException(StackError.InvalidArgument, $"At {Stage} there is no segment that has a sequence number.");
            tcp.Sequence = value;
        }
    }

    /// <summary>What is to become of the packet, as decided so far.</summary>
    public HookVerdict Verdict { get; private set; }

    /// <summary>What goes back instead of the packet, so far.</summary>
    public IReadOnlyList<Packet> Answers => _answers;

    /// <summary>Lets the packet go on after all.</summary>
    public void Accept()
    {
        Verdict = HookVerdict.Accept;
        _answers.Clear();
    }

    /// <summary>Lets the packet vanish.</summary>
    public void Drop() => Verdict = HookVerdict.Drop;

    /// <summary>Keeps the packet until the hook is removed.</summary>
    public void Hold() => Verdict = HookVerdict.Hold;

    /// <summary>Keeps the packet for a while, by the stack's clock.</summary>
    public void Delay(TimeSpan span) => Verdict = HookVerdict.Delay(span);

    /// <summary>Keeps the packet for so many seconds, by the stack's clock.</summary>
    public void Delay(double seconds) => Verdict = HookVerdict.Delay(ToSpan(seconds));

    /// <summary>Lets the packet go on, and a copy after it.</summary>
    public void Duplicate() => Verdict = HookVerdict.Duplicate();

    /// <summary>Lets the packet go on, and copies after it.</summary>
    /// <param name="copies">How many copies beside the packet itself.</param>
    /// <param name="gap">Seconds between one and the next.</param>
    public void Duplicate(int copies, double gap = 0) => Verdict = HookVerdict.Duplicate(copies, ToSpan(gap));

    /// <summary>
    /// Answers in the other's place: the answer goes back where the packet came from, and the packet itself nowhere. May be
    /// called several times.
    /// </summary>
    /// <param name="answer">An IP packet; at the stages of the link, a frame.</param>
    public void Answer(Packet answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (!HasPacket)
        {
            throw new StackException(StackError.InvalidArgument, $"At {Stage} there is no packet to answer.");
        }

        _answers.Add(answer);
    }

    /// <summary>What the action has decided, for the stack.</summary>
    public HookDecision Decide() => new()
    {
        Verdict = Verdict,
        Bytes = TakeChanged(),
        Answers = [.. _answers.Select(static answer => answer.ToBytes())],
    };

    /// <summary>Stage and packet, in a line.</summary>
    public override string ToString() => HasPacket ? $"{Stage} {Packet}" : $"{Stage} {Flow} {State}";

    /// <summary>The packet's bytes where they are others than those that came; null where they are not.</summary>
    internal byte[]? TakeChanged()
    {
        byte[]? bytes = _packet?.ToBytes();
        return bytes is null || bytes.AsSpan().SequenceEqual(_bytes) ? null : bytes;
    }

    private static TimeSpan ToSpan(double seconds) => seconds is >= 0 and < 1e9
        ? TimeSpan.FromSeconds(seconds)
        : throw new StackException(StackError.InvalidArgument, $"A packet cannot be delayed by {seconds} seconds.");
}
