using System;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.Automata;

/// <summary>A stream of bytes in both directions, for an automaton to live on. One thread reads, another may write.</summary>
public interface IAutomatonStream : IDisposable
{
    /// <summary>What it is, in a word or two.</summary>
    string Name { get; }

    /// <summary>The network whose simulated time the stream lives in; null in real time.</summary>
    VirtualNetwork? Network { get; }

    /// <summary>Takes what has come, without waiting.</summary>
    /// <returns>How many bytes; 0 when there are none now; -1 at the end.</returns>
    /// <exception cref="StackException">The stream ended with an error.</exception>
    int Read(Span<byte> destination);

    /// <summary>Waits until <see cref="Read"/> has something to tell. Used in real time only.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    void WaitReadable(CancellationToken cancellationToken);

    /// <summary>Writes all, waiting for room.</summary>
    /// <exception cref="StackException">The stream takes nothing any more.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    void Write(ReadOnlySpan<byte> data, CancellationToken cancellationToken);

    /// <summary>Says that nothing more will be written.</summary>
    void Finish();
}
