using System;
using TcpTools.Stack;

namespace TcpTools.Channels;

/// <summary>Simulated time in the form that a link's user in real time takes it. The epoch is the start of the clock.</summary>
internal sealed class VirtualTimeProvider(VirtualClock clock) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => clock.Now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(clock.Now.Ticks);
}
