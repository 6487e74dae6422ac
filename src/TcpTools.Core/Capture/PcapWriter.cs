using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using TcpTools.Packets;

namespace TcpTools.Capture;

/// <summary>
/// Writes capture files: pcapng, classic pcap or ERF. Interfaces are declared when their first frame comes. Writing a frame
/// allocates nothing. Not for several threads at once.
/// </summary>
public sealed partial class PcapWriter : IDisposable
{
    private const int FileBufferBytes = 256 * 1024;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly EndianWriter _writer;
    private readonly List<CaptureInterface> _interfaces = [];
    private bool _isStarted;
    private bool _isAppended;
    private bool _disposed;

    /// <summary>Writes to a stream, which is disposed with the writer unless <paramref name="leaveOpen"/> says otherwise.</summary>
    /// <exception cref="StackException">An option means nothing.</exception>
    public PcapWriter(Stream stream, PcapWriterOptions? options = null, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new PcapWriterOptions();
        if (options.SnapLength < 1)
        {
            throw new StackException(StackError.InvalidArgument, "At least one byte of each frame must be kept.");
        }

        _stream = options.Compress ? new GZipStream(stream, CompressionLevel.Optimal, leaveOpen) : stream;
        _leaveOpen = leaveOpen && !options.Compress;
        Options = options;
        _writer = new EndianWriter(options.BigEndian);
    }

    /// <summary>How the file is written.</summary>
    public PcapWriterOptions Options { get; }

    /// <summary>Frames written.</summary>
    public long FramesWritten { get; private set; }

