using System;
using SharpPcap;
using SharpPcap.LibPcap;
using TcpTools.Buffers;
using TcpTools.Links;

namespace TcpTools.Bridge;

/// <summary>A capture file as a link: gives its frames in order, as fast as they are taken, and swallows what is sent.</summary>
internal sealed class SharpPcapFileLink : ILink
{
    private readonly SharpPcapFile _file;
    private bool _isAtEnd;

    public SharpPcapFileLink(CaptureReaderDevice device)
    {
        _file = new SharpPcapFile(device, null);
        try
        {
            Capabilities = new LinkCapabilities { Medium = FrameForm.MediumOf(_file.LinkType, device.Name), Mtu = ushort.MaxValue };
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name => _file.Name;

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <inheritdoc/>
    public int PollDescriptor => -1;

    /// <summary>At once, until the file has ended.</summary>
    public Instant NextDeadline => _isAtEnd ? Instant.Never : default;

    /// <inheritdoc/>
    public Action? Readable { get; set; }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        foreach (PacketBuffer frame in frames)
        {
            frame.Release();
            Counters.SendDrops++;
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        int count = 0;
        while (count < frames.Length && !_isAtEnd)
        {
            if (!TryNext(out PacketCapture next))
            {
                _isAtEnd = true;
                break;
            }

            int length = next.Data.Length;
            if (length is 0 or > PacketBufferPool.LargeFrame)
            {
                Counters.ReceiveDrops++;
                continue;
            }

            PacketBuffer frame = PacketBufferPool.Shared.Rent(length);
            next.Data.CopyTo(frame.Append(length));
            frame.Timestamp = now;
            Counters.ReceivedFrames++;
            Counters.ReceivedBytes += length;
            frames[count++] = frame;
        }

        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _isAtEnd = true;
        _file.Dispose();
    }

    private bool TryNext(out PacketCapture frame)
    {
        try
        {
            return _file.TryNext(out frame);
        }
        catch (StackException)
        {
            // A link does not throw for what a frame contains: the file ends where it is damaged.
            Counters.ReceiveDrops++;
            frame = default;
            return false;
        }
    }
}
