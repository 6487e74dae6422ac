using System;
using System.Buffers.Binary;

namespace TcpTools.Messages;

/// <summary>Messages in front of which stands how long they are.</summary>
public sealed class LengthFramer : IMessageFramer
{
    private readonly int _prefix;
    private readonly bool _isLittleEndian;
    private readonly bool _includesPrefix;
    private readonly int _most;

    /// <summary>Messages with a length of this form in front.</summary>
    /// <param name="prefixBytes">Bytes of the length: 1, 2, 4 or 8.</param>
    /// <param name="littleEndian">Whether its least byte comes first; protocols of the Internet have it last.</param>
    /// <param name="includesPrefix">Whether the length counts its own bytes.</param>
    /// <param name="most">The longest message to be taken, in bytes, its prefix included.</param>
    /// <exception cref="StackException"><see cref="StackError.InvalidArgument"/>.</exception>
    public LengthFramer(int prefixBytes, bool littleEndian = false, bool includesPrefix = false, int most = int.MaxValue)
    {
        if (prefixBytes is not (1 or 2 or 4 or 8) || most < 1)
        {
            throw new StackException(StackError.InvalidArgument, $"A length has 1, 2, 4 or 8 bytes, not {prefixBytes}.");
        }

        _prefix = prefixBytes;
        _isLittleEndian = littleEndian;
        _includesPrefix = includesPrefix;
        _most = most;
    }

    /// <summary>Bytes of the length in front of each message.</summary>
    public int PrefixBytes => _prefix;

    /// <inheritdoc/>
    public int Cut(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        if (bytes.Length < _prefix)
        {
            return 0;
        }

        ulong said = Read(bytes[.._prefix]);
        ulong own = _includesPrefix ? 0u : (uint)_prefix;
        if (_includesPrefix && said < (uint)_prefix)
        {
            throw new StackException(
                StackError.InvalidData,
                $"A message says that it has {said} bytes, less than its length alone has.",
                "Without -IncludesPrefix the length counts what follows it.");
        }

        if (said > (ulong)_most || said + own > (ulong)_most)
        {
            throw new StackException(
                StackError.MessageTooLong,
                $"A message says that it has {said} bytes, and {_most} are the most that is taken.",
                "Allow more, or look whether the prefix has another size or order of bytes.");
        }

        ulong length = said + own;
        return length <= (ulong)bytes.Length ? (int)length : 0;
    }

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <summary>A message with its length in front.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidArgument"/>: it is too long for its prefix.</exception>
    public byte[] Wrap(ReadOnlySpan<byte> content)
    {
        ulong said = (ulong)content.Length + (_includesPrefix ? (uint)_prefix : 0u);
        if (_prefix < 8 && said >> (8 * _prefix) != 0)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{content.Length} bytes are too many for a length of {_prefix} bytes.");
        }

        byte[] message = new byte[_prefix + content.Length];
        Span<byte> number = stackalloc byte[8];
        if (_isLittleEndian)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(number, said);
            number[.._prefix].CopyTo(message);
        }
        else
        {
            BinaryPrimitives.WriteUInt64BigEndian(number, said);
            number[(8 - _prefix)..].CopyTo(message);
        }

        content.CopyTo(message.AsSpan(_prefix));
        return message;
    }

    private ulong Read(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            value = (value << 8) | bytes[_isLittleEndian ? bytes.Length - 1 - i : i];
        }

        return value;
    }
}
