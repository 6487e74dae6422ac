using System;
using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <content>What goes out, and who may hold it up.</content>
public sealed partial class PacketAutomaton
{
    private readonly Queue<Packet> _intercepted = new();
    private StateSet? _interceptIn;

    /// <summary>States whose packets are intercepted before they are sent, by name.</summary>
    public StateSet InterceptIn => _interceptIn ??= new StateSet(Definition);

    /// <summary>
    /// Judges intercepted packets; the event's value is the packet. Null: the automaton stands still, and whoever moves it judges by <see cref="Judge"/>.
    /// </summary>
    public Func<AutomatonEvent, AutomatonVerdict>? Interceptor { get; set; }

    /// <summary>The packet that waits for a verdict; null when none does.</summary>
    public Packet? Intercepted
    {
        get
        {
            lock (_gate)
            {
                return _intercepted.TryPeek(out Packet? packet) ? packet : null;
            }
        }
    }

    /// <summary>Sends a packet, unless it is intercepted.</summary>
    /// <exception cref="StackException">It cannot be sent, or the automaton is nowhere.</exception>
    public void Send(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (_interceptIn is not { } states || !states.Contains(State))
        {
            SendNow(packet);
            return;
        }

        if (Interceptor is { } judge)
        {
            Carry(packet, judge(new AutomatonEvent(this, AutomatonTrigger.Packet, _now, packet)));
            return;
        }

        Tell($"intercepted: {packet}", 3);
        lock (_gate)
        {
            // What the automaton does with its packet afterwards must not change the one that is judged.
            _intercepted.Enqueue(packet.Copy());
        }
    }

    /// <summary>Judges the packet that waits for a verdict.</summary>
    /// <returns>What was done: what was sent, and the next packet that waits.</returns>
    /// <exception cref="StackException">No packet waits, or it cannot be sent.</exception>
    public AutomatonStep Judge(AutomatonVerdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        Packet? packet;
        lock (_gate)
        {
            if (!_intercepted.TryDequeue(out packet))
            {
                throw new StackException(
                    StackError.InvalidArgument, $"No packet of {Name} waits for a verdict.", "Name states to intercept in, and go on until it sends something there.");
            }
        }

        _step = new AutomatonStep { Time = Now, From = State, To = _target ?? State, Cause = $"{verdict}: {packet}", NextDeadline = NextDeadline };
        try
        {
            Carry(packet, verdict);
            (_step.Intercepted, _step.Status, _step.Pause) = (Intercepted, Status, Pause);
            return _step;
        }
        finally
        {
            _step = null;
        }
    }

    /// <summary>Sends a packet past interception and past the definition's own sender; for that sender.</summary>
    /// <exception cref="StackException">It cannot be sent, or the automaton is nowhere.</exception>
    public void Transmit(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        RequireOutlet().Send(packet);
    }

    /// <summary>Writes data to the stream.</summary>
    /// <exception cref="StackException">There is no stream, or it takes nothing any more.</exception>
    public void Write(ReadOnlyMemory<byte> data)
    {
        RequireOutlet().Write(data);
        Tell(FormattableString.Invariant($"wrote {data.Length} bytes"), 3);
    }

    private IAutomatonOutlet RequireOutlet() => Outlet ?? throw new StackException(
        StackError.InvalidArgument, $"{Name} is nowhere: there is nothing to send by.", "Start it on a stack, a link or a session.");

    private void Carry(Packet packet, AutomatonVerdict verdict)
    {
        Tell($"{verdict}: {packet}", 3);
        if (!verdict.IsAccepted)
        {
            _counters.Rejected++;
        }

        foreach (Packet sent in verdict.Apply(packet))
        {
            SendNow(sent);
        }
    }

    private void SendNow(Packet packet)
    {
        if (Definition.Sender is { } sender)
        {
            sender(new AutomatonEvent(this, AutomatonTrigger.Packet, _now, packet));
        }
        else
        {
            RequireOutlet().Send(packet);
        }

        _counters.Sent++;
        Packet copy = packet.Copy();
        copy.Direction = FrameDirection.Outgoing;
        KeepPacket(copy);
        _step?.SentList.Add(copy);
        if (DebugLevel >= 3)
        {
            Tell($"sent: {packet}", 3);
        }
    }
}
