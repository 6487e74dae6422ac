using System;
using System.Management.Automation;
using System.Threading;
using TcpTools.Capture;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>
/// What all cmdlets have in common: a token that Ctrl+C cancels, and one way from the exceptions of the stack to errors
/// of PowerShell. Clean-up belongs in <see cref="Dispose(bool)"/>, the only method that is called whatever happens.
/// </summary>
public abstract class TcpToolsCmdlet : PSCmdlet, IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _stop = new();

    /// <summary>Makes a cmdlet.</summary>
    protected TcpToolsCmdlet()
    {
        StopToken = _stop.Token;
    }

    /// <summary>Cancelled when the user stops the pipeline. Every wait must take it.</summary>
    protected CancellationToken StopToken { get; }

    /// <summary>What errors name as their target unless they know better.</summary>
    private protected object? Subject { get; set; }

    private protected static ModuleState State => ModuleState.Current;

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _stop?.Dispose();
            _stop = null;
        }

        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Before the first object.</summary>
    protected sealed override void BeginProcessing() => Guard(Begin, isTerminating: true);

    /// <summary>For each object.</summary>
    protected sealed override void ProcessRecord() => Guard(Process, isTerminating: false);

    /// <summary>After the last object; called even after a stop that arrived while an object was being processed.</summary>
    protected sealed override void EndProcessing()
    {
        if (!Stopping)
        {
            Guard(End, isTerminating: false);
        }
    }

    /// <summary>Called on another thread when the user stops the pipeline.</summary>
    protected sealed override void StopProcessing()
    {
        lock (_lock)
        {
            _stop?.Cancel();
        }
    }

    /// <summary>The cmdlet's work before the first object. An error here ends the cmdlet.</summary>
    protected virtual void Begin()
    {
    }

    /// <summary>The cmdlet's work for each object. An error here is reported, and the next object comes.</summary>
    protected virtual void Process()
    {
    }

    /// <summary>The cmdlet's work after the last object.</summary>
    protected virtual void End()
    {
    }

    /// <summary>Frees what the cmdlet holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>A duration given in seconds, where -1 stands for no limit.</summary>
    private protected static TimeSpan Limit(double seconds) =>
        seconds < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue / 1000));

    /// <summary>The stack to use: the one named, or the runspace's default.</summary>
    private protected TcpStack RequireStack(TcpStack? named)
    {
        if ((named ?? State.DefaultStack) is { } stack)
        {
            return stack;
        }

        ThrowTerminatingError(Errors.Make(
            "NoStack",
            ErrorCategory.ObjectNotFound,
            "There is no stack in this runspace.",
            null,
            "Start one with Start-TcpStack, or name one with -Stack."));
        throw new InvalidOperationException();
    }

    /// <summary>The session to use: the one named, or the one opened last in this runspace.</summary>
    private protected TcpSession RequireSession(TcpSession? named)
    {
        if ((named ?? State.LastSession) is { } session)
        {
            Subject = session;
            return session;
        }

        ThrowTerminatingError(Errors.Make(
            "NoSession",
            ErrorCategory.ObjectNotFound,
            "There is no session in this runspace.",
            null,
            "Open one with Open-TcpSession, or name one with -Session."));
        throw new InvalidOperationException();
    }

    /// <summary>The driver of a name; null for our own way.</summary>
    private protected ICaptureDriver? RequireDriver(string name)
    {
        try
        {
            return CaptureDrivers.Find(name);
        }
        catch (DriverMissingException e)
        {
            ThrowTerminatingError(Errors.Make("DriverMissing", ErrorCategory.NotInstalled, e.Message, name, e.Advice));
            throw;
        }
    }

    /// <summary>Whether nobody but the caller moves a stack, so that waiting for it to do something is in vain.</summary>
    private protected static bool IsManual(TcpStack? stack) => stack?.Mode == StackMode.Manual;

    private void Guard(Action action, bool isTerminating)
    {
        try
        {
            action();
        }
        catch (OperationCanceledException) when (StopToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        catch (StackException e)
        {
            ErrorRecord record = Errors.From(e, Subject);
            if (isTerminating)
            {
                ThrowTerminatingError(record);
            }

            WriteError(record);
        }
    }
}
