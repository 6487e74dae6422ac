using System;
using System.Threading;

namespace TcpTools.Channels;

/// <summary>Waiting for a frame on a socket while packets may still wait for their next hops' addresses.</summary>
internal static class ChannelWait
{
    internal static RawFrame? Receive(
        FrameIntake intake, NeighbourSender? neighbours, Instant until, TimeSpan whilePending, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (intake.TryTake() is { } frame)
            {
                return frame;
            }

            neighbours?.Service();
            Instant now = WallClock.Now;
            if (now >= until)
            {
                return null;
            }

            bool isPending = neighbours is { HasPending: true };
            TimeSpan limit = until.IsNever ? Timeout.InfiniteTimeSpan : until - now;
            intake.Wait(isPending && (until.IsNever || limit > whilePending) ? whilePending : limit, cancellationToken);
        }
    }
}
