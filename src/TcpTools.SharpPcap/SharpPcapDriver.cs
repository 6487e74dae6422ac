using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using PacketDotNet;
using SharpPcap;
using SharpPcap.LibPcap;
using TcpTools.Capture;
using TcpTools.Links;
using Packet = TcpTools.Packets.Packet;

namespace TcpTools.Bridge;

/// <summary>SharpPcap's devices and files as links, and packets as objects of SharpPcap's and PacketDotNet's.</summary>
public sealed class SharpPcapDriver : ICaptureDriver
{
    private const string LibraryAdvice = "SharpPcap needs libpcap: apt-get install libpcap0.8.";

    /// <inheritdoc/>
    public string Name => "SharpPcap";

    /// <inheritdoc/>
    public IReadOnlyList<string> ListInterfaces() => Guard("list interfaces", () =>
        (IReadOnlyList<string>)[.. LibPcapLiveDeviceList.New().Select(device => device.Name)]);

    /// <inheritdoc/>
    public ILink OpenInterface(string name, CaptureDriverOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        return Guard($"open the interface {name}", () =>
        {
            // A list of its own each time: the shared one knows only the interfaces of the first look, and what is closed
            // there is closed for everybody.
            LibPcapLiveDevice device = LibPcapLiveDeviceList.New().FirstOrDefault(device => device.Name == name)
                ?? throw new StackException(
                    StackError.InvalidArgument,
                    $"SharpPcap finds no interface '{name}'.",
                    "Only root sees interfaces through libpcap. 'ip link' lists what there is.");
            return SharpPcapLink.Open(device, options);
        });
    }

    /// <inheritdoc/>
    public ILink? TryOpenDevice(object device, CaptureDriverOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return device switch
        {
            CaptureReaderDevice file => Guard($"read {file.Name}", () => new SharpPcapFileLink(file)),
            LibPcapLiveDevice live => Guard($"open the interface {live.Name}", () => SharpPcapLink.Open(live, options)),
            ICaptureDevice other => throw new StackException(
                StackError.InvalidArgument,
                $"'{other.Name}' ({other.GetType().Name}) cannot be a link: nothing tells when its frames arrive.",
                "Give a LibPcapLiveDevice or a CaptureFileReaderDevice."),
            _ => null,
        };
    }

    /// <inheritdoc/>
    public ILink OpenFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireFile(path);
        return Guard($"read {path}", () => new SharpPcapFileLink(new CaptureFileReaderDevice(path)));
    }

    /// <inheritdoc/>
    public IEnumerable<Packet> ReadFile(string path, string? filter = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireFile(path);
        SharpPcapFile file = Guard($"read {path}", () => new SharpPcapFile(new CaptureFileReaderDevice(path), filter));
        return Iterate(file);

        static IEnumerable<Packet> Iterate(SharpPcapFile file)
        {
            using (file)
            {
                while (Guard($"read {file.Name}", file.Next) is { } packet)
                {
                    yield return packet;
                }
            }
        }
    }

    /// <inheritdoc/>
    public object ConvertPacket(Packet packet, bool asCapture)
    {
        ArgumentNullException.ThrowIfNull(packet);
        byte[] bytes = packet.ToBytes();
        LinkLayers layers = FrameForm.LinkLayersOf(packet.Start);
        if (asCapture)
        {
            PosixTimeval time = new(0, 0) { Value = (packet.TimestampNanoseconds ?? 0) / 1_000_000_000m };
            return new RawCapture(layers, time, bytes, packet.WireLength);
        }

        try
        {
            // By bytes and nothing else: their setters refuse what ours allow, and their option lists never end where an
            // option has no length.
            return PacketDotNet.Packet.ParsePacket(layers, bytes);
        }
#pragma warning disable CA1031 // Whatever a parser of theirs throws at malformed bytes means one thing.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            throw new StackException(
                StackError.InvalidData,
                $"PacketDotNet cannot take the packet apart: {exception.Message}",
                "ConvertTo-PacketDotNet -AsRawCapture gives the bytes as they are.",
                exception);
        }
    }

    /// <summary>Does something with their library, and turns what it throws into one kind of exception.</summary>
    internal static T Guard<T>(string what, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (PcapException e) when (e.Error is PcapError.PermissionDenied or PcapError.PromiscuousPermissionDenied)
        {
            throw new StackException(StackError.NotPermitted, $"The process may not {what}: {e.Message}", "It needs root, or CAP_NET_RAW.", e);
        }
        catch (PcapException e)
        {
            throw new StackException(StackError.SystemError, $"libpcap cannot {what}: {e.Message}", "", e);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or TypeInitializationException)
        {
            throw new StackException(StackError.SystemError, $"SharpPcap cannot {what}: {e.Message}", LibraryAdvice, e);
        }
        catch (Exception e) when (e is DeviceNotReadyException or InvalidOperationDuringBackgroundCaptureException)
        {
            throw new StackException(StackError.SystemError, $"SharpPcap cannot {what}: {e.Message}", "", e);
        }
    }

    private static void RequireFile(string path)
    {
        if (!File.Exists(path))
        {
            throw new StackException(StackError.InvalidArgument, $"There is no file {path}.");
        }
    }
}
