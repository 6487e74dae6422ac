using System;
using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>The same initial sequence number for every connection: what an exercise or a comparison of captures wants.</summary>
/// <param name="value">The number.</param>
public sealed class ConstantSequence(SequenceNumber value) : IInitialSequenceGenerator
{
    /// <summary>The number.</summary>
    public SequenceNumber Value => value;

    /// <inheritdoc/>
    public string Name => "constant";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now) => value;
}

/// <summary>
/// The clock of RFC 793, 3.3: one step in 4 microseconds and nothing else, so that all numbers of the next hours are known to
/// who has seen one (which RFC 6528 mends).
/// </summary>
public sealed class ClockSequence : IInitialSequenceGenerator
{
    private const long TicksPerStep = 4 * TimeSpan.TicksPerMicrosecond;

    /// <inheritdoc/>
    public string Name => "rfc793";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now) => new((uint)(now.Ticks / TicksPerStep));
}

/// <summary>A number for the first connection, and a fixed step from each connection to the next, as the oldest systems had it.</summary>
/// <param name="first">The first number.</param>
/// <param name="step">From one to the next; 64,000 was 4.2BSD's.</param>
public sealed class CounterSequence(SequenceNumber first, uint step = 64_000) : IInitialSequenceGenerator
{
    private uint _next = first.Value;

    /// <inheritdoc/>
    public string Name => "counter";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now)
    {
        SequenceNumber number = new(_next);
        _next = unchecked(_next + step);
        return number;
    }
}

/// <summary>
/// A random number each time. Not to be guessed, but the next connection of the same sockets may get a lower number than the last one,
/// which a peer in TIME-WAIT then may not take for a new one (RFC 6528, 1).
/// </summary>
/// <param name="random">Where the numbers come from.</param>
public sealed class RandomSequence(RandomSource random) : IInitialSequenceGenerator
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now) => new(random.NextUInt32());
}

/// <summary>The numbers of a list in their order, such as those of a capture that is to be played again; after the last, the first again.</summary>
public sealed class ReplaySequence : IInitialSequenceGenerator
{
    private readonly SequenceNumber[] _numbers;
    private int _next;

    /// <summary>A generator of these numbers.</summary>
    /// <exception cref="StackException">There are no numbers.</exception>
    public ReplaySequence(IEnumerable<SequenceNumber> numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        _numbers = [.. numbers];
        if (_numbers.Length == 0)
        {
            throw new StackException(StackError.InvalidArgument, "A list of initial sequence numbers has at least one.");
        }
    }

    /// <inheritdoc/>
    public string Name => "replay";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now)
    {
        SequenceNumber number = _numbers[_next];
        _next = _next + 1 == _numbers.Length ? 0 : _next + 1;
        return number;
    }
}
