using System;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <content>Which rule is taken.</content>
public sealed partial class PacketAutomaton
{
    /// <summary>Lets something of the user's do its work, and tells which state it chose; null for none.</summary>
    private string? Handle(Action action)
    {
        _requested = null;
        _isHandling = true;
        action();
        _isHandling = false;
        return _requested;
    }

    /// <summary>Looks for a rule to take; false when there is none at present.</summary>
    private bool TakeOne()
    {
        while (!_abortAsked && !_stopAsked)
        {
            if (_isLookDue)
            {
                _isLookDue = false;
                AutomatonEvent look = new(this, AutomatonTrigger.Condition, _now);
                if (Definition.RulesOf(State, AutomatonTrigger.Condition).Any(rule => Try(rule, look)))
                {
                    CountCircle();
                    return true;
                }
            }

            Waiting next;
            bool isWaiting;
            lock (_gate)
            {
                isWaiting = TryPeek(out next);
            }

            AutomatonTimer? timer = FirstDue();
            if (timer is not null && (!isWaiting || timer.Due < next.Time))
            {
                if (Fire(timer))
                {
                    return true;
                }
            }
            else if (!isWaiting)
            {
                return false;
            }
            else if (Take(next))
            {
                return true;
            }
        }

        return false;
    }

    private AutomatonTimer? FirstDue() => _timers.Where(timer => timer.Due <= _now)
        .OrderBy(timer => timer.Due).ThenBy(timer => timer.Rule.Priority).ThenBy(timer => !timer.IsPeriodic).ThenBy(timer => timer.Index).FirstOrDefault();

    private bool Fire(AutomatonTimer timer)
    {
        Instant due = timer.Due;
        timer.GoOff();
        _circle = 0;
        return timer.Rule.States.Contains(State) && Try(timer.Rule, new AutomatonEvent(this, timer.Rule.Trigger, due));
    }

    private bool Take(Waiting next) => next.Trigger switch
    {
        AutomatonTrigger.Packet => TakePacket(),
        AutomatonTrigger.Data => TakeData(),
        AutomatonTrigger.Input => TakeInput(next.Port!),
        _ => TakeEnd(next),
    };

    private bool TakePacket()
    {
        Packet packet;
        Instant time;
        lock (_gate)
        {
            (packet, time, _) = _packets.Dequeue();
        }

        AutomatonEvent came = new(this, AutomatonTrigger.Packet, time, packet);
        if (Definition.Filter is { } filter && !filter(came))
        {
            _counters.Filtered++;
            TellPacket("filtered", packet, 4);
            return false;
        }

        TellPacket("received", packet, 3);
        if (Definition.RulesOf(State, AutomatonTrigger.Packet).Any(rule => Try(rule, came)))
        {
            _circle = 0;
            KeepPacket(packet);
            return true;
        }

        _counters.Ignored++;
        TellPacket("ignored", packet, 4);
        return false;
    }

    private bool TakeData()
    {
        ReadOnlyMemory<byte> data;
        lock (_gate)
        {
            // A copy: rules may keep what they are shown, and more may come meanwhile.
            data = _stream.WrittenSpan[_streamStart..].ToArray();
        }

        foreach (AutomatonRule rule in Definition.RulesOf(State, AutomatonTrigger.Data))
        {
            if ((rule.Cut ?? StreamCut.Available).TryCut(data, out object? message, out int length)
                && Try(rule, new AutomatonEvent(this, AutomatonTrigger.Data, _streamTime, message)))
            {
                _circle = 0;
                TakeData(length);
                return true;
            }
        }

        lock (_gate)
        {
            _streamTried = (_round, data.Length);
        }

        return false;
    }

    private bool TakeInput(Port port)
    {
        object? value;
        Instant time;
        lock (_gate)
        {
            (value, time, _) = port.Queue.Peek();
        }

        AutomatonEvent came = new(this, AutomatonTrigger.Input, time, value, port.Name);
        if (RulesFor(AutomatonTrigger.Input, port).Any(rule => Try(rule, came)))
        {
            _circle = 0;
            lock (_gate)
            {
                port.Queue.Dequeue();
            }

            return true;
        }

        // It waits for something to change: a window that opens, another state.
        lock (_gate)
        {
            port.TriedAt = _round;
        }

        return false;
    }

    private bool TakeEnd(Waiting end)
    {
        lock (_gate)
        {
            _streamEndTold |= end.Trigger == AutomatonTrigger.DataEnd;
            if (end.Port is { } port)
            {
                port.IsEndTold = true;
            }
        }

        bool isTaken;
        if (end.Trigger == AutomatonTrigger.DataEnd)
        {
            byte[] rest;
            lock (_gate)
            {
                rest = _stream.WrittenSpan[_streamStart..].ToArray();
            }

            AutomatonEvent came = new(this, AutomatonTrigger.DataEnd, _now, rest);
            isTaken = Definition.RulesOf(State, AutomatonTrigger.DataEnd).Any(rule => Try(rule, came));
        }
        else
        {
            AutomatonEvent came = new(this, AutomatonTrigger.InputEnd, _now, null, end.Port!.Name);
            isTaken = RulesFor(AutomatonTrigger.InputEnd, end.Port).Any(rule => Try(rule, came));
        }

        if (isTaken)
        {
            CountCircle();
        }

        return isTaken;
    }

    private IEnumerable<AutomatonRule> RulesFor(AutomatonTrigger trigger, Port port) =>
        Definition.RulesOf(State, trigger).Where(rule => AutomatonDefinition.Same(rule.Port, port.Name));

    /// <summary>Asks a rule, and takes it if it holds.</summary>
    private bool Try(AutomatonRule rule, AutomatonEvent came)
    {
        if (DebugLevel >= 5)
        {
            Tell($"asks {rule.Name}", 5);
        }

        if (rule.When is { } when && !when(came))
        {
            return false;
        }

        string? chosen = Handle(() =>
        {
            foreach (Action<AutomatonEvent> action in Definition.ActionsOf(rule))
            {
                action(came);
            }
        });
        string? target = chosen ?? rule.Target;
        if (target is null && rule.Trigger == AutomatonTrigger.Condition)
        {
            return false;
        }

        string text = rule.IsTimed ? $"{rule.Label} passed" : rule.Trigger == AutomatonTrigger.Condition ? $"{rule.Name} holds" : came.ToString();
        if (DebugLevel >= 2)
        {
            Tell($"takes {rule.Name}: {text}", 2);
        }

        lock (_gate)
        {
            _round++;
            _isLookDue = true;
        }

        if (target is null)
        {
            (_step!.Rule, _step.Cause) = (rule.Name, text);
        }
        else
        {
            Move(target, rule, came, text);
        }

        return true;
    }

    private void TellPacket(string what, Packet packet, int level)
    {
        if (DebugLevel >= level)
        {
            Tell($"{what}: {packet}", level);
        }
    }
}
