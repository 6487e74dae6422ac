using System;
using System.Threading;
using TcpTools.Linux;

namespace TcpTools.Channels;

/// <summary>Waiting for a time in real time, to some ten microseconds: asleep while that is precise enough, and the last bit awake.</summary>
internal static class ChannelTime
{
    private static readonly TimeSpan s_awake = TimeSpan.FromMicroseconds(80);

    internal static void Wait(Instant until, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TimeSpan left = until - WallClock.Now;
        if (left > s_awake)
        {
            // The kernel ends a wait up to 50 us late unless the thread asks otherwise.
            Poller.UsePreciseTimers();
            using Poller poller = new();
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static poller => ((Poller)poller!).Wake(), poller);
            while ((left = until - WallClock.Now) > s_awake)
            {
                poller.Wait(left - s_awake);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        while (WallClock.Now < until)
        {
            Thread.SpinWait(10);
        }
    }
}
