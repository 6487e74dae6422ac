using System;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Lists this runspace's stacks.</summary>
[Cmdlet(VerbsCommon.Get, "TcpStack", DefaultParameterSetName = "Name")]
[OutputType(typeof(TcpStack))]
public sealed class GetTcpStackCommand : TcpToolsCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ParameterSetName = "Name", ValueFromPipeline = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StackCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Numbers.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Id", ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(StackIdCompleter))]
    public long[]? Id { get; set; }

    /// <summary>Only the runspace's default stack.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Default")]
    public SwitchParameter Default { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (Default)
        {
            WriteObject(RequireStack(null));
            return;
        }

        foreach (string name in Name ?? [])
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            TcpStack[] found = [.. State.Stacks.Where(s => pattern.IsMatch(s.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                Missing(name);
            }

            WriteObject(found, true);
        }

        foreach (long id in Id ?? [])
        {
            TcpStack? found = State.Stacks.FirstOrDefault(s => s.Id == id);
            if (found is null)
            {
                Missing(id);
                continue;
            }

            WriteObject(found);
        }

        if (Name is null && Id is null)
        {
            WriteObject(State.Stacks.ToArray(), true);
        }
    }

    private void Missing(object name) => WriteError(Errors.Make(
        "StackNotFound", ErrorCategory.ObjectNotFound, $"There is no stack '{name}' in this runspace.", name, "Get-TcpStack lists all."));
}

/// <summary>Makes a stack the one that cmdlets use when none is named.</summary>
[Cmdlet(VerbsCommon.Select, "TcpStack")]
[OutputType(typeof(TcpStack))]
public sealed class SelectTcpStackCommand : TcpToolsCmdlet
{
    /// <summary>The stack.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack Stack { get; set; } = null!;

    /// <summary>Writes the stack.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = Stack;
        if (Stack.State is StackState.Stopped or StackState.Faulted)
        {
            throw new StackException(StackError.StackStopped, $"The stack '{Stack.Name}' has been stopped.", "Start a new stack.");
        }

        State.DefaultStack = Stack;
        if (PassThru)
        {
            WriteObject(Stack);
        }
    }
}

/// <summary>Ends stacks.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpStack", SupportsShouldProcess = true)]
[OutputType(typeof(TcpStack))]
public sealed class StopTcpStackCommand : TcpToolsCmdlet
{
    private readonly List<TcpStack> _stacks = [];

    /// <summary>The stacks; the default one when none is named.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>How long sessions may take to close in order.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 1;

    /// <summary>Resets every session at once.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes the stack.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpStack stack = RequireStack(Stack);
        Subject = stack;
        if (!_stacks.Contains(stack)
            && ShouldProcess($"{stack.Name} ({string.Join(", ", stack.Addresses)})", "Stop the stack"))
        {
            _stacks.Add(stack);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        try
        {
            // All before any: stacks with sessions between them wait for one another's FINs.
            CloseSessions();
        }
        finally
        {
            foreach (TcpStack stack in _stacks)
            {
                State.Stop(stack);
            }
        }

        if (PassThru)
        {
            WriteObject(_stacks, true);
        }
    }

    private void CloseSessions()
    {
        List<TcpSession> sessions = [];
        foreach (TcpStack stack in _stacks)
        {
            if (!Force && !IsManual(stack) && stack.State == StackState.Running)
            {
                sessions.AddRange(stack.Sessions);
            }
        }

        foreach (TcpSession session in sessions)
        {
            session.Close();
        }

        Dictionary<TcpStack, Instant> ends = [];
        foreach (TcpSession session in sessions)
        {
            // Each stack has its clock, and a simulated one need not start now.
            TcpStack stack = session.Stack!;
            if (stack.Clock?.Network is { } network && WorkToken.Of(network) is not null)
            {
                // A handler that stops its stack cannot wait for simulated time, which others move: only what takes none is done.
                network.RunUntilIdle();
                continue;
            }

            if (!ends.TryGetValue(stack, out Instant end))
            {
                ends[stack] = end = stack.Now + (TimeoutSec < 0 ? TimeSpan.MaxValue : Limit(TimeoutSec));
            }

            TimeSpan left = TimeoutSec < 0 ? Timeout.InfiniteTimeSpan : end - stack.Now;
            if (left == Timeout.InfiniteTimeSpan || left > TimeSpan.Zero)
            {
                session.WaitFor(SessionCondition.Closed, left, StopToken);
            }
        }
    }
}
