using System;

namespace TcpTools.Messages;

/// <summary>Messages that end with a mark, such as lines.</summary>
public sealed class DelimiterFramer : IMessageFramer
{
    private readonly byte[] _mark;
    private int _searched;

    /// <summary>Messages that end with these bytes.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidArgument"/>: the mark is empty.</exception>
    public DelimiterFramer(ReadOnlySpan<byte> mark)
    {
        _mark = mark.ToArray();
        if (_mark.Length == 0)
        {
            throw new StackException(StackError.InvalidArgument, "A mark at the end of messages has at least one byte.");
        }
    }

    /// <summary>The mark.</summary>
    public ReadOnlySpan<byte> Mark => _mark;

    /// <inheritdoc/>
    public int Cut(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        // The mark may have begun among what was searched before.
        int from = Math.Clamp(_searched - _mark.Length + 1, 0, bytes.Length);
        int at = bytes[from..].IndexOf(_mark);
        _searched = bytes.Length;
        return at < 0 ? 0 : from + at + _mark.Length;
    }

    /// <inheritdoc/>
    public void Reset() => _searched = 0;
}
