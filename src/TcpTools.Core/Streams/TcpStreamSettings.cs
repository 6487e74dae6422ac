using System;
using System.Collections.Generic;
using TcpTools.IP;

namespace TcpTools.Streams;

/// <summary>How streams are followed: limits, timeouts, and what an observed receiver is taken to do.</summary>
public sealed record TcpStreamSettings
{
    /// <summary>What a waiting segment counts beside its bytes, so that tiny ones are not free; close to what Linux charges.</summary>
    public const int SegmentOverhead = 231;

    /// <summary>Generous limits, and the overlap policy of Linux.</summary>
    public static TcpStreamSettings Default { get; } = new();

    /// <summary>The limits and choices of libnids 1.26.</summary>
    public static TcpStreamSettings Libnids { get; } = new()
    {
        MaximumStreams = 1040,
        MaximumQueuedBytes = 65535,
        OverlapPolicy = StreamOverlapPolicy.First,
        MaximumScanSources = 256,
    };

    /// <summary>Streams followed at a time. From three quarters on there is a warning; at the limit the oldest ones go.</summary>
    public int MaximumStreams { get; init; } = 65536;

    /// <summary>
    /// Bytes, <see cref="SegmentOverhead"/> included, that may wait in one direction for a gap to be filled. Above it they
    /// are given up with a warning, or the gap is passed over if the receiver has acknowledged it.
    /// </summary>
    public int MaximumQueuedBytes { get; init; } = 1024 * 1024;

    /// <summary>Bytes that may wait in all streams together; above it those that wait longest go.</summary>
    public long MaximumTotalQueuedBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>
    /// Bytes of delivered data, of all streams together, that are remembered to compare repeated segments with; 0 compares
    /// with nothing.
    /// </summary>
    public int HistoryBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Which bytes count where waiting segments overlap and differ.</summary>
    public StreamOverlapPolicy OverlapPolicy { get; init; } = StreamOverlapPolicy.Linux;

    /// <summary>What becomes of urgent data.</summary>
    public UrgentHandling UrgentData { get; init; } = UrgentHandling.Apart;

    /// <summary>Whether a connection is followed from its first data on when its start was not seen.</summary>
    public bool Midstream { get; init; }

    /// <summary>Whether data beyond the window that the receiver announced waits until the receiver acknowledges it.</summary>
    public bool CheckWindow { get; init; } = true;

    /// <summary>Whether segments with a timestamp older than the last one are left out (RFC 7323, 5.3: PAWS).</summary>
    public bool CheckTimestamps { get; init; } = true;

    /// <summary>Networks whose checksums are verified or not; the first that has the source decides. All others are verified.</summary>
    public IReadOnlyList<ChecksumRule> Checksums { get; init; } = [];

    /// <summary>How long a stream may be silent.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a handshake may take.</summary>
    public TimeSpan OpeningTimeout { get; init; } = TimeSpan.FromSeconds(75);

    /// <summary>How long after both sides finished missing data is waited for.</summary>
    public TimeSpan CloseTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a pair of sockets is remembered after its stream ended, so that stragglers do not look like a new one.</summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long data is waited for that the receiver has acknowledged already: a capture may have swapped both, but what
    /// is missing then was lost by the capture.
    /// </summary>
    public TimeSpan LossDelay { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How fragments are put together before streams are looked for; those of IPv6 always by <see cref="FragmentOverlapPolicy.Drop"/>.</summary>
    public IPSettings Fragments { get; init; } = IPSettings.Default;

    /// <summary>Whether packets with a source route are left out, as most hosts do.</summary>
    public bool DropSourceRouted { get; init; } = true;

    /// <summary>Different destinations (address and port) that a source may try within <see cref="ScanWindow"/> without looking like a scan.</summary>
    public int ScanThreshold { get; init; } = 10;

    /// <summary>The time in which destinations are counted.</summary>
    public TimeSpan ScanWindow { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Sources watched for scans at a time; 0 watches none.</summary>
    public int MaximumScanSources { get; init; } = 1024;

    /// <summary>Warnings told of one stream; more are only counted.</summary>
    public int MaximumAnomaliesPerStream { get; init; } = 100;

    /// <summary>Whether packets of a source must have right checksums.</summary>
    internal bool Verifies(Wire.NetworkAddress source) => Checksums.Count == 0 || ChecksumRule.IsVerified(Checksums, source);
}
