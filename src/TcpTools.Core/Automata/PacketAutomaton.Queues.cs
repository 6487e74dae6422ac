using System;
using System.Buffers;
using System.Collections.Generic;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <content>What waits to be looked at.</content>
public sealed partial class PacketAutomaton
{
    private const int MostInput = 1_000_000;

    private readonly Queue<(Packet Packet, Instant Time, long Order)> _packets = new();
    private readonly Dictionary<string, Port> _ports;
    private readonly ArrayBufferWriter<byte> _stream = new();
    private int _streamStart;
    private long _order;
    private long _round;
    private long _streamOrder;
    private Instant _streamTime;
    private (long Round, int Length) _streamTried;
    private bool _streamEnded;
    private bool _streamEndTold;
    private bool _packetsEnded;
    private Exception? _streamFailure;

    /// <summary>How many packets may wait; more are dropped and counted. Packets wait while the state has no rule for any.</summary>
    public int Capacity { get; set; } = 4096;

    /// <summary>How many bytes of the stream wait.</summary>
    public int AvailableData
    {
        get
        {
            lock (_gate)
            {
                return _stream.WrittenCount - _streamStart;
            }
        }
    }

    /// <summary>Hands over a packet that came.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="time">When it came.</param>
    public void Receive(Packet packet, Instant time)
    {
        ArgumentNullException.ThrowIfNull(packet);
        lock (_gate)
        {
            _counters.Received++;
            if (_packets.Count >= Capacity)
            {
                _counters.Dropped++;
                return;
            }

            _packets.Enqueue((packet, time, ++_order));
        }

        Wake();
    }

    /// <summary>Hands over data of the stream.</summary>
    /// <param name="data">The data.</param>
    /// <param name="time">When it came.</param>
    public void ReceiveData(ReadOnlySpan<byte> data, Instant time)
    {
        lock (_gate)
        {
            _stream.Write(data);
            _streamOrder = ++_order;
            _streamTime = time;
        }

        Wake();
    }

    /// <summary>Tells that no more data will come.</summary>
    /// <param name="failure">What ended the stream; null when the peer did in order.</param>
    public void EndData(Exception? failure = null)
    {
        lock (_gate)
        {
            _streamEnded = true;
            _streamFailure = failure;
        }

        Wake();
    }

    /// <summary>Tells that no packets can come any more.</summary>
    /// <param name="failure">What made the place go; null when it just ended.</param>
    public void EndPackets(Exception? failure = null)
    {
        lock (_gate)
        {
            _packetsEnded = true;
            _placeFailure ??= failure;
        }

        Wake();
    }

    /// <summary>Sends an object into the automaton. It waits until a rule takes it.</summary>
    /// <param name="value">The object.</param>
    /// <param name="port">By which port.</param>
    /// <exception cref="StackException">There is no such port, its end was told, or too much waits already.</exception>
    public void Input(object? value, string port = AutomatonRule.DefaultPort)
    {
        Instant now = Now;
        lock (_gate)
        {
            Port entry = PortOf(port);
            if (entry.IsEnded)
            {
                throw new StackException(StackError.SessionClosed, $"The input of {Name} by {entry.Name} has been ended.", "Start the automaton again.");
            }

            if (entry.Queue.Count >= MostInput)
            {
                throw new StackException(StackError.ResourceExhausted, $"{MostInput} objects wait already to be taken by {Name}.");
            }

            entry.Queue.Enqueue((value, now, ++_order));
        }

        Wake();
    }

    /// <summary>Tells that nothing more will be sent into the automaton by a port.</summary>
    /// <exception cref="StackException">There is no such port.</exception>
    public void EndInput(string port = AutomatonRule.DefaultPort)
    {
        lock (_gate)
        {
            PortOf(port).IsEnded = true;
        }

        Wake();
    }

    /// <summary>How many objects wait to be taken.</summary>
    public int PendingInput
    {
        get
        {
            lock (_gate)
            {
                int count = 0;
                foreach (Port port in _ports.Values)
                {
                    count += port.Queue.Count;
                }

                return count;
            }
        }
    }

