using System.Collections.Generic;
using TcpTools.Links;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>What frames of a capture start with, by the numbers of the tcpdump group's registry. Others may occur in files.</summary>
public enum CaptureLinkType
{
    /// <summary>BSD loopback: four bytes of address family, then IP.</summary>
    Null = 0,

    /// <summary>An Ethernet header.</summary>
    Ethernet = 1,

    /// <summary>Point-to-point protocol.</summary>
    Ppp = 9,

    /// <summary>An IPv4 or IPv6 header.</summary>
    Raw = 101,

    /// <summary>Cisco's HDLC.</summary>
    CiscoHdlc = 104,

    /// <summary>OpenBSD loopback: as <see cref="Null"/>, always most significant byte first.</summary>
    Loop = 108,

    /// <summary>A Linux "cooked" header.</summary>
    LinuxCooked = 113,

    /// <summary>An IPv4 header.</summary>
    IPv4 = 228,

    /// <summary>An IPv6 header.</summary>
    IPv6 = 229,

    /// <summary>A Linux "cooked" header, second version.</summary>
    LinuxCooked2 = 276,
}

/// <summary>Where the frames of a capture were seen. A capture may have several interfaces.</summary>
public sealed record CaptureInterface
{
    /// <summary>The interface's name; null when the capture does not say.</summary>
    public string? Name { get; init; }

    /// <summary>A description of the interface; null when there is none.</summary>
    public string? Description { get; init; }

    /// <summary>What frames start with.</summary>
    public CaptureLinkType LinkType { get; init; } = CaptureLinkType.Raw;

    /// <summary>Bytes kept of each frame at most; 0 for no limit.</summary>
    public int SnapLength { get; init; }

    /// <summary>The filter that frames had to pass, as text or as hexadecimal code; null when the capture does not say.</summary>
    public string? Filter { get; init; }

    /// <summary>The interface's hardware; null when the capture does not say.</summary>
    public string? Hardware { get; init; }

    /// <summary>The operating system of the interface's machine; null when the capture does not say.</summary>
    public string? OperatingSystem { get; init; }

    /// <summary>A person's remark; null when there is none.</summary>
    public string? Comment { get; init; }

    /// <summary>Bits per second; 0 when the capture does not say.</summary>
    public long Speed { get; init; }

    /// <summary>The interface's Ethernet address; null when the capture does not say.</summary>
    public MacAddress? HardwareAddress { get; init; }

    /// <summary>The interface's IP addresses.</summary>
    public IReadOnlyList<NetworkAddress> Addresses { get; init; } = [];

    /// <summary>Bytes of the frame check sequence at the end of each frame; null when the capture does not say.</summary>
    public int? FrameCheckLength { get; init; }

    /// <summary>The interface that stands for a link.</summary>
    public static CaptureInterface For(ILink link) => new()
    {
        Name = link.Name,
        LinkType = link.Capabilities.Medium == LinkMedium.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.Raw,
    };

    /// <summary>Name and link type.</summary>
    public override string ToString() => $"{Name ?? "(no name)"} ({LinkType})";
}
