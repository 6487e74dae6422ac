using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Waits until sessions have come to a state, have ended, or have data.</summary>
[Cmdlet(VerbsLifecycle.Wait, "TcpSession", DefaultParameterSetName = "Condition")]
[OutputType(typeof(TcpSession), typeof(bool))]
public sealed class WaitTcpSessionCommand : TcpToolsCmdlet
{
    private readonly List<TcpSession> _sessions = [];

    /// <summary>The sessions.</summary>
    [Parameter(ValueFromPipeline = true)]
    [SessionsTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession[] Session { get; set; } = [];

    /// <summary>What to wait for.</summary>
    [Parameter(Position = 0, ParameterSetName = "Condition")]
    public SessionCondition Condition { get; set; } = SessionCondition.Closed;

    /// <summary>The state to wait for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "State")]
    public new TcpState State { get; set; }

    /// <summary>The data to wait for: how many bytes, or text or bytes that are among them.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Data")]
    [ValidateNotNullOrEmpty]
    public object Data { get; set; } = "";

    /// <summary>How text becomes bytes.</summary>
    [Parameter(ParameterSetName = "Data")]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>Waits for the end.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Closed")]
    public SwitchParameter Closed { get; set; }

    /// <summary>Waits until the peer has acknowledged everything.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Drained")]
    public SwitchParameter Drained { get; set; }

    /// <summary>One of several sessions is enough.</summary>
    [Parameter]
    public SwitchParameter Any { get; set; }

    /// <summary>Writes whether it came about, instead of sessions and errors.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How long to wait.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    protected override void Process() => _sessions.AddRange(Session);

    /// <inheritdoc/>
    protected override void End()
    {
        if (_sessions.Count == 0)
        {
            if (MyInvocation.ExpectingInput)
            {
                return;
            }

            _sessions.Add(RequireSession(null));
        }

        TcpSession[] sessions = [.. _sessions.Distinct()];
        Subject = sessions[0];
        SessionGoal goal = Goal();
        IReadOnlyList<TcpSession> met = SessionWait.For(sessions, goal, Any, Limit(TimeoutSec), StopToken);
        bool isDone = Any ? met.Count > 0 : met.Count == sessions.Length;
        if (Quiet)
        {
            WriteObject(isDone);
            return;
        }

        WriteObject(met, enumerateCollection: true);
        if (isDone)
        {
            return;
        }

        foreach (TcpSession session in sessions.Except(met))
        {
            WriteError(Errors.From(Failure(session, goal), session));
        }
    }

    private SessionGoal Goal()
    {
        switch (ParameterSetName)
        {
            case "State":
                return new SessionGoal { State = State };
            case "Drained":
                return new SessionGoal { Condition = SessionCondition.Drained };
            case "Data":
                object data = Data is PSObject wrapped ? wrapped.BaseObject : Data;
                return data switch
                {
                    byte[] bytes => new SessionGoal { Pattern = bytes },
                    string text => new SessionGoal { Pattern = Encoding.GetBytes(text) },
                    object[] items when items.All(static item => Base(item) is byte) =>
                        new SessionGoal { Pattern = items.Select(static item => (byte)Base(item)).ToArray() },
                    _ when LanguagePrimitives.TryConvertTo(data, CultureInfo.InvariantCulture, out int count) && count > 0 =>
                        new SessionGoal { Bytes = count },
                    _ => throw new StackException(
                        StackError.InvalidArgument,
                        $"{Lookup.Show(data)} is not data to wait for.",
                        "Name a number of bytes, at least 1, or text or [byte[]] that is to be among them."),
                };
            default:
                return new SessionGoal { Condition = Condition };
        }
    }

    private static object Base(object item) => item is PSObject wrapped ? wrapped.BaseObject : item;

    private StackException Failure(TcpSession session, SessionGoal goal)
    {
        string wanted = ParameterSetName switch
        {
            "State" => $"come to {State}",
            "Data" => goal.Bytes is null ? $"receive {Lookup.Show(Data)}" : $"have {goal.Bytes} bytes to read",
            "Drained" => "get all that was sent acknowledged",
            _ => $"come to {goal.Condition}",
        };
        if (session.Failure is { } failure && (ParameterSetName == "Data" || goal.Condition != SessionCondition.Closed || goal.State is not null))
        {
            return failure;
        }

        bool isOver = ParameterSetName == "Data" && (session.IsPeerFinished || session.State == TcpState.Closed);
        return isOver
            ? new StackException(
                StackError.SessionClosed,
                $"Session {session.Id} will not {wanted}: the peer has finished.",
                "Receive-TcpData -All gives what it sent.")
            : new StackException(
                StackError.TimedOut,
                $"Session {session.Id} is {session.State} and did not {wanted} in time.",
                "The session lives on; wait again, or give more -TimeoutSec.");
    }
}
