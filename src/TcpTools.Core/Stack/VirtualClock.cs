using System;

namespace TcpTools.Stack;

/// <summary>
/// Simulated time: it stands still until the <see cref="VirtualNetwork"/> that it belongs to moves it on, so that hours
/// of traffic take as long as their work and a run repeats itself exactly.
/// </summary>
public sealed class VirtualClock
{
    private long _ticks;

    /// <summary>A clock at zero, with a network of its own that stacks join by naming the clock.</summary>
    public VirtualClock()
    {
        Network = new VirtualNetwork(this);
    }

    internal VirtualClock(VirtualNetwork network)
    {
        Network = network;
    }

    /// <summary>The network that this clock moves.</summary>
    public VirtualNetwork Network { get; }

    /// <summary>The time at present.</summary>
    public Instant Now => new(System.Threading.Volatile.Read(ref _ticks));

    /// <summary>Moves the clock; it never goes back.</summary>
    internal void AdvanceTo(Instant instant)
    {
        if (!instant.IsNever && instant > Now)
        {
            System.Threading.Volatile.Write(ref _ticks, instant.Ticks);
        }
    }

    /// <summary>The time at present, in seconds.</summary>
    public override string ToString() => Now.ToString();
}
