using System;
using System.Collections.Generic;
using System.IO;

namespace TcpTools.Capture;

/// <summary>
/// Reads capture files frame by frame: pcapng, and classic pcap in micro- and nanoseconds, of either byte order, told
/// apart by their first bytes. Needs memory for one frame, whatever the file's size. A damaged file gives every frame
/// before the damage, then one <see cref="StackException"/>.
/// </summary>
public sealed class PcapReader : IDisposable
{
    /// <summary>Bytes of a frame at most; a file that claims more is damaged.</summary>
    public const int MaximumFrameLength = 1 << 20;

    private const int FileBufferBytes = 256 * 1024;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly ICaptureFileReader _reader;
    private bool _isFinished;

    /// <summary>Reads a stream, which is disposed with the reader unless <paramref name="leaveOpen"/> says otherwise.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidData"/>: this is no capture.</exception>
    public PcapReader(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
        CaptureInput input = new(stream);
        Span<byte> magic = stackalloc byte[4];
        if (input.Fill(magic) < magic.Length)
        {
            throw NoCapture();
        }

        uint number = input.UInt32(magic);
        if (number == PcapNgFacts.SectionHeader)
        {
            Format = CaptureFormat.PcapNg;
            _reader = new PcapNgFileReader(input);
            return;
        }

        Format = CaptureFormat.Pcap;
        input.BigEndian = (magic[0] & 0xF0) == 0xA0;
        number = input.UInt32(magic);
        _reader = number is PcapNgFacts.PcapMicroseconds or PcapNgFacts.PcapNanoseconds
            ? new PcapFileReader(input, number == PcapNgFacts.PcapNanoseconds)
            : throw NoCapture();
    }

    /// <summary>Which of the formats the file has.</summary>
    public CaptureFormat Format { get; }

    /// <summary>The interfaces that the file has named so far; those of pcapng may come at any place.</summary>
    public IReadOnlyList<CaptureInterface> Interfaces => _reader.Interfaces;

    /// <summary>The remark about the section being read; null when there is none.</summary>
    public string? Comment => _reader.Comment;

    /// <summary>What made the section being read; null when it does not say.</summary>
    public string? Application => _reader.Application;

    /// <summary>Frames read so far.</summary>
    public long FramesRead { get; private set; }

    /// <summary>Opens a capture file.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidData"/>: this is no capture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static PcapReader Open(string path)
    {
        FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileBufferBytes);
        try
        {
            return new PcapReader(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The next frame, whose bytes are valid until the next call; false at the end of the file.</summary>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidData"/>, once: the file is damaged here. Afterwards it has no more frames.
    /// </exception>
    public bool TryRead(out CapturedFrame frame)
    {
        frame = default;
        if (_isFinished)
        {
            return false;
        }

        // Stays set when reading throws.
        _isFinished = true;
        if (!_reader.TryRead(out frame))
        {
            return false;
        }

        _isFinished = false;
        FramesRead++;
        return true;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _isFinished = true;
        if (!_leaveOpen)
        {
            _stream.Dispose();
        }
    }

    private static StackException NoCapture() => new(
        StackError.InvalidData,
        "This is no capture: it starts as neither pcap nor pcapng files do.",
        "If the file is compressed, unpack it first.");
}

/// <summary>What the readers of both formats give.</summary>
internal interface ICaptureFileReader
{
    IReadOnlyList<CaptureInterface> Interfaces { get; }

    string? Comment { get; }

    string? Application { get; }

    bool TryRead(out CapturedFrame frame);
}
