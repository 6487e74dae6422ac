using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Management.Automation;
using TcpTools.Buffers;
using TcpTools.Links;
using TcpTools.Packets;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// A layer whose work is done by scripts or by an object of a PowerShell class, in a runspace of its own: a packet is taken out, given to
/// the script when its turn comes, and what the script writes goes on. No lock is held meanwhile, so the script may use the stack.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its stack detaches it, and with that its worker ends.")]
public sealed class ScriptLayer : StackLayer
{
    private const int MostWaiting = 1000;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly ScriptText _script;
    private readonly object? _part;
    private readonly bool _receives;
    private readonly bool _sends;
    private readonly TimeSpan? _interval;
    private ScriptWorker? _worker;
    private Instant _due = Instant.Never;

    internal ScriptLayer(
        string name, LayerPlace place, ScriptBlock? receive, ScriptBlock? send, ScriptBlock? timer, TimeSpan interval, SessionState session)
        : base(name, place)
    {
        ScriptBlock nothing = ScriptBlock.Create("");
        _script = ScriptText.Join(
            "param($__what, $__packet, $__layer) if ($__what -eq 'Receive') {{ & {0} $__packet $__layer }} elseif ($__what -eq 'Send') {{ & {1} $__packet $__layer }} else {{ & {2} $__layer }}",
            ScriptText.From(receive ?? nothing, "__receive", session),
            ScriptText.From(send ?? nothing, "__send", session),
            ScriptText.From(timer ?? nothing, "__timer", session));
        _receives = receive is not null;
        _sends = send is not null;
        _interval = timer is null ? null : interval;
    }

    internal ScriptLayer(object part, SessionState session)
        : base(part.GetType().Name, PlaceOf(part))
    {
        _part = part;
        _script = ScriptText.From(
            ScriptBlock.Create("param($__what, $__packet, $__layer, $__part) $__part.$__what.Invoke(@($__packet, $__layer))"), "__part", session);
        _receives = PSObject.AsPSObject(part).Methods["Receive"] is not null;
        _sends = PSObject.AsPSObject(part).Methods["Send"] is not null;
    }

    /// <summary>What the scripts want to remember.</summary>
    public Hashtable State { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Packets that wait for the script, the one it works on included.</summary>
    public int Pending => _worker?.Pending ?? 0;

    /// <inheritdoc/>
    protected override Instant NextDeadline => _due;

    /// <summary>Passes a packet up that the script has made or changed.</summary>
    public void PassUp(object packet) => InjectUp(ToBytes(packet));

    /// <summary>Passes a packet down that the script has made or changed.</summary>
    public void PassDown(object packet) => InjectDown(ToBytes(packet));

    /// <inheritdoc/>
    protected override void Receive(PacketBuffer packet, Instant now)
    {
        if (_receives)
        {
            TakeOut(packet, isUp: true);
        }
        else
        {
            PassUp(packet, now);
        }
    }

    /// <inheritdoc/>
    protected override void Send(PacketBuffer packet, Instant now)
    {
        if (_sends)
        {
            TakeOut(packet, isUp: false);
        }
        else
        {
            PassDown(packet, now);
        }
    }

    /// <inheritdoc/>
    protected override void OnTimer(Instant now)
    {
        _due = now + _interval!.Value;
        if (Pending < MostWaiting)
        {
            _worker!.Post(this, ["Timer", null, this, _part], outcome => Report(outcome));
        }
    }

    /// <inheritdoc/>
    protected override void OnAttached()
    {
        _worker = new ScriptWorker(
            _script, new ScriptWorkerOptions { Name = $"TcpTools layer {Name}", Stack = Stack, RunLimit = s_limit, MaximumOutput = 1000 });
        _due = _interval is { } interval ? Stack!.Now + interval : Instant.Never;
    }

    /// <inheritdoc/>
    protected override void OnDetached()
    {
        _due = Instant.Never;
        _worker?.Dispose();
        _worker = null;
    }

    private static LayerPlace PlaceOf(object part) =>
        PSObject.AsPSObject(part).Properties["Place"]?.Value is { } place
            && LanguagePrimitives.TryConvertTo(place, out LayerPlace given) ? given : LayerPlace.BelowIP;

    /// <summary>
    /// A packet for a script: what is right in it, lengths and checksums, is computed anew when it is changed; what is wrong stays as it came.
    /// </summary>
    private static Packet Read(byte[] bytes, PacketStart start)
    {
        Packet packet = Packet.Parse(bytes, start);
        foreach (PacketLayer layer in packet.Layers)
        {
            switch (layer)
            {
                case IPv4Layer ip:
                    (ip.Checksum, ip.TotalLength) = (null, null);
                    break;
                case TcpLayer tcp:
                    (tcp.Checksum, tcp.DataOffset) = (null, null);
                    break;
                case UdpLayer udp:
                    (udp.Checksum, udp.Length) = (null, null);
                    break;
                case IcmpMessageLayer icmp:
                    icmp.Checksum = null;
                    break;
                default:
                    break;
            }
        }

        return packet.ToBytes().AsSpan().SequenceEqual(bytes) ? packet : Packet.Parse(bytes, start);
    }

    private PacketStart Start() =>
        Place == LayerPlace.BelowIP && Stack?.Link.Capabilities.Medium == LinkMedium.Ethernet ? PacketStart.Ethernet : PacketStart.IP;

    private byte[] ToBytes(object packet) => (PacketInput.TryRead(packet, Start()) ?? throw new StackException(
        StackError.InvalidData, $"{Lookup.Show(packet)} is not a packet.", "Write a packet, its bytes, or nothing to drop it.")).ToBytes();

    private void TakeOut(PacketBuffer packet, bool isUp)
    {
        if (_worker is not { } worker || worker.Pending >= MostWaiting)
        {
            Drop(packet);
            return;
        }

        byte[] bytes = packet.Span.ToArray();
        object item = Read(bytes, Start());
        worker.Post(item, [isUp ? "Receive" : "Send", item, this, _part], outcome => PutBack(outcome, bytes, isUp));
        Release(packet);
    }

    private void PutBack(ScriptOutcome outcome, byte[] bytes, bool isUp)
    {
        try
        {
            // Where the script fails, the packet passes it as it was.
            List<byte[]> packets = Report(outcome) ? [bytes] : [];
            if (packets.Count == 0)
            {
                try
                {
                    packets.AddRange(outcome.Output.Select(item => ToBytes(item!)));
                }
                catch (StackException e)
                {
                    Fail(e);
                    packets = [bytes];
                }
            }

            if (packets.Count == 0)
            {
                CountDropped();
            }

            foreach (byte[] packet in packets)
            {
                if (isUp)
                {
                    InjectUp(packet);
                }
                else
                {
                    InjectDown(packet);
                }
            }
        }
        catch (StackException)
        {
            // The stack has stopped meanwhile.
        }
    }

    private bool Report(ScriptOutcome outcome)
    {
        if (outcome.Errors.Count > 0)
        {
            Fail(outcome.Errors[^1].Exception);
        }
        else if (outcome.TimedOut)
        {
            Fail(new StackException(StackError.TimedOut, $"The script did not come back within {s_limit.TotalSeconds:0} s."));
        }

        return outcome.Errors.Count > 0 || outcome.TimedOut;
    }
}
