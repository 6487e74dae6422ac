using System;
using System.Collections.Generic;
using TcpTools.IP;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Tcp;
using TcpTools.Udp;

namespace TcpTools.Stack;

/// <summary>What has happened in a stack since its start, by the names that <c>nstat</c> shows for a kernel's.</summary>
public sealed class StackCounters
{
    private readonly SortedDictionary<string, long> _values;

    private StackCounters(SortedDictionary<string, long> values)
    {
        _values = values;
    }

    /// <summary>The counter of a name such as <c>TcpRetransSegs</c>; 0 for a name that does not exist.</summary>
    public long this[string name] => _values.GetValueOrDefault(name);

    /// <summary>All counters, by name.</summary>
    public IReadOnlyDictionary<string, long> Values => _values;

    /// <summary>All counters that are not zero, one a line.</summary>
    public override string ToString()
    {
        List<string> lines = [];
        foreach ((string name, long value) in _values)
        {
            if (value != 0)
            {
                lines.Add(FormattableString.Invariant($"{name,-28}{value,12}"));
            }
        }

        return string.Join('\n', lines);
    }

    internal static StackCounters Collect(
        TcpCounters tcp, IPCounters ip, UdpInput udp, OutputQueue output, LinkCounters link, EthernetCounters? ethernet, TcpStack stack)
    {
        (int established, int timeWait) = stack.CountStates();
        SortedDictionary<string, long> values = new(StringComparer.OrdinalIgnoreCase)
        {
            ["TcpActiveOpens"] = tcp.ActiveOpens,
            ["TcpPassiveOpens"] = tcp.PassiveOpens,
            ["TcpAttemptFails"] = tcp.AttemptFails,
            ["TcpEstabResets"] = tcp.EstabResets,
            ["TcpCurrEstab"] = established,
            ["TcpInSegs"] = tcp.InSegs,
            ["TcpOutSegs"] = tcp.OutSegs,
            ["TcpRetransSegs"] = tcp.RetransSegs,
            ["TcpInErrs"] = tcp.InErrs,
            ["TcpOutRsts"] = tcp.OutRsts,
            ["TcpInCsumErrors"] = tcp.InCsumErrors,
            ["TcpExtTCPTimeouts"] = tcp.Timeouts,
            ["TcpExtTCPFastRetrans"] = tcp.FastRetransmits,
            ["TcpExtTCPOFOQueue"] = tcp.OutOfOrderQueued,
            ["TcpExtPAWSEstab"] = tcp.PawsDropped,
            ["TcpExtTCPChallengeACK"] = tcp.ChallengeAcks,
            ["TcpExtListenDrops"] = tcp.ListenDrops,
            ["TcpExtDelayedACKs"] = tcp.DelayedAcks,
            ["TcpExtTCPWinProbe"] = tcp.WindowProbes,
            ["TcpExtTCPKeepAlive"] = tcp.KeepAliveProbes,
            ["TcpExtTCPAbortOnTimeout"] = tcp.AbortOnTimeout,
            ["TcpExtTCPAbortOnData"] = tcp.AbortOnData,
            ["TcpExtTWCurrent"] = timeWait,
            ["TcpExtTCPTimeWaitOverflow"] = stack.TimeWaitOverflows,
            ["LinkInFrames"] = link.ReceivedFrames,
            ["LinkInBytes"] = link.ReceivedBytes,
            ["LinkInDrops"] = link.ReceiveDrops,
            ["LinkOutFrames"] = link.SentFrames,
            ["LinkOutBytes"] = link.SentBytes,
            ["LinkOutDrops"] = link.SendDrops + output.Drops,
        };
        foreach ((string name, long value) in ip.Snapshot())
        {
            values[name] = value;
        }

        foreach ((string name, long value) in (ethernet ?? new EthernetCounters()).Snapshot())
        {
            values[name] = value;
        }

        foreach ((string name, long value) in udp.Snapshot())
        {
            values[name] = value;
        }

        return new StackCounters(values);
    }
}
