using System.Collections.Generic;
using TcpTools.Capture;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>
/// Where packets go out and come in: an interface of the kernel's, or a link that a stack of the runspace has. The counters
/// are those of the moment in which it was asked for.
/// </summary>
public sealed class PacketLink
{
    internal PacketLink(PacketInterface place, ICaptureDriver? driver = null)
    {
        Name = place.Name;
        CaptureDriver = driver;
        Index = place.Index;
        Kind = place.Kind;
        State = place.IsRunning ? "Up" : place.IsUp ? "NoCarrier" : "Down";
        HardwareAddress = place.HardwareAddress;
        Addresses = place.Addresses;
        Mtu = place.Mtu;
        IsPromiscuous = place.IsPromiscuous;
        ReceivedPackets = place.ReceivedPackets;
        ReceivedBytes = place.ReceivedBytes;
        ReceiveDrops = place.ReceiveDrops;
        SentPackets = place.SentPackets;
        SentBytes = place.SentBytes;
        SendDrops = place.SendDrops;
    }

    internal PacketLink(TcpStack stack)
    {
        LinkCounters counters = stack.Link.Counters;
        Stack = stack;
        Link = stack.Link;
        Name = stack.Link.Name;
        Kind = LinkChain.Innermost(stack.Link) switch
        {
            TunLink { Capabilities.Medium: LinkMedium.Ethernet } => "tap of ours",
            TunLink => "tun of ours",
            PacketSocketLink => "station of ours",
            _ => "link of ours",
        };
        State = stack.State.ToString();
        HardwareAddress = stack.HardwareAddress;
        Addresses = stack.Addresses;
        Mtu = stack.Link.Capabilities.Mtu;
        ReceivedPackets = counters.ReceivedFrames;
        ReceivedBytes = counters.ReceivedBytes;
        ReceiveDrops = counters.ReceiveDrops;
        SentPackets = counters.SentFrames;
        SentBytes = counters.SentBytes;
        SendDrops = counters.SendDrops;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The kernel's number for the interface; null for a link of ours.</summary>
    public int? Index { get; }

    /// <summary>What it is, such as ethernet, loopback, veth, bridge, tun, or a link of ours.</summary>
    public string Kind { get; }

    /// <summary>Up, Down or NoCarrier; for a link of ours the state of its stack.</summary>
    public string State { get; }

    /// <summary>The Ethernet address; null where there is none.</summary>
    public MacAddress? HardwareAddress { get; }

    /// <summary>The addresses at our end.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; }

    /// <summary>The largest IP packet in bytes.</summary>
    public int Mtu { get; }

    /// <summary>Whether anybody has the interface take frames for other stations.</summary>
    public bool IsPromiscuous { get; }

    /// <summary>Packets received.</summary>
    public long ReceivedPackets { get; }

    /// <summary>Bytes received.</summary>
    public long ReceivedBytes { get; }

    /// <summary>Packets lost on the way in.</summary>
    public long ReceiveDrops { get; }

    /// <summary>Packets sent.</summary>
    public long SentPackets { get; }

    /// <summary>Bytes sent.</summary>
    public long SentBytes { get; }

    /// <summary>Packets lost on the way out.</summary>
    public long SendDrops { get; }

    /// <summary>The stack that has the link; null for an interface of the kernel's.</summary>
    public TcpStack? Stack { get; }

    /// <summary>Who opens it: Kernel, or a driver such as SharpPcap.</summary>
    public string Driver => CaptureDriver?.Name ?? CaptureDrivers.Kernel;

    internal ILink? Link { get; }

    internal ICaptureDriver? CaptureDriver { get; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;
}
