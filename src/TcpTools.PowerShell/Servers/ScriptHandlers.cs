using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Servers;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>From what came of a script to what a server keeps of it.</summary>
internal static class HandlerOutcomes
{
    /// <summary>Output and errors.</summary>
    public static HandlerOutcome From(ScriptOutcome outcome)
    {
        if (outcome is { TimedOut: false, Errors.Count: 0, Output.Count: 0 })
        {
            return HandlerOutcome.Empty;
        }

        List<(Exception Error, object? Details)> failures = [.. outcome.Errors.Select(static error => (error.Exception, (object?)error))];
        if (outcome.TimedOut)
        {
            failures.Add((
                new StackException(
                    StackError.TimedOut,
                    "The handler did not come back in time and was stopped.",
                    "Give it more time with -HandlerTimeoutSec, or let it do less."),
                null));
        }

        return new HandlerOutcome(outcome.Output, failures);
    }
}

/// <summary>One run of a script for each client, several at once, each with the client's session.</summary>
internal sealed class ActionHandler(ScriptPool pool) : IDeferredTcpHandler, IDisposable
{
    /// <inheritdoc/>
    public bool TakesSession => true;

    /// <inheritdoc/>
    public bool Wants(ServerEvent happened) => happened == ServerEvent.Opened;

    /// <inheritdoc/>
    public void Begin(ServedClient client, ServerEvent happened, Action<HandlerOutcome> done) =>
        pool.Post(client.Session, [], client.Session, outcome => done(HandlerOutcomes.From(outcome)));

    /// <inheritdoc/>
    public void Dispose() => pool.Dispose();
}

/// <summary>Scripts that are told what happens, all in one runspace.</summary>
internal sealed class EventHandlers(ScriptWorker worker, IReadOnlySet<ServerEvent> wanted) : IDeferredTcpHandler, IDisposable
{
    /// <summary>The script of all events: the first argument says which one it is.</summary>
    public const string Format = """
        if ($args[0] -eq 'Data') {{ & {1} $_ }}
        elseif ($args[0] -eq 'Opened') {{ & {0} $_ }}
        else {{ & {2} $_ }}
        """;

    private static readonly object[][] s_names = [["Opened"], ["Data"], ["Closed"]];

    /// <inheritdoc/>
    public bool TakesSession => false;

    /// <inheritdoc/>
    public bool Wants(ServerEvent happened) => wanted.Contains(happened);

    /// <inheritdoc/>
    public void Begin(ServedClient client, ServerEvent happened, Action<HandlerOutcome> done) =>
        worker.Post(client, s_names[(int)happened], outcome => done(HandlerOutcomes.From(outcome)), client.Session);

    /// <inheritdoc/>
    public void Dispose() => worker.Dispose();
}

/// <summary>
/// An object whose methods OnOpened, OnData and OnClosed are called, on the thread and in the runspace of a worker: what is
/// written in PowerShell needs one.
/// </summary>
internal sealed class ObjectHandler(ScriptWorker worker, object? target, Type? type) : IDeferredTcpHandler
{
    private object? _target = target;

    /// <inheritdoc/>
    public bool TakesSession => false;

    /// <inheritdoc/>
    public bool Wants(ServerEvent happened) => _target is null || ObjectMethods.Has(_target.GetType(), happened);

    /// <inheritdoc/>
    public void Begin(ServedClient client, ServerEvent happened, Action<HandlerOutcome> done) => worker.Post(
        new Call(this, client, happened), [], outcome => done(HandlerOutcomes.From(outcome)), client.Session);

    /// <summary>What makes the object, and nothing else.</summary>
    public Call Preparation() => new(this, null, ServerEvent.Opened);

    /// <summary>One call, as the worker's script sees it.</summary>
    public sealed class Call
    {
        private readonly ObjectHandler _handler;
        private readonly ServedClient? _client;
        private readonly ServerEvent _happened;

        internal Call(ObjectHandler handler, ServedClient? client, ServerEvent happened)
        {
            _handler = handler;
            _client = client;
            _happened = happened;
        }

        /// <summary>Whether the script has to make the object first.</summary>
        public bool IsMissing => _handler._target is null && _handler.Type is null;

        /// <summary>Takes the object that the script has made.</summary>
        public void Take(object? made)
        {
            object? value = made is PSObject wrapped ? wrapped.BaseObject : made;
            _handler._target = ObjectMethods.Check(value);
        }

        /// <summary>Calls the method of the event.</summary>
        public void Run()
        {
            object target = _handler._target ??= Activator.CreateInstance(_handler.Type!)!;
            if (_client is not null)
            {
                ObjectMethods.Call(target, _client, _happened);
            }
        }
    }

    private Type? Type { get; } = type;
}
