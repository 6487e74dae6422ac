using System;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.Automata;

/// <summary>The stream of a TCP session. The session stays its owner's.</summary>
/// <param name="session">The session.</param>
/// <param name="network">The network whose simulated time it lives in; null in real time.</param>
public sealed class SessionStream(TcpSession session, VirtualNetwork? network = null) : IAutomatonStream
{
    /// <summary>The session.</summary>
    public TcpSession Session { get; } = session ?? throw new ArgumentNullException(nameof(session));

    /// <inheritdoc/>
    public string Name => FormattableString.Invariant($"session {Session.Id}");

    /// <inheritdoc/>
    public VirtualNetwork? Network { get; } = network;

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        int read = Session.Read(destination);
        return read > 0 ? read : Session.IsPeerFinished || Session.Failure is not null ? AtEnd(destination) : 0;
    }

    /// <inheritdoc/>
    public void WaitReadable(CancellationToken cancellationToken)
    {
        if (!Session.WaitFor(SessionCondition.Readable, Timeout.InfiniteTimeSpan, cancellationToken) && Session.Failure is { } failure)
        {
            throw failure;
        }
    }

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> data, CancellationToken cancellationToken) =>
        Session.WriteAll(data, Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc/>
    public void Finish() => Session.Shutdown();

    /// <summary>The session goes on.</summary>
    public void Dispose()
    {
    }

    /// <summary>Data may have come between the read and the look at the end.</summary>
    private int AtEnd(Span<byte> destination)
    {
        int read = Session.Read(destination);
        return read > 0 ? read : Session.Failure is { } failure && !Session.IsPeerFinished ? throw failure : -1;
    }
}
