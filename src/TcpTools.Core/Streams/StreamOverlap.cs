using System;

namespace TcpTools.Streams;

/// <summary>
/// Which bytes count where segments that wait for a gap to be filled overlap and differ. What has been delivered stays
/// delivered under every policy, as it does in a receiver.
/// </summary>
public enum StreamOverlapPolicy
{
    /// <summary>Those of the segment that came first (Windows Vista and later; libnids).</summary>
    First,

    /// <summary>Those of the segment that came last.</summary>
    Last,

    /// <summary>The first ones, except where the later segment starts before the earlier one (FreeBSD, OpenBSD, AIX).</summary>
    Bsd,

    /// <summary>As <see cref="Bsd"/>, and the later segment's too where both start at the same place and it ends after the earlier one.</summary>
    Linux,

    /// <summary>The first ones, except where the later segment starts before and ends after the earlier one (Windows to XP and 2003).</summary>
    Windows,

    /// <summary>
    /// The last ones, except where the earlier segment ends after the later one, or starts before it and ends at the same
    /// place or after it.
    /// </summary>
    Solaris,
}

/// <summary>What becomes of urgent data (RFC 9293, 3.8.5).</summary>
public enum UrgentHandling
{
    /// <summary>One byte, the one before the urgent pointer, is told apart and left out of the stream, as kernels do by default.</summary>
    Apart,

    /// <summary>It stays where it is in the stream (RFC 6093, 5: SO_OOBINLINE).</summary>
    InLine,
}

/// <summary>The overlap policies as decisions.</summary>
internal static class StreamOverlap
{
    /// <summary>Whether the bytes of the later of two overlapping segments count, by where both start and end.</summary>
    public static bool LaterWins(
        StreamOverlapPolicy policy, long earlierStart, long earlierEnd, long laterStart, long laterEnd) => policy switch
        {
            StreamOverlapPolicy.First => false,
            StreamOverlapPolicy.Last => true,
            StreamOverlapPolicy.Bsd => laterStart < earlierStart,
            StreamOverlapPolicy.Linux =>
                laterStart < earlierStart || (laterStart == earlierStart && laterEnd > earlierEnd),
            StreamOverlapPolicy.Windows => laterStart < earlierStart && laterEnd > earlierEnd,
            StreamOverlapPolicy.Solaris =>
                !(earlierEnd > laterEnd || (earlierStart < laterStart && earlierEnd >= laterEnd)),
            _ => throw new ArgumentOutOfRangeException(nameof(policy)),
        };
}
