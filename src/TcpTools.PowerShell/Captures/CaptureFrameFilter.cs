using System;
using System.Collections.Generic;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>A filter expression over captures whose frames may start with various headers: compiled once for each kind.</summary>
internal sealed class CaptureFrameFilter
{
    private readonly string _expression;
    private readonly Dictionary<PacketStart, PacketFilter> _filters = [];

    /// <exception cref="StackException">The expression is no filter, or libpcap is missing.</exception>
    public CaptureFrameFilter(string expression)
    {
        _expression = expression;
        // What is no filter for any packet is told before the first file is opened.
        _filters.Add(PacketStart.Ethernet, PacketFilter.Compile(expression, PacketStart.Ethernet));
    }

    public bool Matches(ReadOnlySpan<byte> frame, PacketStart start)
    {
        if (!_filters.TryGetValue(start, out PacketFilter? filter))
        {
            filter = PacketFilter.Compile(_expression, start);
            _filters.Add(start, filter);
        }

        return filter.Matches(frame);
    }
}
