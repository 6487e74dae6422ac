using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>Finds the end of a message.</summary>
/// <param name="bytes">The bytes that are there, from the first of the message. Those that were seen before come again.</param>
/// <param name="isEnd">Whether nothing follows: the peer has finished.</param>
/// <returns>How many of the bytes belong to the message; 0 when more are needed.</returns>
public delegate int MessageCut(ReadOnlySpan<byte> bytes, bool isEnd);

/// <summary>
/// Reads a session in the pieces that people ask for: lines, up to a mark, so many bytes, all there is. It takes from the
/// session no more than it gives, so that <see cref="TcpSession.Available"/> stays true, and what it holds when a time
/// limit ends a read is there for the next one. Several threads may use it; their reads follow one another.
/// </summary>
[SuppressMessage(
    "Design", "CA1001", Justification = "A semaphore without a wait handle holds nothing, and the reader lives as long as its session.")]
public sealed class SessionReader
{
    private const int ChunkSize = 65536;

    private static readonly ConditionalWeakTable<TcpSession, SessionReader> s_readers = new();

    private readonly TcpSession _session;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly byte[] _chunk = new byte[ChunkSize];
    private byte[] _held = [];
    private int _count;

    private SessionReader(TcpSession session)
    {
        _session = session;
    }

    /// <summary>Bytes taken from the session in a read that did not come to its end.</summary>
    public int Held => Volatile.Read(ref _count);

    /// <summary>The one reader of a session.</summary>
    public static SessionReader For(TcpSession session) => s_readers.GetValue(session, s => new SessionReader(s));

    /// <summary>Takes what the session's reader, if it has one, holds; 0 when that is nothing.</summary>
    internal static int TakeHeld(TcpSession session, Span<byte> destination)
    {
        if (destination.IsEmpty || !s_readers.TryGetValue(session, out SessionReader? reader) || reader.Held == 0)
        {
            return 0;
        }

        reader._turn.Wait();
        try
        {
            int count = Math.Min(destination.Length, reader._count);
            reader.Take(count).CopyTo(destination);
            return count;
        }
        finally
        {
            reader._turn.Release();
        }
    }

