using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Moves manual stacks by single events, or simulated time by a span.</summary>
[Cmdlet(VerbsCommon.Step, "TcpStack", DefaultParameterSetName = "Count")]
[OutputType(typeof(StepResult), typeof(PendingStep))]
public sealed class StepTcpStackCommand : TcpToolsCmdlet
{
    /// <summary>A guard against two stacks that answer each other for ever.</summary>
    private const int MostSteps = 1_000_000;

    private readonly List<TcpStack> _stacks = [];

    /// <summary>The stacks; the default one when none is named.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [StacksTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack[] Stack { get; set; } = [];

    /// <summary>How many events.</summary>
    [Parameter(ParameterSetName = "Count")]
    [ValidateRange(1, MostSteps)]
    public int Count { get; set; } = 1;

    /// <summary>Goes on until there is nothing to do at present.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "All")]
    public SwitchParameter All { get; set; }

    /// <summary>Goes on until this is true of a step.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Until")]
    public ScriptBlock Until { get; set; } = null!;

    /// <summary>Goes on until a session has come to this state.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "UntilState")]
    public TcpState UntilState { get; set; }

    /// <summary>The session whose state it is to be; any when none is named.</summary>
    [Parameter(ParameterSetName = "UntilState")]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>What to deliver: a frame, a timer, or something that was asked for.</summary>
    [Parameter(ParameterSetName = "Count")]
    [Parameter(ParameterSetName = "All")]
    [Parameter(ParameterSetName = "Until")]
    [Parameter(ParameterSetName = "UntilState")]
    public StepKind? Kind { get; set; }

    /// <summary>How long to wait for frames in real time.</summary>
    [Parameter(ParameterSetName = "Until")]
    [Parameter(ParameterSetName = "UntilState")]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>How much simulated time is to pass.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Duration")]
    [DurationTransform]
    public TimeSpan Duration { get; set; }

    /// <summary>To which time on the simulated clock to go.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "SkipTo")]
    [DurationTransform]
    public TimeSpan SkipTo { get; set; }

    /// <summary>Loses the next frame.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Discard")]
    public SwitchParameter Discard { get; set; }

    /// <summary>Sets the next frame aside.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Hold")]
    public SwitchParameter Hold { get; set; }

    /// <summary>Lets frames that were set aside arrive.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Release")]
    public SwitchParameter Release { get; set; }

    /// <summary>Only shows what steps could deliver.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Peek")]
    public SwitchParameter Peek { get; set; }

    /// <inheritdoc/>
    protected override void Process() => _stacks.AddRange(Stack);

    /// <inheritdoc/>
    protected override void End()
    {
        if (_stacks.Count == 0)
        {
            _stacks.Add(RequireStack(null));
        }

        Subject = _stacks[0];
        foreach (TcpStack stack in _stacks)
        {
            if (stack.State is StackState.Stopped or StackState.Faulted)
            {
                throw new StackException(StackError.StackStopped, $"The stack '{stack.Name}' has been stopped.", "Start a new stack.");
            }
        }

        if (!_stacks.TrueForAll(IsManual))
        {
            MoveVirtual(_stacks.Find(static stack => !IsManual(stack))!);
            return;
        }

        StackStepper stepper = new(_stacks);
        StepOptions options = new() { Kind = Kind, CancellationToken = StopToken };
        switch (ParameterSetName)
        {
            case "Peek":
                WriteObject(_stacks.SelectMany(static stack => stack.GetPendingSteps()).ToArray(), enumerateCollection: true);
                break;
            case "Release":
                WriteVerbose($"{_stacks.Sum(static stack => stack.ReleaseHeldFrames())} frames were set aside and arrive now.");
                break;
            case "Discard" or "Hold":
                WriteObject(stepper.Step(options with { Frame = Discard ? StepFrame.Discard : StepFrame.Hold }));
                break;
            case "Duration" or "SkipTo":
                Advance(stepper);
                break;
            case "All":
                // Without a limit a step would move a simulated clock on to the next timer, and so never run out of work.
                Run(() => stepper.Step(options with { Limit = _stacks[0].Now }), MostSteps, static _ => false);
                break;
            case "Until":
                RunUntil(stepper, options, IsTrue);
                break;
            case "UntilState":
                RunUntil(stepper, options, ReachesState);
                break;
            default:
                for (int i = 0; i < Count && !Stopping; i++)
                {
                    WriteObject(stepper.Step(options));
                }

                break;
        }
    }

