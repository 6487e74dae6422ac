using System;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Threading;

namespace TcpTools.Stack;

/// <summary>A port on which a stack takes connections (RFC 9293, 3.3.2: LISTEN).</summary>
public sealed class TcpListener : IDisposable
{
    internal TcpListener(TcpStack stack)
    {
        Stack = stack;
    }

    /// <summary>The listener's number in the process: rising, never used again.</summary>
    public long Id => throw new NotImplementedException();

    /// <summary>The stack.</summary>
    public TcpStack Stack { get; }

    /// <summary>The address on which it listens; <see cref="IPAddress.Any"/> for all of the stack's.</summary>
    public IPAddress LocalAddress => throw new NotImplementedException();

    /// <summary>The port.</summary>
    public int Port => throw new NotImplementedException();

    /// <summary>How many complete connections may wait to be accepted.</summary>
    public int Backlog => throw new NotImplementedException();

    /// <summary>How many complete connections wait to be accepted.</summary>
    public int Pending => throw new NotImplementedException();

    /// <summary>How many handshakes are under way.</summary>
    public int HalfOpen => throw new NotImplementedException();

    /// <summary>Whether it takes connections.</summary>
    public bool IsListening => throw new NotImplementedException();

    /// <summary>Takes the oldest complete connection, if one waits.</summary>
    public bool TryAccept([NotNullWhen(true)] out TcpSession? session) => throw new NotImplementedException();

    /// <summary>
    /// Waits for a connection. In virtual mode the waiting moves the network, and the limit is one of simulated time.
    /// </summary>
    /// <returns>The connection, or null when none came in time.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="StackException">The listener or its stack was stopped.</exception>
    public TcpSession? Accept(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>Stops listening and frees the port. Connections that nobody has accepted are reset; accepted ones live on.</summary>
    public void Stop() => throw new NotImplementedException();

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();
}
