using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Initial sequence numbers that a script chooses.</summary>
internal sealed class ScriptedSequence(PartScript script) : IInitialSequenceGenerator
{
    public string Name => "script";

    public bool MayBlock => true;

    public SequenceNumber Next(in FlowKey flow, Instant now)
    {
        object? answer = script.Ask(flow, now) is [.., var last] ? last : null;
        return PartValues.TrySequence(answer, out SequenceNumber number)
            ? number
            : throw new StackException(
                StackError.InvalidData, $"The script answered with {Lookup.Show(answer)}, which is no sequence number from 0 to 4294967295.");
    }
}

/// <summary>A retransmission timeout that a script decides on.</summary>
internal sealed class ScriptedTimeout(PartScript script) : IRetransmissionTimeout
{
    private const double Millisecond = 1e-3;

    public string Name => "script";

    public TimeSpan Compute(in RttSummary summary)
    {
        object? answer = script.Ask(summary) is [.., var last] ? last : null;
        return Duration.TryParse(answer, Millisecond, out TimeSpan timeout)
            ? timeout
            : throw new StackException(
                StackError.InvalidData, $"The script answered with {Lookup.Show(answer)}, which is no time such as '300ms' or 300 milliseconds.");
    }
}

/// <summary>Local ports that a script chooses: the first free one of those it names.</summary>
internal sealed class ScriptedPorts(PartScript script) : IPortSelector
{
    public string Name => "script";

    public bool MayBlock => true;

    public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        IReadOnlyList<object?> answer = script.Ask(new FlowKey(local, 0, remote, remotePort));
        List<int> ports = [];
        foreach (object? item in answer)
        {
            ports.AddRange(PartValues.TryInteger(item, out long number) && number is > 0 and <= ushort.MaxValue
                ? [(int)number]
                : throw new StackException(
                    StackError.InvalidData, $"The script answered with {Lookup.Show(item)}, which is no port from 1 to 65535."));
        }

        return ports.Count > 0
            ? new PortList(ports).TrySelect(local, remote, remotePort, isFree, out port)
            : throw new StackException(StackError.InvalidData, "The script named no port.");
    }
}

/// <summary>What a script that lays out options is asked: the options of one SYN or SYN-ACK.</summary>
public sealed class OptionRequest
{
    internal OptionRequest(in TcpOptionContent content)
    {
        Place = content.Place;
        MaximumSegmentSize = content.MaximumSegmentSize;
        WindowScale = content.WindowScale;
        SackPermitted = content.SackPermitted;
        HasTimestamps = content.HasTimestamps;
    }

    /// <summary>Whether it is a SYN or a SYN-ACK.</summary>
    public OptionPlace Place { get; }

    /// <summary>The MSS to announce, in bytes.</summary>
    public int MaximumSegmentSize { get; }

    /// <summary>The window shift to announce; null for none.</summary>
    public byte? WindowScale { get; }

    /// <summary>Whether selective acknowledgments are offered.</summary>
    public bool SackPermitted { get; }

    /// <summary>Whether timestamps are offered.</summary>
    public bool HasTimestamps { get; }
}

/// <summary>Options of SYNs that a script lays out, in the words of a list; behind the handshake they are as usual.</summary>
internal sealed class ScriptedLayout(PartScript script) : ITcpOptionLayout
{
    public string Name => "script";

    public void Write(ref TcpOptionWriter writer, in TcpOptionContent content)
    {
        if (!content.IsSyn)
        {
            LinuxOptionLayout.Instance.Write(ref writer, content);
            return;
        }

        IReadOnlyList<object?> answer = script.Ask(new OptionRequest(content));
        if (answer.Count > 0 && answer.All(item => item is byte))
        {
            writer.AddRaw((byte[])[.. answer.Cast<byte>()]);
            return;
        }

        new OptionList(string.Join(',', answer.Select(item => LanguagePrimitives.ConvertTo<string>(item)))).Write(ref writer, content);
    }
}
