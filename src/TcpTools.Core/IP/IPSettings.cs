using System;

namespace TcpTools.IP;

/// <summary>Which bytes count where fragments of one datagram overlap.</summary>
public enum FragmentOverlapPolicy
{
    /// <summary>
    /// None: the datagram is given up, as RFC 5722 asks for IPv6 and as Linux does for both. A fragment that only repeats
    /// bytes already held is a duplicate, and ignored.
    /// </summary>
    Drop,

    /// <summary>The bytes that arrived first.</summary>
    First,

    /// <summary>The bytes that arrived last.</summary>
    Last,

    /// <summary>Those of the fragment that starts further left; of the earlier one when both start at the same place (4.4BSD).</summary>
    Bsd,

    /// <summary>Those of the fragment that starts further left; of the later one when both start at the same place (Linux to 4.18).</summary>
    Linux,

    /// <summary>Those of the fragment that starts further right; of the later one when both start at the same place (BSD-right: HP JetDirect).</summary>
    BsdRight,

    /// <summary>Those that arrived first, unless a later fragment reaches beyond them on both sides (Windows).</summary>
    Windows,
}

/// <summary>How identification fields of datagrams that may be fragmented are chosen. Both kinds repeat only after 65,536 datagrams.</summary>
public enum IdentificationPolicy
{
    /// <summary>Counters, one for each of many hash values of the address pair and protocol: what one peer sees tells it nothing about others.</summary>
    PerDestination,

    /// <summary>One keyed permutation of all 65,536 values for the whole stack.</summary>
    Random,
}

/// <summary>The constants of the IP layer.</summary>
public sealed record IPSettings
{
    /// <summary>Linux's values where Linux and the RFCs leave a choice.</summary>
    public static IPSettings Default { get; } = new();

    /// <summary>The link's MTU: the largest IP packet, in bytes, that goes out in one piece.</summary>
    public int Mtu { get; init; } = 1500;

    /// <summary>The time to live of datagrams whose sender names none (RFC 1122, 3.2.1.7; 64 by the assigned numbers).</summary>
    public byte TimeToLive { get; init; } = 64;

    /// <summary>Whether the header checksum of received packets is verified (RFC 1122, 3.2.1.2 demands it).</summary>
    public bool VerifyChecksums { get; init; } = true;

    /// <summary>How identification fields are chosen.</summary>
    public IdentificationPolicy Identification { get; init; } = IdentificationPolicy.PerDestination;

    /// <summary>Whether datagrams that can never be fragmented carry identification 0, which RFC 6864, 4.1 allows.</summary>
    public bool ZeroIdentificationWhenAtomic { get; init; } = true;

    /// <summary>Which bytes count where fragments overlap.</summary>
    public FragmentOverlapPolicy OverlapPolicy { get; init; } = FragmentOverlapPolicy.Drop;

    /// <summary>
    /// How long fragments wait for the rest of their datagram, from the first to arrive. Linux's 30 s rather than the 60
    /// to 120 s of RFC 1122, 3.3.2: identifications repeat sooner on fast paths than that (RFC 4963).
    /// </summary>
    public TimeSpan ReassemblyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of buffers that incomplete datagrams may hold; above it the oldest are given up.</summary>
    public int ReassemblyHighWatermark { get; init; } = 4 * 1024 * 1024;

    /// <summary>Bytes of buffers down to which incomplete datagrams are given up once the high watermark is passed.</summary>
    public int ReassemblyLowWatermark { get; init; } = 3 * 1024 * 1024;

    /// <summary>Incomplete datagrams held at a time; one more ends the oldest.</summary>
    public int MaximumIncompleteDatagrams { get; init; } = 1024;

    /// <summary>Fragments that one datagram may come in; one more ends it. 64 KB over the smallest MTU of 68 makes 1,365.</summary>
    public int MaximumFragments { get; init; } = 2048;

    /// <summary>Whether echo requests are answered (RFC 1122, 3.2.2.6 demands it).</summary>
    public bool AnswerEcho { get; init; } = true;

    /// <summary>The longest ICMP echo message, in bytes, that is answered.</summary>
    public int MaximumEchoLength { get; init; } = 65515;

    /// <summary>Whether unreachable, time-exceeded and parameter-problem messages are sent at all.</summary>
    public bool SendErrors { get; init; } = true;

    /// <summary>ICMP errors that the stack sends a second to all hosts together.</summary>
    public int ErrorsPerSecond { get; init; } = 1000;

    /// <summary>ICMP errors that the stack sends at once to all hosts together after a pause.</summary>
    public int ErrorBurst { get; init; } = 50;

    /// <summary>ICMP errors that one host is sent a second.</summary>
    public double ErrorsPerSecondAndHost { get; init; } = 1;

    /// <summary>ICMP errors that one host is sent at once after a pause.</summary>
    public int ErrorBurstPerHost { get; init; } = 6;

    /// <summary>The longest ICMP error, in bytes with its IP header (RFC 1812, 4.3.2.3).</summary>
    public int MaximumErrorLength { get; init; } = 576;

    /// <summary>The smallest path MTU, in bytes, that a router is believed: smaller ones serve attacks (RFC 5927, 7.2).</summary>
    public int MinimumPathMtu { get; init; } = 552;

    /// <summary>How long a lowered path MTU is kept before a larger one is tried again (RFC 1191, 6.3).</summary>
    public TimeSpan PathMtuLifetime { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Destinations whose path MTU is remembered; one more forgets the oldest.</summary>
    public int MaximumPathMtus { get; init; } = 4096;

    /// <summary>Packets to the stack's own addresses that may wait for delivery; more are dropped.</summary>
    public int LoopQueueLimit { get; init; } = 1024;
}
