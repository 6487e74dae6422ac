using System;

namespace TcpTools.Tests;

/// <summary>Counts what code allocates.</summary>
internal static class Allocation
{
    /// <summary>
    /// The least that any of several runs allocates on this thread, in bytes. What allocates does so in every run; what
    /// only the runtime did once, when it recompiled the code or other threads got in the way, does not count.
    /// </summary>
    public static long Least(Action work, int rounds = 5)
    {
        work();
        long least = long.MaxValue;
        for (int i = 0; i < rounds && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
