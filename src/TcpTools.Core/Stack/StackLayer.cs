using System;
using TcpTools.Buffers;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>Where in a stack a layer stands.</summary>
public enum LayerPlace
{
    /// <summary>Between the link and IP: all frames, as the link has them, ICMP, fragments and Ethernet headers included.</summary>
    BelowIP,

    /// <summary>Between IP and TCP: whole TCP datagrams, with an IPv4 header in front.</summary>
    AboveIP,
}

/// <summary>Changes bytes in their place.</summary>
public delegate void PayloadChange(Span<byte> payload);

/// <summary>
/// A layer of one's own in a stack: it gets every packet on its way up and on its way down, and passes it on, changed or not, later, several
/// times, in the other direction, or not at all. It is passive like all of the stack: called under the stack's lock, told the time,
/// and asked for its next deadline; it starts no thread and waits for nothing.
/// </summary>
/// <remarks>
/// <para>A packet belongs to the layer from <see cref="Receive"/> or <see cref="Send"/> until it is given to <see cref="PassUp"/>,
/// <see cref="PassDown"/> or <see cref="Drop"/>. With layers in a stack, packets are as on the wire: no larger than the MTU, and with
/// complete checksums; who changes them sees to the checksums (<see cref="UpdateChecksums"/>, <see cref="ChangePayload"/>).</para>
/// <para>A layer that throws is counted (<see cref="TcpStack.PartErrors"/>), and the packet, if it has not gone on yet, passes it unchanged.</para>
/// </remarks>
public abstract class StackLayer
{
    private LayerChain? _chain;
    private PacketBuffer? _current; // what is being handled and has not gone on
    private bool _isElsewhere; // an exception comes from another layer or from the stack

    /// <summary>A layer between the link and IP that belongs to no stack yet, named as its type.</summary>
    protected StackLayer()
        : this(null)
    {
    }

    /// <summary>A layer that belongs to no stack yet.</summary>
    /// <param name="name">A name for people; null for that of the type.</param>
    /// <param name="place">Where it stands.</param>
    protected StackLayer(string? name, LayerPlace place = LayerPlace.BelowIP)
    {
        Name = name ?? GetType().Name;
        Place = place;
    }

    /// <summary>The layer's name.</summary>
    public string Name { get; }

    /// <summary>Where it stands.</summary>
    public LayerPlace Place { get; }

    /// <summary>The stack that it works in; null for none.</summary>
    public TcpStack? Stack { get; private set; }

    /// <summary>Packets that came from below.</summary>
    public long Received { get; private set; }

    /// <summary>Packets that came from above.</summary>
    public long Sent { get; private set; }

    /// <summary>Packets that it passed up.</summary>
    public long PassedUp { get; private set; }

    /// <summary>Packets that it passed down.</summary>
    public long PassedDown { get; private set; }

    /// <summary>Packets that it dropped.</summary>
    public long Dropped { get; private set; }

    /// <summary>How often it has thrown.</summary>
    public long Errors { get; private set; }

    /// <summary>When <see cref="OnTimer"/> is to be called; <see cref="Instant.Never"/> for not at all.</summary>
    protected internal virtual Instant NextDeadline => Instant.Never;

    internal int Index { get; private set; }

    /// <summary>Gives a packet up that comes from nowhere. Any thread may call.</summary>
    /// <exception cref="StackException">The layer works in no stack, or that was stopped.</exception>
    public void InjectUp(ReadOnlySpan<byte> packet)
    {
        TcpStack stack = RequireStack();
        using TcpStack.Entry entry = stack.EnterRunning();
        PassUp(Copy(packet), entry.Now);
    }

    /// <summary>Gives a packet down that comes from nowhere. Any thread may call.</summary>
    /// <exception cref="StackException">The layer works in no stack, or that was stopped.</exception>
    public void InjectDown(ReadOnlySpan<byte> packet)
    {
        TcpStack stack = RequireStack();
        using TcpStack.Entry entry = stack.EnterRunning();
        PassDown(Copy(packet), entry.Now);
    }

    /// <summary>Name, place and what has passed, in a line.</summary>
    public override string ToString() => $"{Name} ({Place}): {Received} up, {Sent} down";

    internal void Attach(TcpStack stack, LayerChain chain, int index)
    {
        (Stack, _chain, Index) = (stack, chain, index);
        OnAttached();
    }

    internal void Detach()
    {
        OnDetached();
        (Stack, _chain) = (null, null);
    }

    internal void TakeUp(PacketBuffer packet, Instant now)
    {
        Received++;
        Take(packet, isUp: true, now);
    }

    internal void TakeDown(PacketBuffer packet, Instant now)
    {
        Sent++;
        Take(packet, isUp: false, now);
    }

    internal void Fire(Instant now)
    {
        bool wasElsewhere = _isElsewhere;
        _isElsewhere = false;
        try
        {
            OnTimer(now);
        }
#pragma warning disable CA1031 // Whatever it is, it is the layer's fault, and the stack goes on.
        catch (Exception e) when (!_isElsewhere)
#pragma warning restore CA1031
        {
            Fail(e);
        }
        finally
        {
            _isElsewhere = wasElsewhere;
        }
    }

    /// <summary>Computes the checksums of an IPv4 packet and of the TCP, UDP or ICMP in it.</summary>
    protected static void UpdateChecksums(PacketBuffer packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        HookChecksums.Update(packet.Span);
    }

