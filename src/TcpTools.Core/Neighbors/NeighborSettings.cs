using System;

namespace TcpTools.Neighbors;

/// <summary>What is done before an address is used on a link that others are on (RFC 5227).</summary>
public enum AddressClaimMode
{
    /// <summary>Nothing: the address is used at once, and nobody is told.</summary>
    None,

    /// <summary>The address is used at once and announced (RFC 5227, 2.3), without asking before.</summary>
    Announce,

    /// <summary>Others are asked first whether they have it (RFC 5227, 2.1); only then is it announced and used.</summary>
    Probe,
}

/// <summary>What is done when somebody else uses an address of ours (RFC 5227, 2.4).</summary>
public enum AddressDefense
{
    /// <summary>The address is defended once; when it is claimed again soon after, it is given up (2.4 b).</summary>
    Once,

    /// <summary>The address is defended for ever, but not more often than the interval says (2.4 c).</summary>
    Always,
}

/// <summary>The times, counts and limits of ARP (RFC 826; RFC 1122, 2.3.2) and of claiming addresses (RFC 5227, 1.1).</summary>
public sealed record NeighborSettings
{
    /// <summary>RFC 5227's own times; addresses are announced and used without asking.</summary>
    public static NeighborSettings Default { get; } = new();

    /// <summary>
    /// Others are asked first, three times within about half a second rather than RFC 5227's six seconds: for people who wait, on
    /// links where an answer takes milliseconds.
    /// </summary>
    public static NeighborSettings Quick { get; } = new()
    {
        ClaimMode = AddressClaimMode.Probe,
        ProbeWait = TimeSpan.FromMilliseconds(50),
        ProbeMinimum = TimeSpan.FromMilliseconds(100),
        ProbeMaximum = TimeSpan.FromMilliseconds(150),
        AnnounceWait = TimeSpan.FromMilliseconds(200),
    };

    /// <summary>How long an answer is believed; each entry gets between half and one and a half of it, by chance.</summary>
    public TimeSpan ReachableTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an entry that is not used stays after that.</summary>
    public TimeSpan StaleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two requests for the same address: at least a second (RFC 1122, 2.3.2.1).</summary>
    public TimeSpan RequestInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many broadcast requests are sent before an address counts as nobody's.</summary>
    public int BroadcastRequests { get; init; } = 3;

    /// <summary>How many requests go to a neighbour itself, to find out whether it is still there (RFC 1122, 2.3.2.1, 2).</summary>
    public int UnicastRequests { get; init; } = 2;

    /// <summary>For how long after an answer another one with a different Ethernet address is not believed.</summary>
    public TimeSpan LockTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many neighbours are known at most; those not used for the longest time make room.</summary>
    public int MaximumEntries { get; init; } = 1024;

    /// <summary>How many packets wait for one neighbour's address; the oldest make room (RFC 1122, 2.3.2.2: the latest is kept).</summary>
    public int MaximumWaiting { get; init; } = 16;

    /// <summary>How many packets wait for neighbours' addresses in all.</summary>
    public int MaximumWaitingInAll { get; init; } = 256;

    /// <summary>What is done before an address is used.</summary>
    public AddressClaimMode ClaimMode { get; init; } = AddressClaimMode.Announce;

    /// <summary>What is done when somebody else uses an address of ours.</summary>
    public AddressDefense Defense { get; init; }

    /// <summary>PROBE_WAIT: the first probe is sent at some time within it.</summary>
    public TimeSpan ProbeWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>PROBE_NUM: how many probes are sent.</summary>
    public int ProbeCount { get; init; } = 3;

    /// <summary>PROBE_MIN: the shortest time between two probes.</summary>
    public TimeSpan ProbeMinimum { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>PROBE_MAX: the longest time between two probes.</summary>
    public TimeSpan ProbeMaximum { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>ANNOUNCE_WAIT: how long objections are waited for after the last probe.</summary>
    public TimeSpan AnnounceWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>ANNOUNCE_NUM: how many announcements are sent.</summary>
    public int AnnounceCount { get; init; } = 2;

    /// <summary>ANNOUNCE_INTERVAL: the time between two announcements.</summary>
    public TimeSpan AnnounceInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>DEFEND_INTERVAL: the shortest time between two defences.</summary>
    public TimeSpan DefendInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Makes sure that the numbers make sense.</summary>
    /// <returns>These settings.</returns>
    /// <exception cref="StackException">They do not.</exception>
    public NeighborSettings Validate()
    {
        bool isPossible = MaximumEntries >= 1 && MaximumWaiting >= 1 && MaximumWaitingInAll >= 1 && BroadcastRequests >= 1
            && UnicastRequests >= 0 && ProbeCount >= 1 && AnnounceCount >= 0 && RequestInterval > TimeSpan.Zero
            && ReachableTime > TimeSpan.Zero && StaleTime > TimeSpan.Zero && ProbeWait >= TimeSpan.Zero
            && ProbeMinimum >= TimeSpan.Zero && ProbeMaximum >= ProbeMinimum && AnnounceWait >= TimeSpan.Zero
            && AnnounceInterval >= TimeSpan.Zero && DefendInterval >= TimeSpan.Zero && LockTime >= TimeSpan.Zero;
        return isPossible ? this : throw new StackException(
            StackError.InvalidArgument, "Limits of a neighbour cache are at least 1, its times positive, and the longest time between probes is not below the shortest.");
    }
}
