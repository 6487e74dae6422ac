using System.Collections.Generic;
using TcpTools.Wire;

namespace TcpTools.Replay;

/// <summary>When the packets of a record are delivered.</summary>
public enum ReplayPacing
{
    /// <summary>Each as soon as the stack has sent what the record shows before it: all that it must have seen from us.</summary>
    Causal,

    /// <summary>Each at its recorded time after the first, whatever the stack has sent.</summary>
    Recorded,
}

/// <summary>How a record is replayed at a stack.</summary>
public sealed record ReplayOptions
{
    /// <summary>Fields that differ between any two runs, and that nobody means when they ask whether a stack behaves the same.</summary>
    public static IReadOnlyList<string> UsualIgnored { get; } =
        ["IP.Identification", "IP.TimeToLive", "IP.Checksum", "TCP.Checksum", "TCP.Window"];

    /// <summary>The address in the record whose place the stack takes.</summary>
    public required NetworkAddress Address { get; init; }

    /// <summary>When packets are delivered.</summary>
    public ReplayPacing Pacing { get; init; }

    /// <summary>The link's name.</summary>
    public string Name { get; init; } = "replay";

    /// <summary>
    /// The link's MTU in bytes, 68 to 65535; 0 for that of the host whose place the stack takes, as far as its SYNs tell it, and 1500
    /// where there are none.
    /// </summary>
    public int Mtu { get; init; }
}
