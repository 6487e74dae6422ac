using System;
using System.Diagnostics.CodeAnalysis;

namespace TcpTools.Servers;

/// <summary>
/// How a server serves. Who gets a client's events is one of four: one handler for all clients, given
/// (<see cref="Handler"/>) or made (<see cref="Factory"/>), or a new one made for each client
/// (<see cref="NewForEachClient"/> with <see cref="Factory"/>, or with the type of the one given).
/// </summary>
public sealed record TcpServerOptions
{
    /// <summary>An <see cref="ITcpHandler"/> or <see cref="IDeferredTcpHandler"/>.</summary>
    public object? Handler { get; init; }

    /// <summary>Makes a handler; called once, or for each client.</summary>
    public Func<object>? Factory { get; init; }

    /// <summary>
    /// Whether each client has a handler of its own. Without a factory it is a new object of the type of <see cref="Handler"/>,
    /// made by its constructor without parameters.
    /// </summary>
    public bool NewForEachClient { get; init; }

    /// <summary>How many clients are served at once; more wait in the listener's backlog.</summary>
    public int MaximumClients { get; init; } = int.MaxValue;

    /// <summary>Whether a session stays open when its handler, which took it, is done.</summary>
    public bool KeepOpen { get; init; }

    /// <summary>How many bytes may wait to be sent to one client, beyond its send buffer, before it is reset.</summary>
    public int MaximumPending { get; init; } = 16 << 20;

    /// <summary>How many errors are kept; the oldest make room for new ones.</summary>
    public int MaximumErrors { get; init; } = 100;

    /// <summary>How many things that handlers wrote are kept; the oldest make room for new ones.</summary>
    public int MaximumOutput { get; init; } = 1000;

    /// <summary>What is disposed when the server has stopped, such as the handler.</summary>
    public IDisposable? Owned { get; init; }

    /// <summary>Makes the way to a handler for one client, or for all.</summary>
    /// <exception cref="StackException">The options contradict each other.</exception>
    internal Func<object> HandlerSource()
    {
        object? handler = Handler;
        if ((handler is null) == (Factory is null))
        {
            throw new StackException(
                StackError.InvalidArgument, "A server has either a handler or a factory of handlers.", "Set one of the two.");
        }

        if (MaximumClients < 1 || MaximumErrors < 1 || MaximumOutput < 1 || MaximumPending < 1)
        {
            throw new StackException(StackError.InvalidArgument, "Limits of a server are at least 1.");
        }

        if (NewForEachClient)
        {
            return Factory ?? FromType(handler!.GetType());
        }

        object shared = handler ?? Factory!();
        Check(shared);
        return () => shared;
    }

    /// <summary>Refuses what is no handler.</summary>
    internal static object Check(object? handler) => handler is ITcpHandler or IDeferredTcpHandler
        ? handler
        : throw new StackException(
            StackError.InvalidArgument,
            $"{handler?.GetType().FullName ?? "null"} is not a handler.",
            $"A handler implements {typeof(ITcpHandler).FullName} or derives from {typeof(TcpHandler).FullName}.");

    [UnconditionalSuppressMessage("Trimming", "IL2070", Justification = "Whoever trims a program gives a factory.")]
    [UnconditionalSuppressMessage("Trimming", "IL2067", Justification = "Whoever trims a program gives a factory.")]
    private static Func<object> FromType(Type type) => type.GetConstructor(Type.EmptyTypes) is null
        ? throw new StackException(
            StackError.InvalidArgument,
            $"{type.FullName} has no constructor without parameters, by which a handler could be made for each client.",
            "Give it one, or give a factory.")
        : () => Activator.CreateInstance(type)!;
}
