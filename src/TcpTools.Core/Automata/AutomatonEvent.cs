using System;
using TcpTools.Packets;

namespace TcpTools.Automata;

/// <summary>What happens to an automaton, as its conditions and actions see it.</summary>
public sealed class AutomatonEvent
{
    internal AutomatonEvent(PacketAutomaton automaton, AutomatonTrigger trigger, Instant time, object? value = null, string port = "")
    {
        Automaton = automaton;
        Trigger = trigger;
        Time = time;
        Value = value;
        Port = port;
    }

    /// <summary>The automaton.</summary>
    public PacketAutomaton Automaton { get; }

    /// <summary>What kind of event it is.</summary>
    public AutomatonTrigger Trigger { get; }

    /// <summary>When it happened, on the clock of the automaton's place.</summary>
    public Instant Time { get; }

    /// <summary>What came: the packet, the data, the object; null where nothing did.</summary>
    public object? Value { get; }

    /// <summary>The port that the input came by; empty where there is none.</summary>
    public string Port { get; }

    /// <summary>The packet that came; null where it is none.</summary>
    public Packet? Packet => Value as Packet;

    /// <summary>The data that came; empty where it is none.</summary>
    public ReadOnlyMemory<byte> Data => Value as byte[];

    /// <summary>The event in a line.</summary>
    public override string ToString() => Trigger switch
    {
        AutomatonTrigger.Packet => Value?.ToString() ?? "",
        AutomatonTrigger.Data when Value is byte[] bytes => FormattableString.Invariant($"{bytes.Length} bytes of data"),
        AutomatonTrigger.DataEnd => "the end of the data",
        AutomatonTrigger.InputEnd => $"the end of {Port}",
        AutomatonTrigger.Input => $"{Port}: {AutomatonText.Shorten(Value?.ToString() ?? "")}",
        AutomatonTrigger.Data => AutomatonText.Shorten(Value?.ToString() ?? ""),
        AutomatonTrigger.Timeout or AutomatonTrigger.Timer => "time",
        _ => "condition",
    };
}
