using System;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// One packet at one stage, or one thing that happens there, as hooks see it: views over its bytes, and editors that change
/// them. It lives as long as the call that brings it. Checksums of a changed packet are computed anew unless
/// <see cref="KeepChecksums"/> is set.
/// </summary>
public ref struct HookCall
{
    private readonly HookOrigin _origin;
    private PacketBuffer? _packet;
    private bool _isParsed;
    private bool _hasFlow;
    private bool _isSessionKnown;
    private int _network;
    private int _transport;
    private int _end;
    private byte _protocol;
    private FlowKey _flow;
    private TcpSession? _session;

    internal HookCall(TcpStack stack, HookStage stage, PacketBuffer? packet, in HookOrigin origin, Instant now)
    {
        Stack = stack;
        Stage = stage;
        Now = now;
        _packet = packet;
        _origin = origin;
        _session = origin.Session;
        _isSessionKnown = _session is not null;
        if (!HasPacket && origin.Session is not null)
        {
            _flow = origin.Session.Key;
            _hasFlow = true;
            _isParsed = true;
        }
    }

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>Where the packet is.</summary>
    public HookStage Stage { get; }

    /// <summary>The time on the stack's clock.</summary>
    public Instant Now { get; }

    /// <summary>Whether checksums stay as they are although the packet was changed: for wrong ones.</summary>
    public bool KeepChecksums { get; set; }

    /// <summary>Whether there is a packet, which is not so where a state changes or a timer runs out.</summary>
    public readonly bool HasPacket => Stage is not (HookStage.StateChange or HookStage.Timer or HookStage.Connected or HookStage.Data);

    /// <summary>Which way the packet goes; null where there is none.</summary>
    public readonly SegmentDirection? Direction => Stage switch
    {
        HookStage.LinkIn or HookStage.IPIn or HookStage.TcpIn => SegmentDirection.In,
        HookStage.LinkOut or HookStage.IPOut or HookStage.TcpOut or HookStage.Syn or HookStage.SynAck => SegmentDirection.Out,
        _ => null,
    };

    /// <summary>The bytes: of the frame at the link, of the IP packet elsewhere; where data is read, the data.</summary>
    public readonly ReadOnlySpan<byte> Bytes => _packet is null ? default : _packet.Span;

    /// <summary>What IP carries; 0 where that is not known.</summary>
    public byte Protocol
    {
        get
        {
            Parse();
            return _protocol;
        }
    }

    /// <summary>The IP header and what follows; of no bytes where there is none.</summary>
    public IPv4View IP
    {
        get
        {
            Parse();
            return new IPv4View(HasPacket ? Bytes[_network..] : default);
        }
    }

    /// <summary>Whether the packet holds a TCP header.</summary>
    public bool IsTcp
    {
        get
        {
            Parse();
            return _transport > 0 && _protocol == IPProtocol.Tcp && _end - _transport >= TcpView.MinimumHeaderLength;
        }
    }

    /// <summary>The TCP segment; of no bytes where there is none.</summary>
    public TcpView Tcp => new(IsTcp ? Bytes[_transport.._end] : default);

    /// <summary>The data of the TCP segment, or that has become readable.</summary>
    public ReadOnlySpan<byte> Payload => Stage == HookStage.Data ? Bytes : Tcp.Payload;

    /// <summary>Whether the packet has addresses. It may be without ports, which are 0 then.</summary>
    public bool HasFlow
    {
        get
        {
            Parse();
            return _hasFlow;
        }
    }

    /// <summary>Addresses and ports, seen from this side.</summary>
    public FlowKey Flow
    {
        get
        {
            Parse();
            return _flow;
        }
    }

    /// <summary>The session that it concerns; null for none.</summary>
    public TcpSession? Session
    {
        get
        {
            if (!_isSessionKnown)
            {
                _session = IsTcp ? Stack.FindSession(Flow) : null;
                _isSessionKnown = true;
            }

            return _session;
        }
    }

    /// <summary>The session's state; CLOSED where there is none.</summary>
    public TcpState State => Session?.State ?? TcpState.Closed;

    /// <summary>Where a state changes, the one before.</summary>
    public readonly TcpState PreviousState => _origin.PreviousState;

    /// <summary>Which timer is about to run out; null elsewhere.</summary>
    public readonly TcpTimer? Timer => _origin.Timer;

    /// <summary>Whether the packet was changed by the hook that is called.</summary>
    internal bool IsChanged { get; set; }

    /// <summary>Whether the hook that is called has answered instead.</summary>
    internal bool IsAnswered { get; set; }

    internal readonly PacketBuffer? Packet => _packet;

    internal readonly HookOrigin Origin => _origin;

    internal int NetworkOffset
    {
        get
        {
            Parse();
            return _network;
        }
    }

    /// <summary>All bytes, to be changed.</summary>
    public Span<byte> Edit()
    {
        IsChanged |= HasPacket;
        _isParsed = !HasPacket;
        return HasPacket && _packet is not null ? _packet.Span : default;
    }

    /// <summary>The IP header, to be changed.</summary>
    public IPv4Editor EditIP()
    {
        Parse();
        int network = _network;
        return new IPv4Editor(HasPacket ? Edit()[network..] : default);
    }

    /// <summary>The TCP segment, to be changed; of no bytes where there is none.</summary>
    public TcpEditor EditTcp()
    {
        if (!IsTcp)
        {
            return default;
        }

        (int start, int end) = (_transport, _end);
        return new TcpEditor(Edit()[start..end]);
    }

    /// <summary>The data of the TCP segment, to be changed; of no bytes where there is none.</summary>
    public Span<byte> EditPayload()
    {
        int length = Stage == HookStage.Data ? 0 : Payload.Length;
        int end = _end;
        return length == 0 ? default : Edit()[(end - length)..end];
    }

    /// <summary>Puts other bytes in the packet's place, of any length up to the largest frame's; longer ones are cut.</summary>
    public void Replace(ReadOnlySpan<byte> bytes)
    {
        if (!HasPacket || _packet is null)
        {
            return;
        }

        bytes = bytes[..Math.Min(bytes.Length, PacketBufferPool.LargeFrame)];
        PacketBuffer other = Stack.Options.Buffers.Rent(bytes.Length);
        bytes.CopyTo(other.Append(bytes.Length));
        other.Timestamp = _packet.Timestamp;
        _packet.Release();
        _packet = other;
        IsChanged = true;
        _isParsed = false;
    }

    /// <summary>
    /// Answers in the other's place: the bytes go back where the packet came from, past all hooks but those where frames go
    /// out, and the packet itself goes nowhere. May be called several times.
    /// </summary>
    /// <param name="bytes">Of an IP packet; at the stages of the link, of a frame. They go as they are, checksums too.</param>
    public void Answer(ReadOnlySpan<byte> bytes)
    {
        if (HasPacket && !bytes.IsEmpty)
        {
            Stack.AnswerFromHook(Stage, bytes, Now);
            IsAnswered = true;
        }
    }

    private void Parse()
    {
        if (_isParsed || !HasPacket)
        {
            return;
        }

        _isParsed = true;
        _transport = 0;
        _protocol = 0;
        _hasFlow = false;
        ReadOnlySpan<byte> bytes = Bytes;
        _network = Stage is HookStage.LinkIn or HookStage.LinkOut ? GsoSegmenter.NetworkOffset(bytes, Stack.Link.Capabilities.Medium) : 0;
        IPv4View ip = new(bytes[_network..]);
        if (!ip.HasValidHeader)
        {
            return;
        }

        _protocol = ip.Protocol;
        _end = _network + Math.Clamp(ip.TotalLength, ip.HeaderLength, bytes.Length - _network);
        int transport = _network + ip.HeaderLength;
        bool hasPorts = ip.FragmentOffset == 0 && _protocol is IPProtocol.Tcp or IPProtocol.Udp && transport + 4 <= _end;
        _transport = ip.FragmentOffset == 0 ? transport : 0;
        TcpView ports = new(hasPorts ? bytes[transport..] : default);
        FlowKey flow = new(ip.Source, ports.SourcePort, ip.Destination, ports.DestinationPort);
        _flow = Direction == SegmentDirection.In ? flow.Reverse() : flow;
        _hasFlow = true;
    }
}

/// <summary>What the stack knows of a packet beside its bytes, kept with it while it is held.</summary>
internal readonly record struct HookOrigin
{
    /// <summary>The connection that sends it, or to which something happens; null where it is still to be found.</summary>
    public StackSession? Session { get; init; }

    /// <summary>The session's number for traces; 0 for none.</summary>
    public long SessionId { get; init; }

    /// <summary>The connection's state as it sent the segment.</summary>
    public TcpState State { get; init; }

    /// <summary>Addresses and ports, of an outgoing segment.</summary>
    public FlowKey Key { get; init; }

    /// <summary>The neighbour that is to get it.</summary>
    public NetworkAddress NextHop { get; init; }

    /// <summary>The state before, where it changes.</summary>
    public TcpState PreviousState { get; init; }

    /// <summary>The timer that is about to run out.</summary>
    public TcpTimer? Timer { get; init; }
}
