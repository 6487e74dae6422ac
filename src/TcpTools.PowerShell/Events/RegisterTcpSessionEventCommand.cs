using System;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Tells scripts what happens to sessions, by PowerShell's events.</summary>
[Cmdlet(VerbsLifecycle.Register, "TcpSessionEvent", DefaultParameterSetName = "Session")]
[OutputType(typeof(PSEventJob))]
public sealed class RegisterTcpSessionEventCommand : TcpToolsCmdlet
{
    // Bound to the module that PowerShell makes for the action, so that $Event and its like are seen by it.
    private const string Runner =
        "try { & $ExecutionContext.SessionState.Module.NewBoundScriptBlock($EventSubscriber.SourceObject.Action) @args } "
        + "finally { $EventSubscriber.SourceObject.Leave() }";

    private static long s_lastNumber;

    /// <summary>The session.</summary>
    [Parameter(ParameterSetName = "Session", ValueFromPipeline = true)]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>All sessions of this stack.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Stack")]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack Stack { get; set; } = null!;

    /// <summary>All sessions that come in by this listener.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Listener")]
    [ListenerTransform]
    public TcpListener Listener { get; set; } = null!;

    /// <summary>What is of interest.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public SessionEvents Event { get; set; }

    /// <summary>What to do for each event.</summary>
    [Parameter(Position = 1)]
    public ScriptBlock? Action { get; set; }

    /// <summary>A name for the subscription.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? SourceIdentifier { get; set; }

    /// <summary>What the action finds in $Event.MessageData.</summary>
    [Parameter]
    public PSObject? MessageData { get; set; }

    /// <summary>Get-EventSubscriber does not show the subscription.</summary>
    [Parameter]
    public SwitchParameter SupportEvent { get; set; }

    /// <summary>After how many events the subscription ends.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaxTriggerCount { get; set; }

    /// <summary>Events go to the session that this one is a remote session of.</summary>
    [Parameter]
    public SwitchParameter Forward { get; set; }

    /// <summary>How many events may wait.</summary>
    [Parameter]
    [ValidateRange(1, 1_000_000)]
    public int Capacity { get; set; } = 1000;

    /// <inheritdoc/>
    protected override void Process()
    {
        object source = ParameterSetName switch
        {
            "Stack" => Stack,
            "Listener" => Listener,
            _ => RequireSession(Session),
        };
        Subject = source;
        if (Action is not null && Forward)
        {
            throw new StackException(
                StackError.InvalidArgument, "An event is either forwarded or handled here.", "Name -Action or -Forward.");
        }

        if (Event == SessionEvents.None)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "No event is named.",
                "Name some of Opened, StateChanged, DataAvailable, Closed, Reset, Retransmit, Stall, or All.");
        }

        string identifier = SourceIdentifier ?? $"TcpSession{System.Threading.Interlocked.Increment(ref s_lastNumber)}";
        SessionEventRelay relay = new(source, Event, Events, identifier, Action, Capacity);
        PSEventSubscriber subscriber = Subscribe(relay, identifier);
        State.Relays.Add(relay);
        relay.Start(subscriber, MessageData, MaxTriggerCount, (events, handler) => source switch
        {
            TcpStack stack => stack.WatchSessions(events, handler),
            TcpListener listener => listener.WatchSessions(events, handler),
            _ => ((TcpSession)source).Watch(events, handler),
        });
        if (subscriber.Action is { } job)
        {
            WriteObject(job);
        }
    }

    private PSEventSubscriber Subscribe(SessionEventRelay relay, string identifier)
    {
        foreach (PSEventSubscriber _ in Events.GetEventSubscribers(identifier))
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"There is a subscription '{identifier}' already.",
                "Choose another -SourceIdentifier, or end the old subscription with Unregister-Event.");
        }

        ScriptBlock? runner = Action is null ? null : ScriptBlock.Create(Runner);
        return Events.SubscribeEvent(
            relay, nameof(SessionEventRelay.Happened), identifier, MessageData, runner, SupportEvent, Forward, MaxTriggerCount);
    }
}
