using System;
using System.Globalization;
using System.IO;
using System.Runtime.CompilerServices;
using SharpPcap;
using SharpPcap.LibPcap;
using TcpTools.Buffers;
using TcpTools.Capture;
using TcpTools.Links;

namespace TcpTools.Bridge;

/// <summary>
/// An interface of the host's through SharpPcap and libpcap. Passive like every link: SharpPcap's own capture thread, which
/// polls twice a second, loses the last frames when it is stopped and must not meet a closing device, is not used. The
/// device is in non-blocking mode, its descriptor tells when frames have come, and whoever has the link takes them. What
/// the host sends does not come back: by libpcap's direction and not by a filter with "inbound" in it, which libpcap
/// cannot apply to what waits when it is set and so loses.
/// </summary>
internal sealed unsafe class SharpPcapLink : ILink
{
    private const int SnapLength = ushort.MaxValue;
    private const int UsualMtu = 1500;

    // Milliseconds that a frame may wait for company. Immediate mode would spare it, but has a slot of the whole snapshot
    // length for each frame: a burst of 128 frames would fill 8 MB.
    private const int ReadTimeout = 1;

    private readonly LibPcapLiveDevice _device;
    private readonly bool _isOurs;
    private readonly TimestampResolution _resolution;
    private readonly int _descriptor;
    private bool _isGone;

    private SharpPcapLink(LibPcapLiveDevice device, bool isOurs, CaptureDriverOptions options)
    {
        _device = device;
        _isOurs = isOurs;
        Name = device.Name;
        Capabilities = new LinkCapabilities { Medium = FrameForm.MediumOf(device.LinkType, device.Name), Mtu = options.Mtu > 0 ? options.Mtu : MtuOf(device.Name) };
        _resolution = device.TimestampResolution;
        _descriptor = FileDescriptor(device);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public LinkCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public LinkCounters Counters { get; } = new();

    /// <summary>The device's descriptor; -1 once the device is gone.</summary>
    public int PollDescriptor => _isGone ? -1 : _descriptor;

    /// <inheritdoc/>
    public Instant NextDeadline => Instant.Never;

    /// <inheritdoc/>
    public Action? Readable { get; set; }

    /// <summary>Opens a device, or takes one that is open, and makes it a link.</summary>
    public static SharpPcapLink Open(LibPcapLiveDevice device, CaptureDriverOptions options)
    {
        if (device.Started)
        {
            throw new StackException(
                StackError.LinkInUse,
                $"The device {device.Name} is capturing in the background, and would take every other frame.",
                "Call its StopCapture() first.");
        }

        bool isOurs = !device.Opened;
        if (isOurs)
        {
            device.Open(new DeviceConfiguration
            {
                Mode = options.Promiscuous ? DeviceModes.Promiscuous : DeviceModes.None,
                Snaplen = SnapLength,
                ReadTimeout = ReadTimeout,

                // Not KernelBufferSize, which is Windows' and throws on Linux.
                BufferSize = options.BufferSize > 0 ? options.BufferSize : null,
            });
        }

        try
        {
            device.NonBlockingMode = true;
            LibPcap.SetDirection(device.Handle, LibPcap.Incoming);
            if (!string.IsNullOrEmpty(options.Filter))
            {
                device.Filter = options.Filter;
            }

            return new SharpPcapLink(device, isOurs, options);
        }
        catch
        {
            if (isOurs)
            {
                device.Close();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public int Send(ReadOnlySpan<PacketBuffer> frames, Instant now)
    {
        foreach (PacketBuffer frame in frames)
        {
            int length = frame.Length;
            try
            {
                _device.SendPacket(frame.Span);
                Counters.SentFrames++;
                Counters.SentBytes += length;
            }
            catch (Exception e) when (e is PcapException or DeviceNotReadyException or ObjectDisposedException)
            {
                // Too long, the interface down, no room: libpcap has one code for all of them.
                Counters.SendDrops++;
            }

            frame.Release();
        }

        return frames.Length;
    }

    /// <inheritdoc/>
    public int Receive(Span<PacketBuffer> frames, Instant now)
    {
        int count = 0;
        while (count < frames.Length && !_isGone)
        {
            nint header = 0;
            nint data = 0;
            int status = Next(ref header, ref data);
            if (status <= 0)
            {
                _isGone = status < 0;
                break;
            }

            PcapHeader about = PcapHeader.FromPointer(header, _resolution);
            int length = (int)about.CaptureLength;
            if (length is 0 or > PacketBufferPool.LargeFrame || about.PacketLength > about.CaptureLength)
            {
                Counters.ReceiveDrops++;
                continue;
            }

            PacketBuffer frame = PacketBufferPool.Shared.Rent(length);
            new ReadOnlySpan<byte>((void*)data, length).CopyTo(frame.Append(length));
            frame.Timestamp = now;
            Counters.ReceivedFrames++;
            Counters.ReceivedBytes += length;
            frames[count++] = frame;
        }

        return count;
    }

    /// <summary>Closes the device where it was opened here. No other call may be under way.</summary>
    public void Dispose()
    {
        _isGone = true;
        if (_isOurs)
        {
            _device.Close();
        }
        else if (_device.Opened)
        {
            LibPcap.SetDirection(_device.Handle, LibPcap.Both);
            _device.NonBlockingMode = false;
        }
    }

    private int Next(ref nint header, ref nint data)
    {
        try
        {
            // Not GetNextPacket, which waits half a second for a frame.
            return _device.Opened ? _device.GetNextPacketPointers(ref header, ref data) : -1;
        }
        catch (ObjectDisposedException)
        {
            return -1;
        }
    }

    private static int MtuOf(string name)
    {
        string file = $"/sys/class/net/{name}/mtu";
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out int mtu) ? mtu : UsualMtu;
    }

    /// <summary>What their own loop polls; they give it to derived classes only.</summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "FileDescriptor")]
    private static extern ref int FileDescriptor(PcapDevice device);
}
