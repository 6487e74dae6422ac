using System.Collections.Generic;

namespace TcpTools.IP;

/// <summary>What an IP layer has done since it was made, in the names and meanings of Linux's <c>nstat</c> (RFC 4293).</summary>
public sealed class IPCounters
{
    /// <summary>Packets received, faulty ones included.</summary>
    public long InReceives { get; internal set; }

    /// <summary>Packets dropped for a fault in the header: version, lengths, checksum, options.</summary>
    public long InHdrErrors { get; internal set; }

    /// <summary>Packets dropped for an address: not for this host, or a source that no host can have.</summary>
    public long InAddrErrors { get; internal set; }

    /// <summary>Whole datagrams of a protocol that nobody takes.</summary>
    public long InUnknownProtos { get; internal set; }

    /// <summary>Faultless packets dropped for another reason: a source route, TCP to a broadcast address.</summary>
    public long InDiscards { get; internal set; }

    /// <summary>Whole datagrams handed to a transport or to ICMP.</summary>
    public long InDelivers { get; internal set; }

    /// <summary>Datagrams that transports and ICMP asked to send.</summary>
    public long OutRequests { get; internal set; }

    /// <summary>Datagrams not sent: the source is not this host's, options too long, or the queue to itself full.</summary>
    public long OutDiscards { get; internal set; }

    /// <summary>Datagrams not sent for want of a route.</summary>
    public long OutNoRoutes { get; internal set; }

    /// <summary>Packets handed to the link or to the queue of this host, fragments counted each.</summary>
    public long OutTransmits { get; internal set; }

    /// <summary>Incomplete datagrams given up after <see cref="IPSettings.ReassemblyTimeout"/>.</summary>
    public long ReasmTimeout { get; internal set; }

    /// <summary>Fragments received that needed reassembly.</summary>
    public long ReasmReqds { get; internal set; }

    /// <summary>Datagrams reassembled.</summary>
    public long ReasmOKs { get; internal set; }

    /// <summary>Failures of reassembly: datagrams given up, for whatever reason, and fragments that could not belong to any.</summary>
    public long ReasmFails { get; internal set; }

    /// <summary>Incomplete datagrams given up for overlapping fragments.</summary>
    public long ReasmOverlaps { get; internal set; }

    /// <summary>Datagrams sent in fragments.</summary>
    public long FragOKs { get; internal set; }

    /// <summary>Datagrams not sent because they were too large and not to be fragmented.</summary>
    public long FragFails { get; internal set; }

    /// <summary>Fragments sent.</summary>
    public long FragCreates { get; internal set; }

    /// <summary>Packets with a wrong header checksum; they count as <see cref="InHdrErrors"/> too.</summary>
    public long InCsumErrors { get; internal set; }

    /// <summary>Packets shorter than they claim; they count as <see cref="InHdrErrors"/> too.</summary>
    public long InTruncatedPkts { get; internal set; }

    /// <summary>Multicast packets received.</summary>
    public long InMcastPkts { get; internal set; }

    /// <summary>Broadcast packets received.</summary>
    public long InBcastPkts { get; internal set; }

    /// <summary>Bytes of the packets received, IP headers included.</summary>
    public long InOctets { get; internal set; }

    /// <summary>Bytes of the packets sent, IP headers included.</summary>
    public long OutOctets { get; internal set; }

    /// <summary>What ICMP has done.</summary>
    public IcmpCounters Icmp { get; } = new();

    /// <summary>All counters, ICMP's included, by the names that <c>nstat</c> shows.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Snapshot()
    {
        List<KeyValuePair<string, long>> all =
        [
            new("IpInReceives", InReceives),
            new("IpInHdrErrors", InHdrErrors),
            new("IpInAddrErrors", InAddrErrors),
            new("IpInUnknownProtos", InUnknownProtos),
            new("IpInDiscards", InDiscards),
            new("IpInDelivers", InDelivers),
            new("IpOutRequests", OutRequests),
            new("IpOutDiscards", OutDiscards),
            new("IpOutNoRoutes", OutNoRoutes),
            new("IpOutTransmits", OutTransmits),
            new("IpReasmTimeout", ReasmTimeout),
            new("IpReasmReqds", ReasmReqds),
            new("IpReasmOKs", ReasmOKs),
            new("IpReasmFails", ReasmFails),
            new("IpFragOKs", FragOKs),
            new("IpFragFails", FragFails),
            new("IpFragCreates", FragCreates),
        ];
        Icmp.AddTo(all);
        all.Add(new("IpExtInTruncatedPkts", InTruncatedPkts));
        all.Add(new("IpExtInMcastPkts", InMcastPkts));
        all.Add(new("IpExtInBcastPkts", InBcastPkts));
        all.Add(new("IpExtInOctets", InOctets));
        all.Add(new("IpExtOutOctets", OutOctets));
        all.Add(new("IpExtInCsumErrors", InCsumErrors));
        all.Add(new("IpExtReasmOverlaps", ReasmOverlaps));
        return all;
    }
}
