using System;
using System.Collections.Generic;
using System.Management.Automation;
using TcpTools.Automata;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Lets an automaton take single steps, and judges the packets that it wants to send.</summary>
[Cmdlet(VerbsCommon.Step, "PacketAutomaton", DefaultParameterSetName = "Step")]
[OutputType(typeof(AutomatonStep))]
public sealed class StepPacketAutomatonCommand : AutomatonRunCmdlet
{
    private RunningAutomaton? _running;
    private bool _isKept = true;

    /// <summary>The automaton.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AutomatonTransform]
    [ArgumentCompleter(typeof(AutomatonCompleter))]
    public PacketAutomaton Automaton { get; set; } = null!;

    /// <summary>How many steps.</summary>
    [Parameter(ParameterSetName = "Step")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>Sends the packet that waits for a verdict.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Accept")]
    public SwitchParameter Accept { get; set; }

    /// <summary>Does not send the packet that waits for a verdict.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Reject")]
    public SwitchParameter Reject { get; set; }

    /// <summary>Sends others instead of the packet that waits for a verdict.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Replace")]
    [PacketListTransform]
    public Packet[] Replace { get; set; } = [];

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = Automaton;
        if (RunningAutomaton.Of(Automaton) is null && Automaton.IsEnded && !IsPlaced)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{Automaton.Name} has ended in {Automaton.State}.", "Start-PacketAutomaton begins anew, and so does this where -Stack, -Link, -Session or -Virtual says where.");
        }

        _isKept = false;
        _running = Open(Automaton, restart: false);
        Listen(Automaton);
        if (ParameterSetName != "Step")
        {
            WriteObject(JudgeNow());
            _isKept = true;
            return;
        }

        for (int i = 0; i < Count; i++)
        {
            if (Automaton.Intercepted is { } packet)
            {
                _isKept = true;
                throw new StackException(
                    StackError.InvalidArgument, $"A packet of {Automaton.Name} waits for a verdict: {packet}.", "Give one with -Accept, -Reject or -Replace.");
            }

            AutomatonStep? step = _running.Runner.Step(Limit(TimeoutSec), StopToken);
            _isKept = !Automaton.IsEnded;
            if (step is not null)
            {
                DrainOutput();
                WriteObject(step);
            }

            if (Automaton.IsEnded)
            {
                WriteFailure(Automaton);
                return;
            }

            if (step is null)
            {
                throw Automaton.Pause == AutomatonPause.Idle
                    ? new StackException(StackError.Stuck, $"Nothing can happen any more in simulated time: {Automaton.Name} waits in {Automaton.State}.", "Send-PacketAutomaton gives it something.")
                    : new StackException(StackError.TimedOut, $"Nothing happened to {Automaton.Name} in {Automaton.State} in time.", "Allow more time, or find out what it waits for.");
            }
        }
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

    private AutomatonStep JudgeNow()
    {
        AutomatonVerdict verdict = Accept ? AutomatonVerdict.Accept : Reject ? AutomatonVerdict.Reject : AutomatonVerdict.Replace(Replace);
        return Automaton.Judge(verdict);
    }

    /// <summary>What came out is in the steps, and is not to come a second time.</summary>
    private void DrainOutput()
    {
        while (Automaton.TryTakeOutput(out _))
        {
        }
    }
}
