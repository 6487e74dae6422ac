using System;
using System.Collections.Generic;
using TcpTools.Stack;

namespace TcpTools.Servers;

/// <summary>What happens to a client of a server.</summary>
public enum ServerEvent
{
    /// <summary>The connection is established.</summary>
    Opened,

    /// <summary>Data has arrived: <see cref="ServedClient.Data"/>.</summary>
    Data,

    /// <summary>The peer has finished, or the connection has ended: <see cref="ServedClient.Failure"/> tells how.</summary>
    Closed,
}

/// <summary>
/// Serves clients by what happens to them. One event of a client comes after the other, and events of different clients
/// come one at a time too, so that a handler needs no locks. What it throws is kept in the server's errors and goes no further.
/// </summary>
public interface ITcpHandler
{
    /// <summary>A client has connected.</summary>
    void OnOpened(ServedClient client);

    /// <summary>Data has arrived from a client: at least one byte, in order.</summary>
    void OnData(ServedClient client, byte[] data);

    /// <summary>
    /// A client has finished, or its connection has ended. What is sent to a client that has only finished still reaches it; then
    /// the session is closed.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="failure">The error that ended the connection; null when it ends in order.</param>
    void OnClosed(ServedClient client, StackException? failure);
}

/// <summary>A handler that does nothing; what derives from it needs to do only what it is there for.</summary>
public abstract class TcpHandler : ITcpHandler
{
    /// <inheritdoc/>
    public virtual void OnOpened(ServedClient client)
    {
    }

    /// <inheritdoc/>
    public virtual void OnData(ServedClient client, byte[] data)
    {
    }

    /// <inheritdoc/>
    public virtual void OnClosed(ServedClient client, StackException? failure)
    {
    }
}

/// <summary>
/// Serves clients on threads of its own: it is told of an event and tells when it has handled it. The next event of the same
/// client comes after that; events of other clients may come before.
/// </summary>
public interface IDeferredTcpHandler
{
    /// <summary>
    /// Whether it is told of <see cref="ServerEvent.Opened"/> only and uses the session by itself; when it is done, so is
    /// the client.
    /// </summary>
    bool TakesSession { get; }

    /// <summary>Whether it wants to be told of an event.</summary>
    bool Wants(ServerEvent happened);

    /// <summary>
    /// Handles an event. Must not wait. What it does on another thread should hold simulated time
    /// (<see cref="VirtualNetwork.BeginWork"/>) from before this returns.
    /// </summary>
    /// <param name="client">The client.</param>
    /// <param name="happened">What has happened.</param>
    /// <param name="done">To be called once, on any thread, when it has been handled.</param>
    void Begin(ServedClient client, ServerEvent happened, Action<HandlerOutcome> done);
}

/// <summary>What came of the handling of one event.</summary>
/// <param name="Output">What the handler wrote.</param>
/// <param name="Failures">What went wrong, each with what else is known of it.</param>
public sealed record HandlerOutcome(IReadOnlyList<object?> Output, IReadOnlyList<(Exception Error, object? Details)> Failures)
{
    /// <summary>Nothing written, nothing wrong.</summary>
    public static HandlerOutcome Empty { get; } = new([], []);
}
