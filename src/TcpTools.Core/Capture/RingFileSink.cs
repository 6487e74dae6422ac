using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Threading;

namespace TcpTools.Capture;

/// <summary>When a capture goes on in another file, and how many of them stay.</summary>
public sealed record RingFileOptions
{
    /// <summary>Bytes after which the next file begins; 0 for no limit. A file ends with the frame that reaches it.</summary>
    public long MaximumFileSize { get; init; }

    /// <summary>How long a file may go on, by the frames' own time; zero for no limit.</summary>
    public TimeSpan MaximumTime { get; init; }

    /// <summary>How many files stay; the oldest goes when there would be more. 0: all do.</summary>
    public int FileCount { get; init; }

    /// <summary>Whether there is to be more than one file.</summary>
    public bool IsRing => MaximumFileSize > 0 || MaximumTime > TimeSpan.Zero;
}

/// <summary>
/// Writes captured frames to a file, or to one after the other: <c>x.pcapng</c> becomes <c>x_00001.pcapng</c>, <c>x_00002.pcapng</c>
/// and so on. Only files of its own making are removed. A file that can no longer be written ends the capture, not the
/// traffic: see <see cref="Failure"/>. Any thread may use it.
/// </summary>
public sealed class RingFileSink : ICaptureSink
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly PcapWriterOptions _options;
    private readonly RingFileOptions _ring;
    private readonly Queue<string> _files = new();
    private PcapWriter _writer;
    private long _bytesBefore;
    private long _framesBefore;
    private long _number;
    private long _dropped;
    private CaptureTime _firstTime;
    private bool _isFresh = true;
    private bool _disposed;

    /// <summary>Makes the first file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public RingFileSink(string path, PcapWriterOptions? options = null, RingFileOptions? ring = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _options = options ?? new PcapWriterOptions();
        _ring = ring ?? new RingFileOptions();
        _writer = Begin();
    }

    /// <summary>Why the capture ended before its time; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The files there are, oldest first.</summary>
    public IReadOnlyList<string> Files
    {
        get
        {
            lock (_lock)
            {
                return [.. _files];
            }
        }
    }

    /// <summary>Frames written, to files that are gone as well.</summary>
    public long FramesWritten
    {
        get
        {
            lock (_lock)
            {
                return _framesBefore + _writer.FramesWritten;
            }
        }
    }

    /// <summary>Bytes written, to files that are gone as well.</summary>
    public long BytesWritten
    {
        get
        {
            lock (_lock)
            {
                return _bytesBefore + _writer.BytesWritten;
            }
        }
    }

    /// <inheritdoc/>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <inheritdoc/>
    public void Add(in CapturedFrame frame)
    {
        lock (_lock)
        {
            if (!_disposed && Failure is null)
            {
                try
                {
                    if (IsFull(frame.Timestamp))
                    {
                        Turn();
                    }

                    _firstTime = _isFresh ? frame.Timestamp : _firstTime;
                    _isFresh = false;
                    _writer.Write(in frame);
                    return;
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or StackException)
                {
                    Failure = exception;
                }
            }

            _dropped++;
        }
    }

    /// <summary>Hands everything captured so far to the operating system, so that others can read it and no end of ours loses it.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_disposed && Failure is null)
            {
                try
                {
                    _writer.Flush();
                }
                catch (IOException exception)
                {
                    Failure = exception;
                }
            }
        }
    }

    /// <summary>Completes the last file; frames that come later are counted as dropped.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                _disposed = true;
                Close();
            }
        }
    }

    private bool IsFull(CaptureTime time) => !_isFresh
        && ((_ring.MaximumFileSize > 0 && _writer.BytesWritten >= _ring.MaximumFileSize)
            || (_ring.MaximumTime > TimeSpan.Zero
                && time.Nanoseconds - _firstTime.Nanoseconds >= _ring.MaximumTime.Ticks * TimeSpan.NanosecondsPerTick));

    private void Turn()
    {
        Close();
        _bytesBefore += _writer.BytesWritten;
        _framesBefore += _writer.FramesWritten;
        _writer = Begin();
        _isFresh = true;
        while (_ring.FileCount > 0 && _files.Count > _ring.FileCount)
        {
            File.Delete(_files.Dequeue());
        }
    }

    private PcapWriter Begin()
    {
        _number++;
        string path = !_ring.IsRing ? _path : Path.Combine(
            Path.GetDirectoryName(_path) ?? "",
            string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileNameWithoutExtension(_path)}_{_number:D5}{Path.GetExtension(_path)}"));
        PcapWriter writer = PcapWriter.Create(path, _options);
        _files.Enqueue(path);
        return writer;
    }

    private void Close()
    {
        try
        {
            _writer.Dispose();
        }
        catch (IOException exception)
        {
            Failure ??= exception;
        }
    }
}
