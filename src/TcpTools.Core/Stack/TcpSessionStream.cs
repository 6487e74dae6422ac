using System;
using System.IO;
using System.Threading;
using System.Threading.Tasks;

namespace TcpTools.Stack;

/// <summary>
/// A session as a .NET stream, for everything that works over one: TLS, readers of text, clients of HTTP. Reading and writing
/// go on beside each other, but there is one reader and one writer at a time. What goes wrong is an
/// <see cref="IOException"/> with the <see cref="StackException"/> inside. Over a virtual stack nothing is asynchronous: a read
/// that waits moves the network.
/// </summary>
public sealed class TcpSessionStream : Stream
{
    private readonly bool _leaveOpen;
    private int _readTimeout = Timeout.Infinite;
    private int _writeTimeout = Timeout.Infinite;
    private bool _disposed;

    internal TcpSessionStream(TcpSession session, bool leaveOpen)
    {
        Session = session;
        _leaveOpen = leaveOpen;
    }

    /// <summary>The session.</summary>
    public TcpSession Session { get; }

    /// <inheritdoc/>
    public override bool CanRead => !_disposed;

    /// <inheritdoc/>
    public override bool CanWrite => !_disposed;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanTimeout => true;

    /// <summary>How long a synchronous read waits, in milliseconds; -1 for no limit. Asynchronous ones are cancelled instead.</summary>
    public override int ReadTimeout
    {
        get => _readTimeout;
        set => _readTimeout = value is Timeout.Infinite or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>How long a synchronous write waits, in milliseconds; -1 for no limit. Asynchronous ones are cancelled instead.</summary>
    public override int WriteTimeout
    {
        get => _writeTimeout;
        set => _writeTimeout = value is Timeout.Infinite or > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <summary>A stream of a connection has none.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Length => throw new NotSupportedException();

    /// <summary>A stream of a connection has none.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    private bool IsVirtual => Session.Stack?.Mode == StackMode.Virtual;

    /// <summary>Says that this side writes no more: the peer reads to an end. Reading goes on.</summary>
    public void FinishWriting() => Session.Shutdown();

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return SessionReader.TakeHeld(Session, buffer) is > 0 and int held
                ? held
                : Session.ReadSome(buffer, TimeSpan.FromMilliseconds(_readTimeout));
        }
        catch (StackException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<int>(cancellationToken);
        }

        try
        {
            if (TryRead(buffer.Span, out int read))
            {
                return ValueTask.FromResult(read);
            }

            return IsVirtual
                ? ValueTask.FromResult(Session.ReadSome(buffer.Span, Timeout.InfiniteTimeSpan, cancellationToken))
                : ReadLater(buffer, cancellationToken);
        }
        catch (StackException e)
        {
            return ValueTask.FromException<int>(new IOException(e.Message, e));
        }
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            Session.WriteAll(buffer, TimeSpan.FromMilliseconds(_writeTimeout));
        }
        catch (StackException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            if (IsVirtual)
            {
                Session.WriteAll(buffer.Span, Timeout.InfiniteTimeSpan, cancellationToken);
                return default;
            }

            buffer = buffer[Session.Write(buffer.Span)..];
            return buffer.IsEmpty ? default : WriteLater(buffer, cancellationToken);
        }
        catch (StackException e)
        {
            return ValueTask.FromException(new IOException(e.Message, e));
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Does nothing: what is written is under way.</summary>
    public override void Flush()
    {
    }

    /// <summary>Does nothing: what is written is under way.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A stream of a connection cannot be moved in.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <summary>A stream of a connection has no length.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <summary>Closes the session, unless it was to be left open.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            if (!_leaveOpen)
            {
                Session.Close();
            }
        }

        base.Dispose(disposing);
    }

    private bool TryRead(Span<byte> buffer, out int read)
    {
        read = SessionReader.TakeHeld(Session, buffer);
        if (read > 0)
        {
            return true;
        }

        read = Session.TryRead(buffer, out bool isAtEnd);
        // An empty read asks whether there is something to read.
        return read > 0 || isAtEnd || (buffer.IsEmpty && Session.Available > 0);
    }

    private async ValueTask<int> ReadLater(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using AsyncWaiter waiter = new(Session);
        while (true)
        {
            Task signal = waiter.Rearm();
            try
            {
                if (TryRead(buffer.Span, out int read))
                {
                    return read;
                }
            }
            catch (StackException e)
            {
                throw new IOException(e.Message, e);
            }

            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask WriteLater(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        using AsyncWaiter waiter = new(Session);
        while (true)
        {
            Task signal = waiter.Rearm();
            try
            {
                buffer = buffer[Session.Write(buffer.Span)..];
            }
            catch (StackException e)
            {
                throw new IOException(e.Message, e);
            }

            if (buffer.IsEmpty)
            {
                return;
            }

            await signal.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
