using TcpTools.Links;

namespace TcpTools.Capture;

/// <summary>What frames of a capture start with, by the numbers of the tcpdump group's registry. Others may occur in files.</summary>
public enum CaptureLinkType
{
    /// <summary>BSD loopback: four bytes of address family, then IP.</summary>
    Null = 0,

    /// <summary>An Ethernet header.</summary>
    Ethernet = 1,

    /// <summary>An IPv4 or IPv6 header.</summary>
    Raw = 101,

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

    /// <summary>The interface that stands for a link.</summary>
    public static CaptureInterface For(ILink link) => new()
    {
        Name = link.Name,
        LinkType = link.Capabilities.Medium == LinkMedium.Ethernet ? CaptureLinkType.Ethernet : CaptureLinkType.Raw,
    };
}
