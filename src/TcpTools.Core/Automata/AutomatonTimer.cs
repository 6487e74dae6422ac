using System;
using System.Globalization;

namespace TcpTools.Automata;

/// <summary>
/// The timer of a rule. It starts when a state of the rule is entered and stops when it is left, unless the rule has no time of its own:
/// then it runs when it is set, over all states. Any thread may set it.
/// </summary>
public sealed class AutomatonTimer
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(36500);

    private readonly PacketAutomaton _owner;
    private TimeSpan? _interval;

    internal AutomatonTimer(PacketAutomaton owner, AutomatonRule rule, int index)
    {
        _owner = owner;
        Rule = rule;
        Index = index;
        _interval = rule.Interval;
    }

    /// <summary>The rule's name.</summary>
    public string Name => Rule.Name;

    /// <summary>Whether it goes off again and again.</summary>
    public bool IsPeriodic => Rule.Trigger == AutomatonTrigger.Timer;

    /// <summary>Whether it starts with its states, and not by hand.</summary>
    public bool StartsByItself => Rule.Interval is not null;

    /// <summary>After what time it goes off; null while it was never set. Setting it holds from its next start or, where it is periodic, its next round.</summary>
    /// <exception cref="StackException">The time is not positive.</exception>
    public TimeSpan? Interval
    {
        get => _interval;
        set => _interval = value is { } interval ? Check(interval) : null;
    }

    /// <summary>Whether it runs.</summary>
    public bool IsRunning => !Due.IsNever;

    /// <summary>When it goes off, on the clock of the automaton's place; never while it does not run.</summary>
    public Instant Due { get; internal set; } = Instant.Never;

    /// <summary>How often it has gone off.</summary>
    public long Count { get; internal set; }

    internal AutomatonRule Rule { get; }

    internal int Index { get; }

    /// <summary>Starts it anew with another time.</summary>
    /// <param name="seconds">Seconds, more than 0.</param>
    /// <exception cref="StackException">The time is not positive.</exception>
    public void Set(double seconds)
    {
        if (!(seconds > 0 && seconds < s_longest.TotalSeconds))
        {
            throw Wrong(seconds);
        }

        Set(TimeSpan.FromSeconds(seconds));
    }

    /// <inheritdoc cref="Set(double)"/>
    public void Set(TimeSpan interval)
    {
        _interval = Check(interval);
        Reset();
    }

    /// <summary>Starts it anew, from now.</summary>
    /// <exception cref="StackException">It has no time yet.</exception>
    public void Reset()
    {
        TimeSpan interval = _interval ?? throw new StackException(
            StackError.InvalidArgument, $"The timer {Name} has no time yet.", "Set it first: Set(1.5) for a second and a half.");
        Due = _owner.Now + interval;
        _owner.Wake();
    }

    /// <summary>Stops it.</summary>
    public void Stop() => Due = Instant.Never;

    /// <summary>Name and time.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Name}: {(_interval is { } interval ? $"{interval.TotalSeconds:0.######} s" : "not set")}{(IsRunning ? $", due at {Due}" : "")}");

    internal static TimeSpan Check(TimeSpan interval) =>
        interval > TimeSpan.Zero && interval < s_longest ? interval : throw Wrong(interval.TotalSeconds);

    /// <summary>Gone off: the next round, or the end.</summary>
    internal void GoOff()
    {
        Count++;
        Due = IsPeriodic && _interval is { } interval ? Due + interval : Instant.Never;
    }

    private static StackException Wrong(double seconds) => new(
        StackError.InvalidArgument,
        string.Create(CultureInfo.InvariantCulture, $"{seconds} s is no time for a timeout or a timer."),
        "Give more than 0 seconds; what is to happen at once is a condition.");
}
