using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Channels;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>What the cmdlets that move automata have in common: where one begins, and with what.</summary>
public abstract class AutomatonRunCmdlet : ChannelCmdlet
{
    private PacketAutomaton? _listened;

    /// <summary>The session whose stream it lives on.</summary>
    [Parameter]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>Lives in simulated time even where there is no stack.</summary>
    [Parameter]
    public SwitchParameter Virtual { get; set; }

    /// <summary>Which packets come in, in tcpdump's language.</summary>
    [Parameter]
    public string? Filter { get; set; }

    /// <summary>Values of the automaton's parameters.</summary>
    [Parameter]
    public IDictionary? Parameter { get; set; }

    /// <summary>States before which it stands still.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Breakpoint { get; set; }

    /// <summary>States whose packets wait for a verdict before they are sent.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Intercept { get; set; }

    /// <summary>Gives the verdicts.</summary>
    [Parameter]
    public ScriptBlock? Verdict { get; set; }

    /// <summary>How much it tells about its work.</summary>
    [Parameter]
    [ValidateRange(0, 5)]
    public int DebugLevel { get; set; }

    /// <summary>How long at most, on the clock of the place where it lives.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = -1;

    private protected bool IsBound(string name) => MyInvocation.BoundParameters.ContainsKey(name);

    /// <summary>Whether it was said where an automaton is to begin.</summary>
    private protected bool IsPlaced => Stack is not null || Link is not null || Session is not null || Virtual;

    /// <summary>What was started of it already, or what is started now.</summary>
    private protected RunningAutomaton Open(PacketAutomaton automaton, bool restart)
    {
        Subject = automaton;
        RunningAutomaton? running = RunningAutomaton.Of(automaton);
        if (running is not null && (restart || automaton.IsEnded))
        {
            running.Dispose();
            running = null;
        }

        if (running is { IsWorking: true })
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"{automaton.Name} runs in the background already.",
                "Stop-PacketAutomaton ends it, -Restart begins anew; New-PacketAutomaton -Base makes another one of its kind.");
        }

        string[] given = [.. new[] { nameof(Stack), nameof(Link), nameof(Session), nameof(Virtual), nameof(Filter), nameof(Parameter) }.Where(IsBound)];
        if (running is not null && given.Length > 0)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"{automaton.Name} is at work already, and -{given[0]} is for its beginning.",
                "Leave it out to go on, or begin anew with Start-PacketAutomaton -Restart.");
        }

        CheckParameters(automaton);
        SetStates(automaton.Breakpoints, Breakpoint);
        SetStates(automaton.InterceptIn, Intercept ?? (Verdict is null ? null : ["*"]));
        if (running is null)
        {
            running = Begin(automaton);
            State.Automata.Add(running);
        }
        else
        {
            running.Runner.Leave();
        }

        Set(automaton);
        return running;
    }

    /// <summary>Shows what it tells, as far as it does so on the pipeline's thread.</summary>
    private protected void Listen(PacketAutomaton automaton)
    {
        _listened = automaton;
        automaton.Told += Show;
    }

    /// <summary>Writes what came out.</summary>
    private protected void WriteOutput(PacketAutomaton automaton)
    {
        while (automaton.TryTakeOutput(out object? value))
        {
            WriteObject(value);
        }
    }

    /// <summary>Reports what ended it, if anything did.</summary>
    private protected void WriteFailure(PacketAutomaton automaton)
    {
        switch (automaton.Failure)
        {
            case null:
                break;
            case StackException known:
                WriteError(Errors.From(known, automaton));
                break;
            case { } unknown:
                WriteError(AutomatonErrors.FromScript(automaton, unknown));
                break;
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (_listened is not null)
        {
            _listened.Told -= Show;
        }

        base.Dispose(disposing);
    }

    private void Show(object? sender, AutomatonMessage message) => WriteVerbose($"{_listened!.Name} {message}");

    private void CheckParameters(PacketAutomaton automaton)
    {
        foreach (object key in Parameter?.Keys ?? Array.Empty<object>())
        {
            string name = key.ToString() ?? "";
            if (!automaton.Definition.Parameters.ContainsKey(name))
            {
                throw new StackException(
                    StackError.InvalidArgument,
                    $"{automaton.Name} has no parameter '{name}'.",
                    automaton.Definition.Parameters.Count == 0
                        ? "It has none; New-PacketAutomaton -Parameter declares them."
                        : $"It has {string.Join(", ", automaton.Definition.Parameters.Keys.Order())}.");
            }
        }
    }

    private void Set(PacketAutomaton automaton)
    {
        foreach (DictionaryEntry entry in Parameter ?? new Hashtable())
        {
            automaton.Parameter[entry.Key.ToString() ?? ""] = entry.Value;
        }

        if (Verdict is not null)
        {
            automaton.Interceptor = new AutomatonScript(Verdict, SessionState).Judge;
        }

        if (IsBound(nameof(DebugLevel)))
        {
            automaton.DebugLevel = DebugLevel;
        }
        else if (IsBound("Verbose") && automaton.DebugLevel == 0)
        {
            automaton.DebugLevel = 3;
        }
    }

    private static void SetStates(StateSet set, string[]? names)
    {
        if (names is not null)
        {
            set.Clear();
            set.Add(names.Where(name => name.Length > 0));
        }
    }

    private RunningAutomaton Begin(PacketAutomaton automaton)
    {
        AutomatonDefinition definition = automaton.Definition;
        bool isNamed = Stack is not null || Link is not null;
        TcpSession? session = Session ?? (definition.UsesData ? RequireSession(null) : null);
        Subject = automaton;
        VirtualNetwork? network = Virtual ? State.JoinClock().Network : session?.Stack?.Clock?.Network;
        bool needsChannel = isNamed || definition.UsesPackets;
        IPacketChannel? channel = null;
        Func<IPacketChannel>? later = null;
        if (needsChannel || (session is null && !Virtual && State.DefaultStack is not null))
        {
            channel = OpenChannel();
            Subject = automaton;
        }
        else if (network is null)
        {
            later = OpenHost;
        }

        AutomatonPlace? place = null;
        try
        {
            place = new AutomatonPlace(channel, session is null ? null : new SessionStream(session, network), network, later);
            PacketFilter? filter = Filter is null ? null : PacketFilter.Compile(Filter, place.Start);
            return RunningAutomaton.Begin(automaton, new AutomatonRunner(automaton, place, filter), TargetStack);
        }
        catch
        {
            place?.Dispose();
            channel?.Dispose();
            throw;
        }
    }
}

/// <summary>Errors that only the scripts of automata make.</summary>
internal static class AutomatonErrors
{
    /// <summary>The error of a script that failed, with the line in which it did.</summary>
    public static ErrorRecord FromScript(PacketAutomaton automaton, Exception exception)
    {
        string place = AutomatonScript.PlaceOf(exception);
        string message = $"{automaton.Name} failed in state {automaton.State}{(place.Length > 0 ? $" ({place})" : "")}: {exception.Message}";
        return new ErrorRecord(exception, "AutomatonScriptFailed", ErrorCategory.InvalidOperation, automaton)
        {
            ErrorDetails = new ErrorDetails(message) { RecommendedAction = "Its Failure has the error as the script made it, its Log the way there." },
        };
    }
}