    /// <summary>Waits for data and gives what there is, <paramref name="most"/> bytes at most.</summary>
    /// <returns>At least one byte, or none at the end of the peer's data.</returns>
    /// <exception cref="StackException">As for <see cref="TcpSession.ReadSome"/>.</exception>
    public byte[] ReadAvailable(int most, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        InTurn(() =>
        {
            // What is held comes before an error that has ended the session since.
            if (_count == 0 && !Await(timeout, cancellationToken))
            {
                return [];
            }

            // Only what is there: a further read would tell of the session's end, and what came before it would be late.
            while (_count < most && _session.Available > 0)
            {
                Append(_session.Read(_chunk.AsSpan(0, Math.Min(ChunkSize, most - _count))));
            }

            return Take(Math.Min(most, _count));
        }, cancellationToken);

    /// <summary>Reads so many bytes, waiting at most <paramref name="timeout"/> for each further arrival.</summary>
    /// <returns>The bytes; fewer when the peer finished before.</returns>
    /// <exception cref="StackException">As for <see cref="TcpSession.ReadSome"/>; what came until then is kept.</exception>
    public byte[] ReadExactly(int count, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        InTurn(() =>
        {
            bool more = true;
            while (_count < count && more)
            {
                int got = _session.ReadSome(
                    _chunk.AsSpan(0, Math.Min(ChunkSize, count - _count)), timeout, cancellationToken);
                more = Append(got) > 0;
            }

            return Take(Math.Min(count, _count));
        }, cancellationToken);

    /// <summary>Reads to the end of the peer's data, waiting at most <paramref name="timeout"/> for each further arrival.</summary>
    /// <param name="timeout">How long to wait for each further arrival.</param>
    /// <param name="progress">Is told how many bytes there are so far.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StackException">As for <see cref="TcpSession.ReadSome"/>; what came until then is kept.</exception>
    public byte[] ReadToEnd(
        TimeSpan timeout, Action<int>? progress = null, CancellationToken cancellationToken = default) =>
        InTurn(() =>
        {
            while (Append(_session.ReadSome(_chunk, timeout, cancellationToken)) > 0)
            {
                progress?.Invoke(_count);
            }

            return Take(_count);
        }, cancellationToken);

    /// <summary>
    /// Reads up to and including a mark, waiting at most <paramref name="timeout"/> for each further arrival.
    /// </summary>
    /// <param name="mark">The bytes to read through; not empty.</param>
    /// <param name="timeout">How long to wait for each further arrival.</param>
    /// <param name="isComplete">False when the peer finished without the mark; the result is then the rest of its data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StackException">As for <see cref="TcpSession.ReadSome"/>; what came until then is kept.</exception>
    public byte[] ReadThrough(
        ReadOnlyMemory<byte> mark, TimeSpan timeout, out bool isComplete, CancellationToken cancellationToken = default)
    {
        if (mark.IsEmpty)
        {
            throw new StackException(StackError.InvalidArgument, "A mark to read through has at least one byte.");
        }

        bool found = false;
        byte[] result = InTurn(() =>
        {
            int end = _held.AsSpan(0, _count).IndexOf(mark.Span);
            while (end < 0)
            {
                int searched = Math.Max(0, _count - mark.Length + 1);
                if (!Await(timeout, cancellationToken))
                {
                    return Take(_count);
                }

                // Looked at before it is taken, so that what follows the mark stays in the session.
                int taken = _count;
                int seen = _session.Peek(_chunk);
                Append(seen);
                end = _held.AsSpan(searched, _count - searched).IndexOf(mark.Span);
                end = end < 0 ? -1 : end + searched;
                int wanted = end < 0 ? seen : Math.Max(0, end + mark.Length - taken);
                _count = taken;
                Append(_session.Read(_chunk.AsSpan(0, wanted)));
            }

            found = true;
            return Take(end + mark.Length);
        }, cancellationToken);
        isComplete = found;
        return result;
    }

    /// <summary>
    /// Reads one message, waiting at most <paramref name="timeout"/> for each further arrival. What follows it stays for the
    /// next read, and so does all that came when no message comes of it, for whatever reason.
    /// </summary>
    /// <param name="cut">Finds the message's end; what it throws ends the read.</param>
    /// <param name="most">Bytes that a message has at most.</param>
    /// <param name="timeout">How long to wait for each further arrival.</param>
    /// <param name="isComplete">False when the peer finished in the message; the result is then the rest of its data.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StackException">
    /// As for <see cref="TcpSession.ReadSome"/>; <see cref="StackError.MessageTooLong"/>.
    /// </exception>
    public byte[] ReadMessage(
        MessageCut cut, int most, TimeSpan timeout, out bool isComplete, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cut);
        bool found = false;
        byte[] result = InTurn(() =>
        {
            int end = _count > 0 ? Cut(cut, isEnd: false) : 0;
            while (end == 0)
            {
                if (_count >= most)
                {
                    throw TooLong(most);
                }

                if (!Await(timeout, cancellationToken))
                {
                    end = _count > 0 ? Cut(cut, isEnd: true) : 0;
                    found = end > 0;
                    return Take(found ? end : _count);
                }

                end = CutNext(cut);
            }

            found = true;
            return end <= most ? Take(end) : throw TooLong(most);
        }, cancellationToken);
        isComplete = found;
        return result;
    }

    /// <summary>A copy of what is held.</summary>
    internal byte[] PeekHeld() => Held == 0 ? [] : InTurn(() => _held.AsSpan(0, _count).ToArray(), CancellationToken.None);

    /// <summary>Puts bytes back in front of what is read next.</summary>
    public void Unread(ReadOnlySpan<byte> bytes)
    {
        byte[] all = new byte[bytes.Length + _count];
        bytes.CopyTo(all);
        _held.AsSpan(0, _count).CopyTo(all.AsSpan(bytes.Length));
        _held = all;
        _count = all.Length;
    }

    private static StackException TooLong(int most) => new(
        StackError.MessageTooLong, $"The message is longer than {most} bytes.", "Allow more, or look whether its form is another one.");

    private int Cut(MessageCut cut, bool isEnd)
    {
        int end = cut(_held.AsSpan(0, _count), isEnd);
        return end >= 0 && end <= _count
            ? end
            : throw new StackException(
                StackError.InvalidArgument,
                $"A message cannot have {end} of the {_count} bytes that there are.",
                "Return how many bytes belong to the message, or 0 when more are needed.");
    }

    /// <summary>Looks at what has come before it is taken, so that what follows the message stays in the session.</summary>
    private int CutNext(MessageCut cut)
    {
        int taken = _count;
        int seen = _session.Peek(_chunk);
        Append(seen);
        int end;
        try
        {
            end = Cut(cut, isEnd: false);
        }
        finally
        {
            _count = taken;
        }

        Append(_session.Read(_chunk.AsSpan(0, end == 0 ? seen : Math.Clamp(end - taken, 0, seen))));
        return end;
    }

    private byte[] InTurn(Func<byte[]> read, CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        try
        {
            return read();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Waits for the next byte and takes it; false at the end of the data.</summary>
    private bool Await(TimeSpan timeout, CancellationToken cancellationToken) =>
        Append(_session.ReadSome(_chunk.AsSpan(0, 1), timeout, cancellationToken)) > 0;

    private int Append(int fromChunk)
    {
        if (_count + fromChunk > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(_count + fromChunk, (int)Math.Min(Array.MaxLength, _held.Length * 2L)));
        }

        _chunk.AsSpan(0, fromChunk).CopyTo(_held.AsSpan(_count));
        _count += fromChunk;
        return fromChunk;
    }

    private byte[] Take(int count)
    {
        byte[] taken = _held.AsSpan(0, count).ToArray();
        _held.AsSpan(count, _count - count).CopyTo(_held);
        _count -= count;
        if (_count == 0 && _held.Length > ChunkSize)
        {
            _held = [];
        }

        return taken;
    }
}
