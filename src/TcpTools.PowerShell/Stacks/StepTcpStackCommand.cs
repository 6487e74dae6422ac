using System;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Moves a manual stack by single events, or simulated time by a span.</summary>
[Cmdlet(VerbsCommon.Step, "TcpStack", DefaultParameterSetName = "Count")]
[OutputType(typeof(StepResult))]
public sealed class StepTcpStackCommand : TcpToolsCmdlet
{
    /// <summary>A guard against two stacks that answer each other for ever.</summary>
    private const int MostSteps = 1_000_000;

    /// <summary>The stack; the default one when none is named.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>How many events.</summary>
    [Parameter(ParameterSetName = "Count")]
    [ValidateRange(1, MostSteps)]
    public int Count { get; set; } = 1;

    /// <summary>Goes on until there is nothing to do at present.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    /// <summary>How much simulated time is to pass.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Duration")]
    [DurationTransform]
    public TimeSpan Duration { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        Subject = stack;
        if (stack.State is StackState.Stopped or StackState.Faulted)
        {
            throw new StackException(StackError.StackStopped, $"The stack '{stack.Name}' has been stopped.", "Start a new stack.");
        }

        if (ParameterSetName == "Duration")
        {
            Advance(stack);
            return;
        }

        if (stack.Mode == StackMode.Virtual)
        {
            if (All)
            {
                stack.Clock!.Network.RunUntilIdle();
                WriteObject(new StepResult { Time = stack.Now, NextDeadline = stack.NextDeadline });
                return;
            }

            throw new StackException(
                StackError.InvalidArgument,
                $"The stack {stack.Name} lives in simulated time and moves when something waits.",
                "Use -Duration to let time pass, -All to deliver what is under way, or start the stack with -Manual.");
        }

        int most = All ? MostSteps : Count;
        for (int i = 0; i < most && !Stopping; i++)
        {
            // Without a limit a step would move a simulated clock on to the next timer, and so never run out of work.
            StepResult result = All ? stack.Step(stack.Now) : stack.Step();
            if (All && !result.DidSomething)
            {
                break;
            }

            WriteObject(result);
        }
    }

    private void Advance(TcpStack stack)
    {
        if (stack.Clock is not { } clock)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack {stack.Name} lives in real time, which nobody can move.",
                "Start it with -Virtual, or with -Manual and -Clock.");
        }

        clock.Network.Run(Duration);
        WriteObject(new StepResult { Time = stack.Now, NextDeadline = stack.NextDeadline });
    }
}
