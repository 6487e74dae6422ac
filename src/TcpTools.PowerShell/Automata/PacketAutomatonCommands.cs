using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using TcpTools.Automata;

namespace TcpTools.PowerShell;

/// <summary>Lists the automata that were started and have not ended.</summary>
[Cmdlet(VerbsCommon.Get, "PacketAutomaton")]
[OutputType(typeof(PacketAutomaton))]
public sealed class GetPacketAutomatonCommand : TcpToolsCmdlet
{
    /// <summary>Their names; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void End()
    {
        WildcardPattern[]? patterns = Name is null ? null : [.. Name.Select(name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        PacketAutomaton[] found = [.. State.Automata.Items.Select(one => one.Automaton)
            .Where(one => !one.IsEnded && (patterns is null || patterns.Any(pattern => pattern.IsMatch(one.Name))))];
        WriteObject(found, enumerateCollection: true);
        if (found.Length == 0 && Name is { Length: 1 } && !WildcardPattern.ContainsWildcardCharacters(Name[0]))
        {
            WriteError(Errors.Make(
                "NoAutomaton", ErrorCategory.ObjectNotFound, $"No automaton '{Name[0]}' is at work.", Name[0], "Get-PacketAutomaton lists those that are."));
        }
    }
}

/// <summary>Ends automata.</summary>
[Cmdlet(VerbsLifecycle.Stop, "PacketAutomaton", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PacketAutomaton))]
public sealed class StopPacketAutomatonCommand : TcpToolsCmdlet
{
    /// <summary>The automata.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton Automaton { get; set; } = null!;

    /// <summary>Ends at once, without the stop state.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>How long the stop state may take.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 10;

    /// <summary>Writes the automaton.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = Automaton;
        if (RunningAutomaton.Of(Automaton) is { } running && ShouldProcess(Automaton.ToString(), "Stop the automaton"))
        {
            StopIt(running);
        }

        if (PassThru)
        {
            WriteObject(Automaton);
        }
    }

    private void StopIt(RunningAutomaton running)
    {
        if (!Force)
        {
            Automaton.Stop();
            if (running.IsWorking)
            {
                running.Runner.WaitUntil(() => Automaton.IsEnded || !running.IsWorking, Limit(TimeoutSec), StopToken);
            }
            else
            {
                running.Runner.Leave();
                while (!Automaton.IsEnded && running.Runner.Run(Limit(TimeoutSec), StopToken) == AutomatonPause.Breakpoint)
                {
                    // On its way to the end it stops nowhere.
                }
            }
        }

        bool isLate = !Force && !Automaton.IsEnded;
        string state = Automaton.State;
        running.Dispose();
        if (isLate)
        {
            throw new StackException(
                StackError.TimedOut, $"{Automaton.Name} did not come to an end from {state}, and was stopped by force.", "Give its stop state a way to an end, or allow more time.");
        }
    }
}

/// <summary>Sends objects into an automaton.</summary>
[Cmdlet(VerbsCommunications.Send, "PacketAutomaton", DefaultParameterSetName = "Object")]
[OutputType(typeof(void))]
public sealed class SendPacketAutomatonCommand : TcpToolsCmdlet
{
    /// <summary>The automaton.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton Automaton { get; set; } = null!;

    /// <summary>The objects.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, Mandatory = true, ParameterSetName = "Object")]
    [AllowNull]
    [AllowEmptyString]
    public object? InputObject { get; set; }

    /// <summary>By which port.</summary>
    [Parameter]
    public string Port { get; set; } = AutomatonRule.DefaultPort;

    /// <summary>Says that nothing more will come by the port.</summary>
    [Parameter(ParameterSetName = "Object")]
    [Parameter(Mandatory = true, ParameterSetName = "End")]
    [Alias("End")]
    public SwitchParameter Complete { get; set; }

    /// <inheritdoc/>
    protected override void Begin() => Subject = Automaton;

    /// <inheritdoc/>
    protected override void Process()
    {
        if (ParameterSetName == "Object")
        {
            Automaton.Input(InputObject is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : InputObject, Port);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (Complete)
        {
            Automaton.EndInput(Port);
        }
    }
}

/// <summary>Receives what an automaton gives out.</summary>
[Cmdlet(VerbsCommunications.Receive, "PacketAutomaton", DefaultParameterSetName = "Available")]
[OutputType(typeof(object))]
public sealed class ReceivePacketAutomatonCommand : TcpToolsCmdlet
{
    /// <summary>The automaton.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton Automaton { get; set; } = null!;

    /// <summary>How many objects.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Count")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Everything until the automaton ends.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    /// <summary>How long to wait for the next object, on the clock of the automaton's place.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = Automaton;
        long wanted = All ? long.MaxValue : Math.Max(Count, 1);
        for (long written = 0; written < wanted;)
        {
            if (Automaton.TryTakeOutput(out object? value))
            {
                WriteObject(value);
                written++;
                continue;
            }

            if (!Wait())
            {
                break;
            }
        }

        while (ParameterSetName == "Available" && Automaton.TryTakeOutput(out object? more))
        {
            WriteObject(more);
        }
    }

    private bool IsStill(RunningAutomaton running) => !running.IsWorking || Automaton.Status == AutomatonStatus.Paused;

    /// <summary>Waits for more; false when none will come.</summary>
    private bool Wait()
    {
        RunningAutomaton? running = RunningAutomaton.Of(Automaton);
        if (running is { IsWorking: true })
        {
            if (!running.Runner.WaitUntil(() => Automaton.PendingOutput > 0 || Automaton.IsEnded || IsStill(running), Limit(TimeoutSec), StopToken))
            {
                throw new StackException(
                    StackError.TimedOut, $"Nothing came out of {Automaton.Name} in time; it is in {Automaton.State}.", "Allow more time, or find out what it waits for.");
            }
        }

        if (Automaton.PendingOutput > 0 || (running is not null && !Automaton.IsEnded && !IsStill(running)))
        {
            return true;
        }

        switch (Automaton.Failure)
        {
            case null:
                break;
            case StackException known:
                WriteError(Errors.From(known, Automaton));
                break;
            case { } unknown:
                WriteError(AutomatonErrors.FromScript(Automaton, unknown));
                break;
        }

        return false;
    }
}

/// <summary>Draws an automaton's states and rules.</summary>
[Cmdlet(VerbsData.ConvertTo, "PacketAutomatonGraph")]
[OutputType(typeof(string))]
public sealed class ConvertToPacketAutomatonGraphCommand : TcpToolsCmdlet
{
    /// <summary>The automaton.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton Automaton { get; set; } = null!;

    /// <summary>In which language: Graphviz's or Mermaid's.</summary>
    [Parameter(Position = 1)]
    [ValidateSet("Dot", "Mermaid")]
    public string As { get; set; } = "Dot";

    /// <summary>Emphasizes the state that the automaton is in.</summary>
    [Parameter]
    public SwitchParameter Current { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        string? state = Current ? Automaton.State : null;
        WriteObject(string.Equals(As, "Dot", StringComparison.OrdinalIgnoreCase)
            ? Automaton.Definition.ToDot(state)
            : Automaton.Definition.ToMermaid(state));
    }
}