    /// <summary>Bytes written, headers included, as they are before any compression.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Makes a file, or empties one that exists.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static PcapWriter Create(string path, PcapWriterOptions? options = null) =>
        new(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, FileBufferBytes), options);

    /// <summary>Declares an interface before its first frame, so that it is in the file even if none comes.</summary>
    /// <returns>The interface's number.</returns>
    /// <exception cref="StackException">A classic pcap file cannot hold frames of a second link type.</exception>
    public int AddInterface(CaptureInterface description)
    {
        ArgumentNullException.ThrowIfNull(description);
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int i = 0; i < _interfaces.Count; i++)
        {
            // By identity: two interfaces may well be called the same.
            if (ReferenceEquals(_interfaces[i], description))
            {
                return i;
            }
        }

        bool isClassic = Options.Format == CaptureFormat.Pcap;
        if (Options.Format == CaptureFormat.Erf)
        {
            _ = ErfTypeOf(description.LinkType);
        }

        if (isClassic && _interfaces.Count > 0 && _interfaces[0].LinkType != description.LinkType)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"A pcap file holds frames of one link type, here {_interfaces[0].LinkType}, not also {description.LinkType}.",
                "Write pcapng, or one file for each link type.");
        }

        Start(description);
        _interfaces.Add(description);
        if (Options.Format == CaptureFormat.PcapNg)
        {
            WriteInterface(description);
        }

        return _interfaces.Count - 1;
    }

    /// <summary>Writes a frame.</summary>
    /// <exception cref="StackException">A classic pcap file cannot hold frames of a second link type.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(in CapturedFrame frame)
    {
        int number = AddInterface(frame.Interface);
        ReadOnlySpan<byte> bytes = frame.Bytes;
        uint wireLength = (uint)Math.Max(frame.WireLength, bytes.Length);
        if (bytes.Length > Options.SnapLength)
        {
            bytes = bytes[..Options.SnapLength];
        }

        ulong time = (ulong)Math.Max(frame.Timestamp.Nanoseconds, 0) / (Options.Nanoseconds ? 1UL : 1000UL);
        if (Options.Format == CaptureFormat.Pcap)
        {
            WriteRecord(time, bytes, wireLength);
        }
        else if (Options.Format == CaptureFormat.Erf)
        {
            WriteErfRecord(number, in frame, bytes, wireLength);
        }
        else
        {
            WritePacketBlock(number, time, in frame, bytes, wireLength);
        }

        FramesWritten++;
    }

    /// <summary>Hands everything written so far to the operating system.</summary>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _stream.Flush();
    }

    /// <summary>Completes the file. A capture without frames is a valid file too.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            Start(new CaptureInterface());
            _stream.Flush();
        }
        finally
        {
            _disposed = true;
            if (!_leaveOpen)
            {
                _stream.Dispose();
            }
        }
    }

    private void Start(CaptureInterface first)
    {
        if (_isStarted)
        {
            return;
        }

        _isStarted = true;
        if (Options.Format == CaptureFormat.Pcap)
        {
            if (_isAppended)
            {
                return;
            }

            _writer.Clear();
            _writer.UInt32(Options.Nanoseconds ? PcapNgFacts.PcapNanoseconds : PcapNgFacts.PcapMicroseconds);
            _writer.UInt16(PcapNgFacts.PcapMajorVersion);
            _writer.UInt16(PcapNgFacts.PcapMinorVersion);
            _writer.UInt32(0);
            _writer.UInt32(0);
            _writer.UInt32((uint)Options.SnapLength);
            _writer.UInt32((uint)first.LinkType);
        }
        else if (Options.Format == CaptureFormat.PcapNg)
        {
            _writer.BeginBlock(PcapNgFacts.SectionHeader);
            _writer.UInt32(PcapNgFacts.ByteOrderMagic);
            _writer.UInt16(PcapNgFacts.MajorVersion);
            _writer.UInt16(0);
            // The section's length is not known in advance; all ones say so.
            _writer.UInt32(uint.MaxValue);
            _writer.UInt32(uint.MaxValue);
            _writer.Option(PcapNgFacts.Comment, Options.Comment);
            _writer.Option(PcapNgFacts.SectionApplication, Options.Application);
            _writer.Option(PcapNgFacts.EndOfOptions, []);
            _writer.EndBlock();
        }
        else
        {
            return;
        }

        Emit();
    }

    private void WriteInterface(CaptureInterface description)
    {
        _writer.BeginBlock(PcapNgFacts.InterfaceDescription);
        _writer.UInt16((int)description.LinkType);
        _writer.UInt16(0);
        int own = description.SnapLength;
        _writer.UInt32((uint)(own > 0 ? Math.Min(own, Options.SnapLength) : Options.SnapLength));
        _writer.Option(PcapNgFacts.InterfaceName, description.Name);
        _writer.Option(PcapNgFacts.InterfaceDescriptionText, description.Description);
        WriteAddresses(description);
        WriteSpeed(description.Speed);
        if (description.Filter is { } filter)
        {
            // The first byte says that text follows.
            _writer.Option(PcapNgFacts.InterfaceFilter, "\0" + filter);
        }

        _writer.Option(PcapNgFacts.InterfaceOperatingSystem, description.OperatingSystem);
        _writer.Option(PcapNgFacts.InterfaceHardware, description.Hardware);
        _writer.Option(PcapNgFacts.Comment, description.Comment);
        if (description.FrameCheckLength is { } check)
        {
            _writer.Option(PcapNgFacts.InterfaceFrameCheckLength, [(byte)check]);
        }

        _writer.Option(PcapNgFacts.InterfaceTimeResolution, [Options.Nanoseconds ? (byte)9 : (byte)6]);
        _writer.Option(PcapNgFacts.EndOfOptions, []);
        _writer.EndBlock();
        Emit();
    }

    private void WriteRecord(ulong time, ReadOnlySpan<byte> bytes, uint wireLength)
    {
        ulong units = Options.Nanoseconds ? 1_000_000_000UL : 1_000_000UL;
        _writer.Clear();
        _writer.UInt32((uint)Math.Min(time / units, uint.MaxValue));
        _writer.UInt32((uint)(time % units));
        _writer.UInt32((uint)bytes.Length);
        _writer.UInt32(wireLength);
        _writer.Bytes(bytes);
        Emit();
    }

    private void WritePacketBlock(int number, ulong time, in CapturedFrame frame, ReadOnlySpan<byte> bytes, uint wireLength)
    {
        _writer.BeginBlock(PcapNgFacts.EnhancedPacket);
        _writer.UInt32((uint)number);
        _writer.UInt32((uint)(time >> 32));
        _writer.UInt32((uint)time);
        _writer.UInt32((uint)bytes.Length);
        _writer.UInt32(wireLength);
        _writer.Bytes(bytes);
        _writer.Pad();
        if (frame.Direction != FrameDirection.Unknown || frame.Comment is not null || frame.LostBefore is not null)
        {
            _writer.Option(PcapNgFacts.Comment, frame.Comment);
            _writer.Option(PcapNgFacts.PacketFlags, (uint)frame.Direction);
            if (frame.LostBefore is { } lost)
            {
                _writer.Option(PcapNgFacts.PacketDropCount, (ulong)lost);
            }

            _writer.Option(PcapNgFacts.EndOfOptions, []);
        }

        _writer.EndBlock();
        Emit();
    }

    private void Emit()
    {
        _stream.Write(_writer.Written);
        BytesWritten += _writer.Written.Length;
    }
}
