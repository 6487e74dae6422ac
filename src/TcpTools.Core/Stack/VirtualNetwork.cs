using System;
using System.Collections.Generic;

namespace TcpTools.Stack;

/// <summary>
/// Several stacks on one thread in simulated time: all frames are delivered, then the clock jumps to the earliest
/// deadline, and so on. A stack joins by naming the network's <see cref="Clock"/> in its options and leaves when stopped.
/// </summary>
public sealed class VirtualNetwork
{
    /// <summary>An empty network with a clock at zero.</summary>
    public VirtualNetwork()
    {
        Clock = new VirtualClock(this);
    }

    internal VirtualNetwork(VirtualClock clock)
    {
        Clock = clock;
    }

    /// <summary>The network's clock.</summary>
    public VirtualClock Clock { get; }

    /// <summary>The time at present.</summary>
    public Instant Now => Clock.Now;

    /// <summary>The stacks that belong to the network, in the order in which they joined.</summary>
    public IReadOnlyList<TcpStack> Stacks => throw new NotImplementedException();

    /// <summary>Delivers every frame and fires every timer that is due now, without moving the clock.</summary>
    public void RunUntilIdle() => throw new NotImplementedException();

    /// <summary>Moves the network for a span of simulated time; the clock ends exactly that much later.</summary>
    public void Run(TimeSpan span) => throw new NotImplementedException();

    /// <summary>
    /// Moves the network until the condition holds (it is asked after every event) or the span of simulated time has passed.
    /// With <see cref="System.Threading.Timeout.InfiniteTimeSpan"/> it ends when nothing is left that could happen.
    /// </summary>
    /// <returns>Whether the condition holds.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit) => throw new NotImplementedException();
}
