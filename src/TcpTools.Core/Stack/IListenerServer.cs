using System;
using System.Collections.Generic;

namespace TcpTools.Stack;

/// <summary>Who serves the connections of a listener, so that nobody needs to accept them.</summary>
public interface IListenerServer
{
    /// <summary>Clients that are served at this moment.</summary>
    int Active { get; }

    /// <summary>Clients whose serving has ended without an error.</summary>
    long Served { get; }

    /// <summary>Clients whose serving has ended and in which a handler failed or the connection ended in an error.</summary>
    long Failed { get; }

    /// <summary>The last errors, oldest first: what handlers threw or reported, and how connections ended.</summary>
    IReadOnlyList<ServerError> Errors { get; }

    /// <summary>The last things that handlers wrote, oldest first.</summary>
    IReadOnlyList<object?> Output { get; }

    /// <summary>
    /// Stops: the port is freed, nothing more is handled, and clients get a FIN after what is buffered, or with
    /// <paramref name="abort"/> a reset. A handler's code that is running is not waited for.
    /// </summary>
    void Stop(bool abort = false);
}

/// <summary>Something that went wrong for one client of a server. The server and its other clients are not touched by it.</summary>
/// <param name="Time">When, on the stack's clock.</param>
/// <param name="Session">The client's session.</param>
/// <param name="Event">During what: the name of the handler's event.</param>
/// <param name="Exception">What.</param>
public sealed record ServerError(Instant Time, TcpSession Session, string Event, Exception Exception)
{
    /// <summary>More, as whoever ran the handler knows it, such as PowerShell's error record; null when there is no more.</summary>
    public object? Details { get; init; }

    /// <summary>The message.</summary>
    public string Message => Exception.Message;

    /// <summary>Event, session and message, in a line.</summary>
    public override string ToString() => $"{Event} of {Session}: {Message}";
}