    /// <summary>Steps, and writes what happened, until a condition holds of a step or nothing happens.</summary>
    private bool Run(Func<StepResult> step, int most, Predicate<StepResult> isEnough)
    {
        for (int i = 0; i < most && !Stopping; i++)
        {
            StepResult result = step();
            if (!result.DidSomething)
            {
                return false;
            }

            WriteObject(result);
            if (isEnough(result))
            {
                return true;
            }
        }

        return false;
    }

    private void RunUntil(StackStepper stepper, StepOptions options, Predicate<StepResult> isEnough)
    {
        bool isDone;
        do
        {
            isDone = Run(() => stepper.Step(options), MostSteps, isEnough);
        }
        while (!isDone && !Stopping && stepper.WaitForWork(Kind, Limit(TimeoutSec), StopToken));
        if (!isDone && !Stopping)
        {
            WriteError(Errors.Make(
                "NothingToDo",
                ErrorCategory.InvalidOperation,
                $"Nothing is left that could happen on {string.Join(" and ", _stacks.Select(static stack => stack.Name))}, and the condition does not hold.",
                _stacks[0],
                "Name the peer's stack too (-Stack a, b), or send or open something; -Peek shows what waits."));
        }
    }

    private bool IsTrue(StepResult result)
    {
        // On the pipeline thread, as the body of a loop would be.
        object[] output = [.. Until.InvokeWithContext(null, [new PSVariable("_", result)])];
        return LanguagePrimitives.IsTrue(output.Length == 1 ? output[0] : output);
    }

    private bool ReachesState(StepResult result) => result.Events.Any(e =>
        e.Kind == StepEventKind.StateChanged && e.To == UntilState && (Session is null || Session.Id == e.SessionId));

    private void Advance(StackStepper stepper)
    {
        Instant end = End(_stacks[0]);
        if (_stacks.Find(stack => stack.Clock != _stacks[0].Clock) is { } other)
        {
            throw new StackException(
                StackError.InvalidArgument, $"{other.Name} and {_stacks[0].Name} have different clocks.", "Step them one after the other.");
        }

        Run(() => stepper.Step(new StepOptions { Limit = end, CancellationToken = StopToken }), MostSteps, static _ => false);
    }

    /// <summary>Stacks in virtual time move by themselves, so only time can be moved.</summary>
    private void MoveVirtual(TcpStack stack)
    {
        Subject = stack;
        switch (ParameterSetName)
        {
            case "Duration" or "SkipTo":
                Instant end = End(stack);
                stack.Clock!.Network.Run(end - stack.Now);
                break;
            case "All" when stack.Mode == StackMode.Virtual:
                stack.Clock!.Network.RunUntilIdle();
                break;
            default:
                throw new StackException(
                    StackError.InvalidArgument,
                    stack.Mode == StackMode.Virtual
                        ? $"The stack {stack.Name} lives in simulated time and moves when something waits."
                        : $"The stack '{stack.Name}' moves by itself ({stack.Mode}).",
                    "Use -Duration to let simulated time pass, -All to deliver what is under way, or start the stack with -Manual.");
        }

        WriteObject(new StepResult { Time = stack.Now, StackName = stack.Name, NextDeadline = stack.NextDeadline });
    }

    private Instant End(TcpStack stack)
    {
        if (stack.Clock is not { } clock)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The stack {stack.Name} lives in real time, which nobody can move.",
                "Start it with -Virtual, or with -Manual on a wire.");
        }

        Instant end = ParameterSetName == "Duration" ? clock.Now + Duration : Instant.Zero + SkipTo;
        return end >= clock.Now
            ? end
            : throw new StackException(
                StackError.InvalidArgument, $"It is {clock.Now} on the clock already, and it never goes back.", "Name a later time, or use -Duration.");
    }
}
