using System;
using System.Collections.Generic;

namespace TcpTools.Streams;

/// <summary>
/// The streams that are followed, by their sockets and by what they wait for. Each chain has one timeout for all its
/// members, in the order in which they were put there: who is due is at the front.
/// </summary>
internal sealed class StreamTable
{
    private static readonly TimeSpan s_grain = TimeSpan.FromSeconds(1);

    private readonly Dictionary<StreamKey, TcpStream> _streams = [];
    private TcpStream? _last;

    /// <summary>Handshakes in progress.</summary>
    public LinkedChain<TcpStream> Opening { get; } = new();

    /// <summary>Streams with data to come.</summary>
    public LinkedChain<TcpStream> Open { get; } = new();

    /// <summary>Both sides finished, and something is missing; or a doubtful reset came.</summary>
    public LinkedChain<TcpStream> Closing { get; } = new();

    /// <summary>Ended ones, kept for stragglers.</summary>
    public LinkedChain<TcpStream> Ended { get; } = new();

    /// <summary>Streams that have not ended.</summary>
    public int Count => _streams.Count - Ended.Count;

    public int Total => _streams.Count;

    public TcpStream? Find(in StreamKey key)
    {
        if (_last is not null && _last.Key == key)
        {
            return _last;
        }

        if (_streams.TryGetValue(key, out TcpStream? stream))
        {
            _last = stream;
        }

        return stream;
    }

    /// <summary>Adds a stream; one with the same sockets must have been removed.</summary>
    public void Add(TcpStream stream, LinkedChain<TcpStream> chain, Instant now)
    {
        _streams.Add(stream.Key, stream);
        Move(stream, chain, now);
        _last = stream;
    }

    public static void Move(TcpStream stream, LinkedChain<TcpStream> chain, Instant now)
    {
        stream.ChainTime = now;
        chain.Add(stream);
    }

    /// <summary>
    /// A segment came. The stream moves to the end of its chain now and then only: often enough that chains stay in order
    /// to the second.
    /// </summary>
    public void Touch(TcpStream stream, Instant now)
    {
        stream.LastSeen = now;
        if (now - stream.ChainTime >= s_grain && (stream.State == TcpStreamState.Established || stream.State == TcpStreamState.Closing)
            && ((ILinked<TcpStream>)stream).Chain == Open)
        {
            Move(stream, Open, now);
        }
    }

    public void Remove(TcpStream stream)
    {
        _streams.Remove(stream.Key);
        ((ILinked<TcpStream>)stream).Chain?.Remove(stream);
        if (_last == stream)
        {
            _last = null;
        }
    }

    /// <summary>The first of a chain that has been silent for so long.</summary>
    public static TcpStream? NextIdle(LinkedChain<TcpStream> chain, TimeSpan timeout, Instant now)
    {
        while (chain.Oldest is { } oldest && oldest.ChainTime + timeout <= now)
        {
            if (oldest.LastSeen + timeout <= now)
            {
                return oldest;
            }

            oldest.ChainTime = oldest.LastSeen;
            chain.Add(oldest);
        }

        return null;
    }

    /// <summary>The first of a chain that has been in it for so long.</summary>
    public static TcpStream? NextDue(LinkedChain<TcpStream> chain, TimeSpan timeout, Instant now) =>
        chain.Oldest is { } oldest && oldest.ChainTime + timeout <= now ? oldest : null;

    /// <summary>Whom to give up when there is no room: a handshake first, else who has been silent long.</summary>
    public TcpStream? Victim()
    {
        if (Opening.Oldest is { } opening)
        {
            return opening;
        }

        // Whoever was heard of since it was put there gets another round, a bounded number of times.
        for (int i = 0; i < 64 && Open.Oldest is { } oldest && oldest.LastSeen > oldest.ChainTime; i++)
        {
            oldest.ChainTime = oldest.LastSeen;
            Open.Add(oldest);
        }

        return Open.Oldest ?? Closing.Oldest;
    }
}
