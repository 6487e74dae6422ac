using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <content>What is kept of what has happened, and what comes out.</content>
public sealed partial class PacketAutomaton
{
    private const int MostMessages = 10_000;

    private readonly Queue<AutomatonTransition> _log = new();
    private readonly Queue<AutomatonMessage> _messages = new();
    private readonly Queue<Packet> _kept = new();
    private readonly Queue<object?> _outputs = new();
    private readonly SemaphoreSlim _outputSignal = new(0);
    private readonly Counters _counters = new();
    private long _transitions;

    /// <summary>Raised for each line told, on the thread that takes the step; for who wants to see them at once.</summary>
    public event EventHandler<AutomatonMessage>? Told;

    /// <summary>How much is told: 0 nothing, up to 5.</summary>
    public int DebugLevel { get; set; }

    /// <summary>How many moves are kept in <see cref="Log"/>; older ones are forgotten.</summary>
    public int LogLimit { get; set; } = 10_000;

    /// <summary>How many packets are kept in <see cref="Packets"/>; older ones are forgotten.</summary>
    public int PacketLimit { get; set; } = 1000;

    /// <summary>How many objects wait to be taken out; more are dropped and counted.</summary>
    public int OutputLimit { get; set; } = 100_000;

    /// <summary>The moves from state to state, oldest first.</summary>
    public IReadOnlyList<AutomatonTransition> Log => Snapshot(_log);

    /// <summary>What was told, oldest first.</summary>
    public IReadOnlyList<AutomatonMessage> Messages => Snapshot(_messages);

    /// <summary>The packets that were sent, and those that rules took, oldest first.</summary>
    public IReadOnlyList<Packet> Packets => Snapshot(_kept);

    /// <summary>Moves from state to state.</summary>
    public long Transitions => Interlocked.Read(ref _transitions);

    /// <summary>Packets that came.</summary>
    public long Received => _counters.Received;

    /// <summary>Packets that came and that the filter kept out.</summary>
    public long Filtered => _counters.Filtered;

    /// <summary>Packets that came and that no rule took.</summary>
    public long Ignored => _counters.Ignored;

    /// <summary>Packets that came while too many were waiting, and were lost.</summary>
    public long Dropped => _counters.Dropped;

    /// <summary>Packets sent.</summary>
    public long Sent => _counters.Sent;

    /// <summary>Packets that an interception kept from being sent.</summary>
    public long Rejected => _counters.Rejected;

    /// <summary>Objects that were given out while too many were waiting, and were lost.</summary>
    public long DroppedOutput => _counters.DroppedOutput;

    /// <summary>How many objects wait to be taken out.</summary>
    public int PendingOutput
    {
        get
        {
            lock (_gate)
            {
                return _outputs.Count;
            }
        }
    }

    /// <summary>Gives an object out.</summary>
    public void Output(object? value)
    {
        _step?.OutputList.Add(value);
        lock (_gate)
        {
            if (_outputs.Count >= OutputLimit)
            {
                _counters.DroppedOutput++;
                return;
            }

            _outputs.Enqueue(value);
        }

        SignalOutput();
    }

    /// <summary>Takes the oldest object that was given out, if there is one.</summary>
    public bool TryTakeOutput(out object? value)
    {
        lock (_gate)
        {
            return _outputs.TryDequeue(out value);
        }
    }

    /// <summary>Waits until there is an object to take or the automaton has ended; may return early without cause.</summary>
    /// <returns>Whether there may be something; false when the time has passed.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public bool WaitOutput(TimeSpan limit, CancellationToken cancellationToken) => _outputSignal.Wait(limit, cancellationToken);

    /// <summary>Tells a line of its own.</summary>
    /// <param name="text">The line.</param>
    /// <param name="level">It is kept where <see cref="DebugLevel"/> is at least as much.</param>
    public void Tell(string text, int level = 1)
    {
        if (DebugLevel < level)
        {
            return;
        }

        AutomatonMessage message = new(Now, level, text);
        lock (_gate)
        {
            Keep(_messages, message, MostMessages);
        }

        Told?.Invoke(this, message);
    }

    private static void Keep<T>(Queue<T> queue, T item, int limit)
    {
        while (queue.Count >= Math.Max(limit, 1))
        {
            queue.Dequeue();
        }

        if (limit > 0)
        {
            queue.Enqueue(item);
        }
    }

    private T[] Snapshot<T>(Queue<T> queue)
    {
        lock (_gate)
        {
            return [.. queue];
        }
    }

    private void SignalOutput()
    {
        if (_outputSignal.CurrentCount == 0)
        {
            _outputSignal.Release();
        }
    }

    private void KeepPacket(Packet packet)
    {
        lock (_gate)
        {
            Keep(_kept, packet, PacketLimit);
        }
    }

    private void Record(string from, string to, AutomatonRule? rule, string cause)
    {
        AutomatonTransition move = new(Interlocked.Increment(ref _transitions), _now, from, to, rule?.Name ?? "", cause);
        lock (_gate)
        {
            Keep(_log, move, LogLimit);
        }

        Tell($"{(from.Length == 0 ? "starts" : $"goes from {from}")} to {to}: {cause}", 1);
    }

    private void ClearRecords()
    {
        _log.Clear();
        _messages.Clear();
        _kept.Clear();
        _outputs.Clear();
        _counters.Clear();
        Interlocked.Exchange(ref _transitions, 0);
    }

    private sealed class Counters
    {
        public long Received;
        public long Filtered;
        public long Ignored;
        public long Dropped;
        public long Sent;
        public long Rejected;
        public long DroppedOutput;

        public void Clear() => (Received, Filtered, Ignored, Dropped, Sent, Rejected, DroppedOutput) = (0, 0, 0, 0, 0, 0, 0);
    }
}
