using System.Collections.Generic;
using TcpTools.Links;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// Another library's way to interfaces, capture files and packets, under the name that users give. A driver lives in an
/// assembly of its own, which is loaded when it is first asked for and may be absent: nothing here needs one.
/// </summary>
public interface ICaptureDriver
{
    /// <summary>The name that users give, such as SharpPcap.</summary>
    string Name { get; }

    /// <summary>The names of the interfaces that can be opened.</summary>
    /// <exception cref="StackException">The library does not work here.</exception>
    IReadOnlyList<string> ListInterfaces();

    /// <summary>Opens an interface as a link, which the caller disposes.</summary>
    /// <exception cref="StackException">There is none of that name, the process may not open it, or no link can carry its frames.</exception>
    ILink OpenInterface(string name, CaptureDriverOptions options);

    /// <summary>
    /// A link over a device of the library's own, which stays the caller's; null when the object is none. A device that is
    /// not open is opened, and closed again with the link.
    /// </summary>
    /// <exception cref="StackException">The device is in use, or cannot be a link.</exception>
    ILink? TryOpenDevice(object device, CaptureDriverOptions options);

    /// <summary>Opens a capture file as a link that gives the frames in the file's order and takes none.</summary>
    /// <exception cref="StackException">The file cannot be read, or no link can carry its frames.</exception>
    ILink OpenFile(string path);

    /// <summary>The packets of a capture file, one after another as they are asked for.</summary>
    /// <param name="path">The file.</param>
    /// <param name="filter">What does not pass this expression in tcpdump's language is left out; null for all.</param>
    /// <exception cref="StackException">The file cannot be read, or is damaged: what was good has been given by then.</exception>
    IEnumerable<Packet> ReadFile(string path, string? filter = null);

    /// <summary>The library's object for a packet.</summary>
    /// <param name="packet">The packet, whose bytes are copied.</param>
    /// <param name="asCapture">Whether to make a frame as it was captured, with its time, rather than one taken apart.</param>
    /// <exception cref="StackException">The library cannot take such a packet apart.</exception>
    object ConvertPacket(Packet packet, bool asCapture);
}

/// <summary>How an interface is opened.</summary>
public sealed record CaptureDriverOptions
{
    /// <summary>Frames that do not pass this expression in tcpdump's language do not arrive; null for all.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether to see frames that are for others.</summary>
    public bool Promiscuous { get; init; }

    /// <summary>Bytes that wait in the kernel at most before frames are lost; 0 for libpcap's own choice.</summary>
    public int BufferSize { get; init; } = 8 << 20;

    /// <summary>The largest IP packet in bytes that the interface carries; 0 for what the system says.</summary>
    public int Mtu { get; init; }
}
