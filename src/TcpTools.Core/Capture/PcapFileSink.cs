using System;
using System.IO;
using System.Threading;

namespace TcpTools.Capture;

/// <summary>
/// Writes captured frames to a file. A file that can no longer be written (a full disk) ends the capture, not the
/// traffic: see <see cref="Failure"/>.
/// </summary>
public sealed class PcapFileSink : ICaptureSink
{
    private readonly Lock _lock = new();
    private readonly PcapWriter _writer;
    private long _dropped;
    private bool _disposed;

    /// <summary>Captures with a writer, which then belongs to the sink.</summary>
    public PcapFileSink(PcapWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        _writer = writer;
    }

    /// <summary>Captures into a new file.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public PcapFileSink(string path, PcapWriterOptions? options = null)
        : this(PcapWriter.Create(path, options))
    {
    }

    /// <summary>Why the capture ended before its time; null while all is well.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Frames written.</summary>
    public long FramesWritten
    {
        get
        {
            lock (_lock)
            {
                return _writer.FramesWritten;
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
                    _writer.Write(in frame);
                    return;
                }
                catch (Exception exception) when (exception is IOException or StackException or ObjectDisposedException)
                {
                    Failure = exception;
                }
            }

            Interlocked.Increment(ref _dropped);
        }
    }

    /// <summary>Hands everything captured so far to the operating system, so that others can read it.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (!_disposed && Failure is null)
            {
                _writer.Flush();
            }
        }
    }

    /// <summary>Completes and closes the file; frames that come later are counted as dropped.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
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
}