    private Port PortOf(string name) => _ports.TryGetValue(name ?? "", out Port? port) ? port : throw new StackException(
        StackError.InvalidArgument, $"{Name} has no port '{name}'.", $"It has {AutomatonText.List(Definition.Ports)}.");

    /// <summary>Whether anything waits that a rule of the state would be asked about; called under the gate.</summary>
    private bool TryPeek(out Waiting next)
    {
        next = default;
        long first = long.MaxValue;
        string state = State;
        if (_packets.TryPeek(out (Packet Packet, Instant Time, long Order) packet) && Has(AutomatonTrigger.Packet))
        {
            next = new Waiting(AutomatonTrigger.Packet, packet.Time, null);
            first = packet.Order;
        }

        int length = _stream.WrittenCount - _streamStart;
        bool asksData = length > 0 && Has(AutomatonTrigger.Data);
        bool isTried = _streamTried == (_round, length);
        if (asksData && !isTried && _streamOrder < first)
        {
            next = new Waiting(AutomatonTrigger.Data, _streamTime, null);
            first = _streamOrder;
        }

        foreach (Port port in _ports.Values)
        {
            if (port.Queue.TryPeek(out (object? Value, Instant Time, long Order) input) && port.TriedAt != _round
                && input.Order < first && HasPort(AutomatonTrigger.Input, port))
            {
                next = new Waiting(AutomatonTrigger.Input, input.Time, port);
                first = input.Order;
            }
        }

        if (first < long.MaxValue)
        {
            return true;
        }

        // Ends come after all else.
        if (_streamEnded && !_streamEndTold && (!asksData || isTried) && Has(AutomatonTrigger.DataEnd))
        {
            next = new Waiting(AutomatonTrigger.DataEnd, _streamTime, null);
            return true;
        }

        foreach (Port port in _ports.Values)
        {
            if (port.IsEnded && !port.IsEndTold && port.Queue.Count == 0 && HasPort(AutomatonTrigger.InputEnd, port))
            {
                next = new Waiting(AutomatonTrigger.InputEnd, default, port);
                return true;
            }
        }

        return false;

        bool Has(AutomatonTrigger trigger) => Definition.RulesOf(state, trigger).Length > 0;
        bool HasPort(AutomatonTrigger trigger, Port port) =>
            Array.Exists(Definition.RulesOf(state, trigger), rule => AutomatonDefinition.Same(rule.Port, port.Name));
    }

    private void TakeData(int length)
    {
        lock (_gate)
        {
            _streamStart += length;
            if (_streamStart == _stream.WrittenCount)
            {
                _stream.ResetWrittenCount();
                _streamStart = 0;
            }
            else if (_streamStart > 1 << 16 && _streamStart > _stream.WrittenCount / 2)
            {
                byte[] rest = _stream.WrittenSpan[_streamStart..].ToArray();
                _stream.ResetWrittenCount();
                _stream.Write(rest);
                _streamStart = 0;
            }
        }
    }

    private void ForgetEndsTold()
    {
        lock (_gate)
        {
            _streamEndTold = false;
            foreach (Port port in _ports.Values)
            {
                port.IsEndTold = false;
            }
        }
    }

    private void ClearQueues()
    {
        _packets.Clear();
        _stream.ResetWrittenCount();
        (_streamStart, _streamEnded, _streamEndTold, _packetsEnded) = (0, false, false, false);
        (_streamFailure, _placeFailure, _streamTried) = (null, null, default);
        foreach (Port port in _ports.Values)
        {
            port.Queue.Clear();
            (port.IsEnded, port.IsEndTold, port.TriedAt) = (false, false, 0);
        }
    }

    private readonly record struct Waiting(AutomatonTrigger Trigger, Instant Time, Port? Port);

    private sealed class Port(string name)
    {
        public string Name { get; } = name;

        public Queue<(object? Value, Instant Time, long Order)> Queue { get; } = new();

        public bool IsEnded { get; set; }

        public bool IsEndTold { get; set; }

        /// <summary>The round in which its first object was last refused by all rules.</summary>
        public long TriedAt { get; set; }
    }
}
