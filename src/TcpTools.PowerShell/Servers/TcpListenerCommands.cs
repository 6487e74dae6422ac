using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Lists the listeners of this runspace's stacks.</summary>
[Cmdlet(VerbsCommon.Get, "TcpListener", DefaultParameterSetName = "Filter")]
[OutputType(typeof(TcpListener))]
public sealed class GetTcpListenerCommand : TcpToolsCmdlet
{
    /// <summary>Only on these ports.</summary>
    [Parameter(Position = 0, ParameterSetName = "Filter")]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(ListenerPortCompleter))]
    public int[]? Port { get; set; }

    /// <summary>Only this stack's.</summary>
    [Parameter(ParameterSetName = "Filter", ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>Numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ListenerCompleter))]
    public long[] Id { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == "Filter")
        {
            IEnumerable<TcpListener> all = Stack?.Listeners ?? State.Listeners;
            WriteObject(all.Where(l => Port is null || Port.Any(p => p >= l.Port && p <= l.LastPort)).ToArray(), true);
            return;
        }

        foreach (long id in Id)
        {
            if (State.Listeners.FirstOrDefault(l => l.Id == id) is { } listener)
            {
                WriteObject(listener);
                continue;
            }

            WriteError(Errors.Make(
                "ListenerNotFound", ErrorCategory.ObjectNotFound, $"There is no listener {id}.", id, "Get-TcpListener lists all."));
        }
    }
}

/// <summary>Stops listening.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpListener", SupportsShouldProcess = true)]
[OutputType(typeof(TcpListener))]
public sealed class StopTcpListenerCommand : TcpToolsCmdlet
{
    /// <summary>The listener.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ListenerTransform]
    [ArgumentCompleter(typeof(ListenerCompleter))]
    public TcpListener Listener { get; set; } = null!;

    /// <summary>Resets the clients that are connected.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the listener.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = Listener;
        if (!ShouldProcess($"port {Listener.Port}", "Stop listening"))
        {
            return;
        }

        Listener.Server?.Stop(Force);
        Listener.Stop();
        if (Force)
        {
            foreach (TcpSession session in Listener.Stack.Sessions.Where(session => session.Listener == Listener))
            {
                session.Abort();
            }
        }

        if (PassThru)
        {
            WriteObject(Listener);
        }
    }
}

/// <summary>Takes connections that have come in at a listener.</summary>
[Cmdlet(VerbsCommunications.Receive, "TcpSession", DefaultParameterSetName = "Listener")]
[OutputType(typeof(TcpSession))]
public sealed class ReceiveTcpSessionCommand : TcpToolsCmdlet
{
    /// <summary>The listener; when there is only one, it need not be named.</summary>
    [Parameter(Position = 0, ParameterSetName = "Listener", ValueFromPipeline = true)]
    [ListenerTransform]
    [ArgumentCompleter(typeof(ListenerCompleter))]
    public TcpListener? Listener { get; set; }

    /// <summary>The listener's port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Port")]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(ListenerPortCompleter))]
    public int Port { get; set; }

    /// <summary>The listener's stack.</summary>
    [Parameter(ParameterSetName = "Port")]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>How many connections to take.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>How long to wait for each.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpListener listener = Find();
        Subject = listener;
        if (listener.Server is not null && listener.IsListening)
        {
            ThrowTerminatingError(Errors.Make(
                "ListenerIsServed",
                ErrorCategory.InvalidOperation,
                $"The connections of {listener} are served by its handlers: none waits to be taken.",
                listener,
                "Start a listener without -Action, -OnData or -Handler to take them by hand."));
        }

        TimeSpan limit = IsManual(listener.Stack) ? TimeSpan.Zero : Limit(TimeoutSec);
        for (int i = 0; i < Count; i++)
        {
            if (!listener.TryAccept(out TcpSession? session))
            {
                session = listener.Accept(limit, StopToken);
            }

            if (session is null)
            {
                throw new StackException(
                    StackError.TimedOut,
                    $"No connection came to port {listener.Port} in time.",
                    "The listener goes on; try again, or give more -TimeoutSec.");
            }

            State.LastSession = session;
            WriteObject(session);
        }
    }

    private TcpListener Find()
    {
        if (Listener is not null)
        {
            return Listener;
        }

        TcpListener[] found =
        [
            .. (Stack?.Listeners ?? State.Listeners).Where(l => ParameterSetName == "Listener" ? l.Server is null : Takes(l)),
        ];
        if (found.Length == 1)
        {
            return found[0];
        }

        ThrowTerminatingError(Errors.Make(
            found.Length == 0 ? "NoListener" : "AmbiguousListener",
            found.Length == 0 ? ErrorCategory.ObjectNotFound : ErrorCategory.InvalidArgument,
            found.Length == 0 ? "There is no such listener in this runspace." : "There are several listeners: name one.",
            null,
            found.Length == 0 ? "Start one with Start-TcpListener." : "Get-TcpListener lists them."));
        throw new InvalidOperationException();
    }

    private bool Takes(TcpListener listener) => Port >= listener.Port && Port <= listener.LastPort;
}
