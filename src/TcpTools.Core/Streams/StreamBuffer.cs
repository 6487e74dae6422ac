using System;

namespace TcpTools.Streams;

/// <summary>
/// One direction's data for a consumer that looks at it as it comes and says how much of it is done with: the rest is there
/// again, in front of the next data. Without a word of <see cref="Discard"/> everything is.
/// </summary>
/// <param name="maximumBytes">Bytes kept at most; the oldest go.</param>
public sealed class StreamBuffer(int maximumBytes = 1 << 20)
{
    private byte[] _bytes = [];
    private int _start;
    private int _length;
    private bool _isDecided;

    /// <summary>Bytes that came in all.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them came last.</summary>
    public int CountNew { get; private set; }

    /// <summary>Where the first of <see cref="Data"/> stands among all bytes that came.</summary>
    public long Offset => Count - _length;

    /// <summary>What is kept, the newest included. Valid until the next call.</summary>
    public ReadOnlySpan<byte> Data => _bytes.AsSpan(_start, _length);

    /// <summary>Adds what came. What was there before goes, unless <see cref="Discard"/> said otherwise.</summary>
    public void Append(ReadOnlySpan<byte> data)
    {
        if (!_isDecided)
        {
            _length = 0;
        }

        _isDecided = false;
        Count += data.Length;
        CountNew = data.Length;
        if (data.Length > maximumBytes)
        {
            data = data[^maximumBytes..];
        }

        int surplus = Math.Max(0, _length + data.Length - maximumBytes);
        _start += surplus;
        _length -= surplus;
        if (_start + _length + data.Length > _bytes.Length)
        {
            byte[] room = _length + data.Length > _bytes.Length
                ? new byte[Math.Min(maximumBytes, Math.Max(4096, (_length + data.Length) * 2))]
                : _bytes;
            Data.CopyTo(room);
            _bytes = room;
            _start = 0;
        }

        data.CopyTo(_bytes.AsSpan(_start + _length));
        _length += data.Length;
    }

    /// <summary>Lets go of the first bytes, 0 included, and keeps all others for the next time.</summary>
    public void Discard(int count)
    {
        count = Math.Clamp(count, 0, _length);
        _start += count;
        _length -= count;
        _isDecided = true;
    }
}
