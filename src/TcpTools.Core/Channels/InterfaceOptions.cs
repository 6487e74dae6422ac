using TcpTools.Packets;

namespace TcpTools.Channels;

/// <summary>How frames of an interface are received.</summary>
public sealed record InterfaceOptions
{
    /// <summary>Whether frames for other stations are wanted too. The interface goes back when the channel or its process ends.</summary>
    public bool Promiscuous { get; init; }

    /// <summary>Which way the frames go that are wanted: in, out, or (unknown) both. On the loopback device each is seen once.</summary>
    public FrameDirection Direction { get; init; } = FrameDirection.Incoming;

    /// <summary>
    /// Whether a thread of the channel's own takes frames from a ring that it shares with the kernel: for watching a lot of
    /// traffic without loss. Otherwise each frame is there the moment it arrives: for questions and answers.
    /// </summary>
    public bool Sniffs { get; init; }

    /// <summary>Bytes that the kernel may hold until they are taken.</summary>
    public int BufferSize { get; init; } = 32 << 20;
}