    /// <summary>
    /// Changes the data that an IPv4 packet carries by TCP, and moves the checksum along, so that a packet that was damaged on its way is still
    /// seen to be damaged. The length stays. Other packets stay as they are.
    /// </summary>
    /// <returns>Whether there was such data.</returns>
    protected static bool ChangePayload(PacketBuffer packet, PayloadChange change)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(change);
        IPv4View ip = new(packet.Span);
        if (!ip.IsValid || ip.Protocol != IPProtocol.Tcp || ip.IsFragment)
        {
            return false;
        }

        Span<byte> segment = packet.Span[ip.HeaderLength..Math.Min(packet.Length, ip.TotalLength)];
        TcpView tcp = new(segment);
        if (!tcp.IsValid || tcp.Payload.IsEmpty)
        {
            return false;
        }

        Span<byte> payload = segment[^tcp.Payload.Length..];
        // RFC 1624, 3: HC' = ~(~HC + ~m + m').
        ulong sum = (ushort)~tcp.Checksum + (ulong)(ushort)~InternetChecksum.Fold(InternetChecksum.Add(0, payload));
        change(payload);
        sum += InternetChecksum.Fold(InternetChecksum.Add(0, payload));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(segment[TcpView.ChecksumOffset..], SumOf(sum));
        return true;
    }

    /// <summary>A packet has come from below, and belongs to the layer now.</summary>
    protected internal virtual void Receive(PacketBuffer packet, Instant now) => PassUp(packet, now);

    /// <summary>A packet has come from above, and belongs to the layer now.</summary>
    protected internal virtual void Send(PacketBuffer packet, Instant now) => PassDown(packet, now);

    /// <summary>The deadline has come.</summary>
    protected internal virtual void OnTimer(Instant now)
    {
    }

    /// <summary>The layer begins to work in <see cref="Stack"/>.</summary>
    protected virtual void OnAttached()
    {
    }

    /// <summary>The stack has stopped: what the layer still holds must be dropped.</summary>
    protected virtual void OnDetached()
    {
    }

    /// <summary>Gives a packet to the layer above, and in the end to IP or TCP.</summary>
    protected void PassUp(PacketBuffer packet, Instant now)
    {
        PassedUp++;
        Pass(packet, isUp: true, now);
    }

    /// <summary>Gives a packet to the layer below, and in the end to IP or the link.</summary>
    protected void PassDown(PacketBuffer packet, Instant now)
    {
        PassedDown++;
        Pass(packet, isUp: false, now);
    }

    /// <summary>Ends a packet's way.</summary>
    protected void Drop(PacketBuffer packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        Dropped++;
        Forget(packet);
        packet.Release();
    }

    /// <summary>Gives a packet's memory back where what it holds goes on by other means; it does not count as dropped.</summary>
    protected void Release(PacketBuffer packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        Forget(packet);
        packet.Release();
    }

    /// <summary>Counts a packet that was released and in the end goes nowhere.</summary>
    protected void CountDropped() => Dropped++;

    /// <summary>A packet with these bytes, which belongs to the layer.</summary>
    protected PacketBuffer Copy(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes.Length > PacketBufferPool.LargeFrame)
        {
            throw new StackException(
                StackError.InvalidArgument, $"A packet has 1 to {PacketBufferPool.LargeFrame} bytes; this one has {bytes.Length}.");
        }

        PacketBuffer packet = RequireStack().Options.Buffers.Rent(bytes.Length);
        bytes.CopyTo(packet.Append(bytes.Length));
        return packet;
    }

    /// <summary>Counts and keeps a failure of the layer, wherever it happened.</summary>
    protected void Fail(Exception error)
    {
        Errors++;
        _chain?.Errors.Add(Tcp.PartKind.Layer, Name, error);
    }

    private static ushort SumOf(ulong words)
    {
        while (words > ushort.MaxValue)
        {
            words = (words & ushort.MaxValue) + (words >> 16);
        }

        return (ushort)~words;
    }

    private void Take(PacketBuffer packet, bool isUp, Instant now)
    {
        PacketBuffer? outer = _current;
        bool wasElsewhere = _isElsewhere;
        _current = packet;
        _isElsewhere = false;
        try
        {
            if (isUp)
            {
                Receive(packet, now);
            }
            else
            {
                Send(packet, now);
            }
        }
#pragma warning disable CA1031 // Whatever it is, it is the layer's fault, and the packet goes on without it.
        catch (Exception e) when (!_isElsewhere)
#pragma warning restore CA1031
        {
            Fail(e);
            if (ReferenceEquals(_current, packet))
            {
                Pass(packet, isUp, now);
            }
        }
        finally
        {
            _current = outer;
            _isElsewhere = wasElsewhere;
        }
    }

    private void Pass(PacketBuffer packet, bool isUp, Instant now)
    {
        ArgumentNullException.ThrowIfNull(packet);
        LayerChain chain = _chain ?? throw NotAttached();
        Forget(packet);
        _isElsewhere = true;
        chain.Pass(this, packet, isUp, now);
        _isElsewhere = false;
    }

    private void Forget(PacketBuffer packet)
    {
        if (ReferenceEquals(_current, packet))
        {
            _current = null;
        }
    }

    private TcpStack RequireStack() => Stack ?? throw NotAttached();

    private StackException NotAttached() => new(
        StackError.StackStopped, $"The layer '{Name}' works in no stack.", "Start a stack with it: Start-TcpStack -Layer, or TcpStackOptions.Layers.");
}
