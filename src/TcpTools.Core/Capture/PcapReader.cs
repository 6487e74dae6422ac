using System;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>
/// Reads capture files frame by frame: pcapng, classic pcap in micro- and nanoseconds, both of either byte order, the
/// modified pcap of older Linux, and ERF; told apart by their first bytes, compressed by gzip or not. Needs memory for one
/// frame, whatever the file's size. A damaged file gives every frame before the damage, then one
/// <see cref="StackException"/>.
/// </summary>
public sealed class PcapReader : IDisposable
{
    /// <summary>Bytes of a frame at most; a file that claims more is damaged.</summary>
    public const int MaximumFrameLength = 1 << 20;

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly CaptureNotes _notes = new();
    private readonly ICaptureFileReader _reader;
    private bool _isFinished;

    /// <summary>
    /// Reads a stream, which need not be able to seek, and is disposed with the reader unless
    /// <paramref name="leaveOpen"/> says otherwise.
    /// </summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidData"/>: this is no capture.</exception>
    public PcapReader(Stream stream, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        _leaveOpen = leaveOpen;
        Stream plain = CaptureSource.Unpack(stream);
        IsCompressed = plain is GzipSource;
        CaptureInput input = new(plain);
        ReadOnlySpan<byte> magic = input.Peek(4);
        if (magic.Length < 4)
        {
            throw NoCapture(magic.IsEmpty);
        }

        if (input.UInt32(magic) == PcapNgFacts.SectionHeader)
        {
            Format = CaptureFormat.PcapNg;
            _reader = new PcapNgFileReader(input, _notes);
            return;
        }

        input.BigEndian = (magic[0] & 0xF0) == 0xA0;
        uint number = input.UInt32(magic);
        if (number is PcapNgFacts.PcapMicroseconds or PcapNgFacts.PcapNanoseconds or PcapNgFacts.PcapModified)
        {
            Format = CaptureFormat.Pcap;
            IsBigEndian = input.BigEndian;
            Nanoseconds = number == PcapNgFacts.PcapNanoseconds;
            input.Take(4);
            _reader = new PcapFileReader(input, _notes, number);
            return;
        }

        Format = CaptureFormat.Erf;
        _reader = ErfFileReader.IsPlausible(input) ? new ErfFileReader(input, _notes) : throw NoCapture(isEmpty: false);
    }

    /// <summary>Which of the formats the file has.</summary>
    public CaptureFormat Format { get; }

    /// <summary>Whether the file is compressed.</summary>
    public bool IsCompressed { get; }

    /// <summary>The interfaces that the section being read has named so far; those of pcapng may come at any place.</summary>
    public IReadOnlyList<CaptureInterface> Interfaces => _notes.Interfaces;

    /// <summary>The remark about the section being read; null when there is none.</summary>
    public string? Comment => _notes.Comment;

    /// <summary>What made the section being read; null when it does not say.</summary>
    public string? Application => _notes.Application;

    /// <summary>The hardware that the section being read was made on; null when it does not say.</summary>
    public string? Hardware => _notes.Hardware;

    /// <summary>The operating system that the section being read was made on; null when it does not say.</summary>
    public string? OperatingSystem => _notes.OperatingSystem;

    /// <summary>Names of addresses that the file has told so far, at most 65536.</summary>
    public IReadOnlyDictionary<NetworkAddress, IReadOnlyList<string>> Names => _notes.Names;

    /// <summary>The latest counts of each interface that the file has told so far; mostly at its end.</summary>
    public IReadOnlyCollection<CaptureInterfaceStatistics> Statistics => _notes.Statistics;

    /// <summary>Keys to decrypt frames that the file has told so far, at most 16 MiB.</summary>
    public IReadOnlyList<CaptureSecrets> Secrets => _notes.Secrets;

    /// <summary>Frames read so far.</summary>
    public long FramesRead { get; private set; }

    /// <summary>Whether a classic file has its numbers most significant byte first.</summary>
    internal bool IsBigEndian { get; }

    /// <summary>Whether a classic file has its times in nanoseconds.</summary>
    internal bool Nanoseconds { get; }

    /// <summary>Opens a capture file or a pipe.</summary>
    /// <param name="path">The file.</param>
    /// <param name="follow">Whether to wait at the file's end for what may still be written to it.</param>
    /// <param name="stop">Ends waiting for a pipe, and for what a file that is followed may still get.</param>
    /// <exception cref="StackException"><see cref="StackError.InvalidData"/>: this is no capture.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    /// <exception cref="OperationCanceledException">Waiting was stopped.</exception>
    public static PcapReader Open(string path, bool follow = false, CancellationToken stop = default)
    {
        Stream file = CaptureSource.Open(path, follow, stop);
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

    private static StackException NoCapture(bool isEmpty) => new(
        StackError.InvalidData,
        isEmpty ? "This is no capture: it is empty." : "This is no capture: it starts as no pcap, pcapng or ERF file does.",
        "What is read: pcap, pcapng and ERF, also compressed by gzip.");
}

/// <summary>What the readers of all formats give.</summary>
internal interface ICaptureFileReader
{
    bool TryRead(out CapturedFrame frame);
}
