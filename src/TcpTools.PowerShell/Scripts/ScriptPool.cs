using System;
using System.Collections.Generic;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Several workers over one script, used again and again: as many runs at once as the limit says, the rest in line.</summary>
internal sealed class ScriptPool : IDisposable
{
    private readonly ScriptText _script;
    private readonly ScriptWorkerOptions _options;
    private readonly int _limit;
    private readonly Lock _lock = new();
    private readonly List<ScriptWorker> _workers = [];
    private readonly Stack<ScriptWorker> _idle = new();
    private readonly Queue<Request> _waiting = new();
    private bool _disposed;

    /// <summary>Makes a pool, with one worker ready for the first run.</summary>
    public ScriptPool(ScriptText script, int limit, ScriptWorkerOptions options)
    {
        _script = script;
        _limit = limit;
        _options = options;
        _idle.Push(AddWorker());
    }

    /// <summary>Runs under way.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _workers.Count - _idle.Count;
            }
        }
    }

    /// <summary>Runs that wait for a worker.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Asks for a run and does not wait.</summary>
    /// <param name="item">What the script finds as <c>$_</c>.</param>
    /// <param name="arguments">What it gets as arguments.</param>
    /// <param name="session">The session that cmdlets in the script use when none is named.</param>
    /// <param name="done">Gets the outcome, on a worker's thread; called once, also when the pool is disposed before.</param>
    public void Post(object? item, object?[] arguments, TcpSession? session, Action<ScriptOutcome> done)
    {
        Request request = new(item, arguments, session, done);
        lock (_lock)
        {
            if (!_disposed)
            {
                if (_idle.TryPop(out ScriptWorker? worker))
                {
                    Start(worker, request);
                }
                else if (_workers.Count < _limit)
                {
                    Start(AddWorker(), request);
                }
                else
                {
                    _waiting.Enqueue(request);
                }

                return;
            }
        }

        done(ScriptOutcome.Unfinished);
    }

    /// <summary>Stops all runs by force and ends those that wait. Does not wait for the runspaces to close.</summary>
    public void Dispose()
    {
        Request[] waiting;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        foreach (ScriptWorker worker in _workers)
        {
            worker.Dispose();
        }

        foreach (Request request in waiting)
        {
            request.Done(ScriptOutcome.Unfinished);
        }
    }

    private ScriptWorker AddWorker()
    {
        ScriptWorker worker = new(_script, _options);
        _workers.Add(worker);
        return worker;
    }

    private void Start(ScriptWorker worker, Request request) => worker.Post(
        request.Item,
        request.Arguments,
        outcome =>
        {
            try
            {
                request.Done(outcome);
            }
            finally
            {
                Return(worker);
            }
        },
        request.Session);

    private void Return(ScriptWorker worker)
    {
        lock (_lock)
        {
            if (_waiting.TryDequeue(out Request? next))
            {
                Start(worker, next);
            }
            else
            {
                _idle.Push(worker);
            }
        }
    }

    private sealed record Request(object? Item, object?[] Arguments, TcpSession? Session, Action<ScriptOutcome> Done);
}
