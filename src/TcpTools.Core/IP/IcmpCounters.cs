using System.Collections.Generic;

namespace TcpTools.IP;

/// <summary>What ICMP has done since its IP layer was made, in the names and meanings of Linux's <c>nstat</c> (RFC 4293).</summary>
public sealed class IcmpCounters
{
    /// <summary>Messages received, faulty ones included.</summary>
    public long InMsgs { get; internal set; }

    /// <summary>Messages received that are too short, make no sense, or quote what was never sent from here.</summary>
    public long InErrors { get; internal set; }

    /// <summary>Messages received with a wrong checksum; they count as <see cref="InErrors"/> too.</summary>
    public long InCsumErrors { get; internal set; }

    /// <summary>Destination unreachable received.</summary>
    public long InDestUnreachs { get; internal set; }

    /// <summary>Time exceeded received.</summary>
    public long InTimeExcds { get; internal set; }

    /// <summary>Parameter problem received.</summary>
    public long InParmProbs { get; internal set; }

    /// <summary>Source quench received, and ignored (RFC 6633).</summary>
    public long InSrcQuenchs { get; internal set; }

    /// <summary>Redirects received, and ignored.</summary>
    public long InRedirects { get; internal set; }

    /// <summary>Echo requests received.</summary>
    public long InEchos { get; internal set; }

    /// <summary>Echo replies received.</summary>
    public long InEchoReps { get; internal set; }

    /// <summary>Timestamp requests received; they are not answered.</summary>
    public long InTimestamps { get; internal set; }

    /// <summary>Timestamp replies received.</summary>
    public long InTimestampReps { get; internal set; }

    /// <summary>Address mask requests received; they are not answered (RFC 6918).</summary>
    public long InAddrMasks { get; internal set; }

    /// <summary>Address mask replies received.</summary>
    public long InAddrMaskReps { get; internal set; }

    /// <summary>Messages sent.</summary>
    public long OutMsgs { get; internal set; }

    /// <summary>Errors that could not be sent: no route back.</summary>
    public long OutErrors { get; internal set; }

    /// <summary>Destination unreachable sent.</summary>
    public long OutDestUnreachs { get; internal set; }

    /// <summary>Time exceeded sent.</summary>
    public long OutTimeExcds { get; internal set; }

    /// <summary>Parameter problem sent.</summary>
    public long OutParmProbs { get; internal set; }

    /// <summary>Echo requests sent.</summary>
    public long OutEchos { get; internal set; }

    /// <summary>Echo replies sent.</summary>
    public long OutEchoReps { get; internal set; }

    /// <summary>Errors not sent because of the limit for all hosts together.</summary>
    public long OutRateLimitGlobal { get; internal set; }

    /// <summary>Errors not sent because of the limit for one host.</summary>
    public long OutRateLimitHost { get; internal set; }

    internal void AddTo(List<KeyValuePair<string, long>> all)
    {
        all.Add(new("IcmpInMsgs", InMsgs));
        all.Add(new("IcmpInErrors", InErrors));
        all.Add(new("IcmpInCsumErrors", InCsumErrors));
        all.Add(new("IcmpInDestUnreachs", InDestUnreachs));
        all.Add(new("IcmpInTimeExcds", InTimeExcds));
        all.Add(new("IcmpInParmProbs", InParmProbs));
        all.Add(new("IcmpInSrcQuenchs", InSrcQuenchs));
        all.Add(new("IcmpInRedirects", InRedirects));
        all.Add(new("IcmpInEchos", InEchos));
        all.Add(new("IcmpInEchoReps", InEchoReps));
        all.Add(new("IcmpInTimestamps", InTimestamps));
        all.Add(new("IcmpInTimestampReps", InTimestampReps));
        all.Add(new("IcmpInAddrMasks", InAddrMasks));
        all.Add(new("IcmpInAddrMaskReps", InAddrMaskReps));
        all.Add(new("IcmpOutMsgs", OutMsgs));
        all.Add(new("IcmpOutErrors", OutErrors));
        all.Add(new("IcmpOutDestUnreachs", OutDestUnreachs));
        all.Add(new("IcmpOutTimeExcds", OutTimeExcds));
        all.Add(new("IcmpOutParmProbs", OutParmProbs));
        all.Add(new("IcmpOutEchos", OutEchos));
        all.Add(new("IcmpOutEchoReps", OutEchoReps));
        all.Add(new("IcmpOutRateLimitGlobal", OutRateLimitGlobal));
        all.Add(new("IcmpOutRateLimitHost", OutRateLimitHost));
    }
}
