using System;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Automata;

namespace TcpTools.PowerShell;

/// <summary>Lets an automaton begin, or go on.</summary>
[Cmdlet(VerbsLifecycle.Start, "PacketAutomaton", DefaultParameterSetName = "Foreground")]
[OutputType(typeof(object), ParameterSetName = ["Foreground"])]
[OutputType(typeof(PacketAutomaton), ParameterSetName = ["Background"])]
public sealed class StartPacketAutomatonCommand : AutomatonRunCmdlet
{
    private RunningAutomaton? _running;
    private bool _isKept;
    private bool _hasInput;

    /// <summary>The automaton.</summary>
    [Parameter(Position = 0)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton? Automaton { get; set; }

    /// <summary>Objects to send into it, or the automaton itself.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public object? InputObject { get; set; }

    /// <summary>Begins anew, wherever it is.</summary>
    [Parameter]
    public SwitchParameter Restart { get; set; }

    /// <summary>Runs in a runspace of its own and comes back at once.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Background")]
    public SwitchParameter Background { get; set; }

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (Automaton is not null)
        {
            OpenIt(Automaton);
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (!IsBound(nameof(InputObject)))
        {
            return;
        }

        object? input = InputObject is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : InputObject;
        if (Automaton is null)
        {
            Automaton = input as PacketAutomaton ?? throw NoAutomaton();
            OpenIt(Automaton);
            return;
        }

        _hasInput = true;
        if (_running is { } running)
        {
            Automaton.Input(input);
            if (!Background)
            {
                running.Runner.RunReady(StopToken, _ => WriteOutput(Automaton));
            }
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (Automaton is null)
        {
            throw NoAutomaton();
        }

        if (_running is not { } running)
        {
            return;
        }

        // A pipeline that was empty has ended, too.
        if (_hasInput || (MyInvocation.ExpectingInput && !IsPiped))
        {
            Automaton.EndInput();
        }

        if (Background)
        {
            _isKept = true;
            running.Work(SessionState);
            WriteObject(Automaton);
            return;
        }

        AutomatonPause pause = running.Runner.Run(Limit(TimeoutSec), StopToken, _ => WriteOutput(Automaton));
        WriteOutput(Automaton);
        _isKept = pause != AutomatonPause.None;
        Report(Automaton, pause);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!_isKept)
        {
            _running?.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool IsPiped => !MyInvocation.BoundParameters.TryGetValue(nameof(Automaton), out _);

    private static StackException NoAutomaton() => new(
        StackError.InvalidArgument, "There is no automaton to start.", "Name one: Start-PacketAutomaton $automaton, or pipe one.");

    private void OpenIt(PacketAutomaton automaton)
    {
        _running = Open(automaton, Restart);
        if (automaton.Intercepted is { } packet)
        {
            _isKept = true;
            throw new StackException(
                StackError.InvalidArgument,
                $"A packet of {automaton.Name} waits for a verdict: {packet}.",
                "Give one with Step-PacketAutomaton -Accept, -Reject or -Replace.");
        }

        if (!Background)
        {
            Listen(automaton);
        }
    }

    private void Report(PacketAutomaton automaton, AutomatonPause pause)
    {
        switch (pause)
        {
            case AutomatonPause.None:
                WriteFailure(automaton);
                break;
            case AutomatonPause.Breakpoint:
                WriteWarning($"{automaton.Name} stands before {automaton.Log[^1].To}. Step-PacketAutomaton or Start-PacketAutomaton goes on.");
                break;
            case AutomatonPause.Interception:
                WriteWarning($"{automaton.Name} wants to send {automaton.Intercepted}. Step-PacketAutomaton -Accept, -Reject or -Replace goes on.");
                break;
            case AutomatonPause.TimeLimit:
                throw new StackException(
                    StackError.TimedOut,
                    string.Create(CultureInfo.InvariantCulture, $"{automaton.Name} is still in {automaton.State} after {TimeoutSec} s."),
                    "Start-PacketAutomaton goes on, Stop-PacketAutomaton ends it.");
            case AutomatonPause.Idle:
                throw new StackException(
                    StackError.Stuck,
                    $"Nothing can happen any more in simulated time: {automaton.Name} waits in {automaton.State}.",
                    "Send-PacketAutomaton gives it something, Start-PacketAutomaton goes on, Stop-PacketAutomaton ends it.");
        }
    }
}
