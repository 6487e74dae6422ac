using System;
using PacketDotNet;
using SharpPcap;
using SharpPcap.LibPcap;
using TcpTools.Packets;
using Packet = TcpTools.Packets.Packet;

namespace TcpTools.Bridge;

/// <summary>A capture file read by libpcap, packet by packet, with times to the nanosecond and true lengths.</summary>
internal sealed class SharpPcapFile : IDisposable
{
    private readonly CaptureReaderDevice _device;
    private readonly bool _isOurs;
    private readonly PacketStart _start;
    private long _number;

    /// <summary>Opens the file, unless somebody has done so.</summary>
    public SharpPcapFile(CaptureReaderDevice device, string? filter)
    {
        _device = device;
        _isOurs = !device.Opened;
        if (_isOurs)
        {
            device.Open(new DeviceConfiguration { TimestampResolution = TimestampResolution.Nanosecond });
        }

        try
        {
            if (!string.IsNullOrEmpty(filter))
            {
                device.Filter = filter;
            }

            _start = FrameForm.StartOf(device.LinkType);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file's name.</summary>
    public string Name => _device.Name;

    /// <summary>What its frames are.</summary>
    public LinkLayers LinkType => _device.LinkType;

    /// <summary>The next frame; false at the end of the file.</summary>
    /// <exception cref="StackException">The file is damaged.</exception>
    public bool TryNext(out PacketCapture frame)
    {
        GetPacketStatus status = _device.GetNextPacket(out frame);
        return status switch
        {
            GetPacketStatus.PacketRead => true,
            GetPacketStatus.Error => throw new StackException(
                StackError.InvalidData,
                $"{Name} is damaged after packet {_number}: {_device.LastError}",
                "The packets before this place were read and are good."),
            _ => false,
        };
    }

    /// <summary>The next packet; null at the end of the file.</summary>
    public Packet? Next()
    {
        if (!TryNext(out PacketCapture frame))
        {
            return null;
        }

        byte[] bytes = frame.Data.ToArray();
        Packet packet = Packet.FromFrame(bytes, _start);
        packet.TimestampNanoseconds = (long)(frame.Header.Timeval.Value * 1_000_000_000m);
        packet.WireLength = Math.Max(bytes.Length, ((PcapHeader)frame.Header).PacketLength is var length and <= int.MaxValue ? (int)length : 0);
        packet.Number = ++_number;
        return packet;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_isOurs)
        {
            _device.Close();
        }
    }
}
