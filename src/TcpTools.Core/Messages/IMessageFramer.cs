using System;

namespace TcpTools.Messages;

/// <summary>
/// Finds where messages end in a stream of bytes. It keeps nothing of the bytes and waits for nothing; it may remember how
/// far it has looked, so that one framer is for one stream.
/// </summary>
public interface IMessageFramer
{
    /// <summary>Looks for the end of the message that begins with the first byte.</summary>
    /// <param name="bytes">All bytes that are there, from the message's first: those that were seen before come again.</param>
    /// <param name="isEnd">Whether nothing follows.</param>
    /// <returns>How many of the bytes belong to the message; 0 when more are needed.</returns>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidData"/> or <see cref="StackError.MessageTooLong"/>: no message comes of these bytes.
    /// </exception>
    int Cut(ReadOnlySpan<byte> bytes, bool isEnd);

    /// <summary>The next message begins.</summary>
    void Reset();
}
