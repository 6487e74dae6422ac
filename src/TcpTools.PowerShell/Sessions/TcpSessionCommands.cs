using System;
using System.Linq;
using System.Management.Automation;
using System.Net;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Lists the sessions of this runspace's stacks, and those that the kernel runs for it.</summary>
[Cmdlet(VerbsCommon.Get, "TcpSession", DefaultParameterSetName = "Filter")]
[OutputType(typeof(TcpSession))]
public sealed class GetTcpSessionCommand : TcpToolsCmdlet
{
    /// <summary>Numbers.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public long[] Id { get; set; } = [];

    /// <summary>Only this stack's sessions.</summary>
    [Parameter(ParameterSetName = "Filter", ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>Only sessions that the kernel's TCP runs.</summary>
    [Parameter(ParameterSetName = "Filter")]
    public SwitchParameter Kernel { get; set; }

    /// <summary>Only sessions in these states.</summary>
    [Parameter(ParameterSetName = "Filter")]
    public new TcpState[]? State { get; set; }

    /// <summary>Only sessions with this peer.</summary>
    [Parameter(ParameterSetName = "Filter")]
    [AddressTransform]
    public IPAddress? RemoteAddress { get; set; }

    /// <summary>Only sessions with these ports of their peers.</summary>
    [Parameter(ParameterSetName = "Filter")]
    [ValidateRange(1, 65535)]
    public int[]? RemotePort { get; set; }

    /// <summary>Only sessions with these local ports.</summary>
    [Parameter(ParameterSetName = "Filter")]
    [ValidateRange(1, 65535)]
    public int[]? LocalPort { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == "Id")
        {
            foreach (long id in Id)
            {
                if (ModuleState.Current.Sessions.FirstOrDefault(s => s.Id == id) is { } session)
                {
                    WriteObject(session);
                    continue;
                }

                WriteError(Errors.Make(
                    "SessionNotFound", ErrorCategory.ObjectNotFound, $"There is no session {id}.", id, "Get-TcpSession lists all."));
            }

            return;
        }

        // A copy, so that what comes next in the pipeline may end sessions.
        TcpSession[] sessions =
        [
            .. (Stack?.Sessions ?? ModuleState.Current.Sessions)
                .Where(s => !Kernel || s.Stack is null)
                .Where(s => State is null || State.Contains(s.State))
                .Where(s => RemoteAddress is null || s.RemoteAddress.Equals(RemoteAddress))
                .Where(s => RemotePort is null || RemotePort.Contains(s.RemotePort))
                .Where(s => LocalPort is null || LocalPort.Contains(s.LocalPort)),
        ];
        WriteObject(sessions, true);
    }
}

/// <summary>Changes how a session behaves.</summary>
[Cmdlet(VerbsCommon.Set, "TcpSession", SupportsShouldProcess = true)]
[OutputType(typeof(TcpSession))]
public sealed class SetTcpSessionCommand : TcpToolsCmdlet
{
    /// <summary>The session.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>Whether small pieces of data go out at once.</summary>
    [Parameter]
    public bool? NoDelay { get; set; }

    /// <summary>Whether the peer is probed when the session has been idle for long.</summary>
    [Parameter]
    public bool? KeepAlive { get; set; }

    /// <summary>How long data may stay unacknowledged.</summary>
    [Parameter]
    [TimeoutTransform]
    public double UserTimeoutSec { get; set; }

    /// <summary>How long closing lets data go out.</summary>
    [Parameter]
    [TimeoutTransform]
    public double LingerSec { get; set; }

    /// <summary>How long the session is idle before the peer is probed.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan? KeepAliveTime { get; set; }

    /// <summary>How long to wait between two probes.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan? KeepAliveInterval { get; set; }

    /// <summary>How many probes may stay unanswered.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    public int? KeepAliveProbes { get; set; }

    /// <summary>Writes the session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpSession session = RequireSession(Session);
        if (!ShouldProcess(session.Flow.ToString(), "Change the session"))
        {
            return;
        }

        if (NoDelay is { } noDelay)
        {
            session.NoDelay = noDelay;
        }

        bool hasTimes = KeepAliveTime is not null || KeepAliveInterval is not null || KeepAliveProbes is not null;
        if (KeepAlive is not null || hasTimes)
        {
            session.SetKeepAlive(KeepAlive ?? true, KeepAliveTime, KeepAliveInterval, KeepAliveProbes);
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(UserTimeoutSec)))
        {
            session.UserTimeout = Limit(UserTimeoutSec);
        }

        if (MyInvocation.BoundParameters.ContainsKey(nameof(LingerSec)))
        {
            session.Linger = LingerSec < 0 ? null : Limit(LingerSec);
        }

        if (PassThru)
        {
            WriteObject(session);
        }
    }
}

/// <summary>Ends sessions: in order, or with a reset.</summary>
[Cmdlet(VerbsCommon.Close, "TcpSession", DefaultParameterSetName = "Close", SupportsShouldProcess = true)]
[OutputType(typeof(TcpSession))]
public sealed class CloseTcpSessionCommand : TcpToolsCmdlet
{
    /// <summary>The session.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>Ends it at once with a reset.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Abort")]
    public SwitchParameter Abort { get; set; }

    /// <summary>Finishes sending only; data can still be received.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "HalfClose")]
    public SwitchParameter HalfClose { get; set; }

    /// <summary>How long the peer may take to acknowledge that this side has finished.</summary>
    [Parameter(ParameterSetName = "Close")]
    [Parameter(ParameterSetName = "HalfClose")]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 10;

    /// <summary>Does not wait for the peer.</summary>
    [Parameter(ParameterSetName = "Close")]
    [Parameter(ParameterSetName = "HalfClose")]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Writes the session.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpSession session = RequireSession(Session);
        if (!ShouldProcess(session.Flow.ToString(), Abort ? "Reset the session" : "Close the session"))
        {
            return;
        }

        if (Abort)
        {
            session.Abort();
        }
        else
        {
            Finish(session);
        }

        if (PassThru)
        {
            WriteObject(session);
        }
    }

    private void Finish(TcpSession session)
    {
        if (HalfClose)
        {
            session.Shutdown();
        }
        else
        {
            session.Close();
        }

        if (NoWait || IsManual(session.Stack) || session.State == TcpState.Closed)
        {
            return;
        }

        if (!session.WaitFor(SessionCondition.Drained, Limit(TimeoutSec), StopToken) && session.State != TcpState.Closed)
        {
            throw new StackException(
                StackError.TimedOut,
                $"The peer has not acknowledged the end of session {session.Id} in time; it is {session.State}.",
                "It goes on closing by itself; -Abort ends it at once.");
        }
    }
}
