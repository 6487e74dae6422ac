using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Text;
using TcpTools.Automata;

namespace TcpTools.PowerShell;

/// <summary>
/// The words that a block of New-PacketAutomaton understands besides PowerShell's own: State, On, Action, Only, Sender, Without. Their parameters have strange
/// names and proper aliases, because what scripts take by <c>$using:</c> is looked for from here.
/// </summary>
internal sealed class AutomatonLanguage(AutomatonBuilder builder, SessionState session)
{
    private static readonly string[] s_cuts = ["Line", "Until", "Count", "Length"];
    private static readonly string[] s_triggers = Enum.GetNames<AutomatonTrigger>();

    private readonly AutomatonBuilder _builder = builder;
    private readonly SessionState _session = session;
    private readonly Dictionary<string, AutomatonScript> _functions = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs a block in which the words are known.</summary>
    /// <exception cref="StackException">What it says does not make sense.</exception>
    public void Read(ScriptBlock block)
    {
        Dictionary<string, ScriptBlock> words = new(StringComparer.OrdinalIgnoreCase)
        {
            ["State"] = Word("State", "[Parameter(Position = 0)] [Alias('Name')] $__Name", "[Parameter(Position = 1)] [Alias('Enter')] [scriptblock] $__Enter", "[Alias('Initial')] [switch] $__Initial", "[Alias('Final')] [switch] $__Final", "[Alias('Error')] [switch] $__Error", "[Alias('Stop')] [switch] $__Stop"),
            ["On"] = Word(
                "On",
                "[Parameter(Position = 0)] [Alias('Trigger')] $__Trigger",
                "[Parameter(Position = 1)] [Alias('State')] [string[]] $__State",
                "[Parameter(Position = 2)] [Alias('After')] $__After",
                "[Alias('When')] [scriptblock] $__When",
                "[Alias('Then')] [scriptblock] $__Then",
                "[Alias('Goto')] [string] $__Goto",
                "[Alias('Or')] [string[]] $__Or",
                "[Alias('Priority')] [int] $__Priority",
                "[Alias('Name')] [string] $__Name",
                "[Alias('Port')] [string] $__Port",
                "[Alias('Line')] [switch] $__Line",
                "[Alias('Until')] $__Until",
                "[Alias('Count')] [int] $__Count",
                "[Alias('Length')] [scriptblock] $__Length",
                "[Alias('Manual')] [switch] $__Manual"),
            ["Action"] = Word("Action", "[Parameter(Position = 0)] [Alias('Rule')] [string[]] $__Rule", "[Parameter(Position = 1)] [Alias('Then')] [scriptblock] $__Then", "[Alias('Priority')] [int] $__Priority", "[Alias('Name')] [string] $__Name"),
            ["Only"] = Word("Only", "[Parameter(Position = 0)] [Alias('When')] [scriptblock] $__When"),
            ["Sender"] = Word("Sender", "[Parameter(Position = 0)] [Alias('Then')] [scriptblock] $__Then"),
            ["Without"] = Word("Without", "[Parameter(Position = 0)] [Alias('Rule')] [string[]] $__Rule"),
        };
        try
        {
            ReadFunctions(block);
            block.InvokeWithContext(words, [new PSVariable("__language", new Words(this))]);
        }
        catch (RuntimeException e)
        {
            for (Exception? inner = e; inner is not null; inner = inner.InnerException)
            {
                if (inner is StackException known)
                {
                    throw known;
                }
            }

            // The block's own mistake: a word that there is not, a parameter that does not fit.
            string place = AutomatonScript.PlaceOf(e);
            throw new StackException(
                StackError.InvalidAutomaton,
                $"The automaton's block failed{(place.Length > 0 ? $" ({place})" : "")}: {e.Message}",
                "It may use State, On, Action, Only, Sender and Without, and all of PowerShell.",
                e);
        }
    }

    private static ScriptBlock Word(string name, params string[] parameters) => ScriptBlock.Create(
        $"[CmdletBinding(PositionalBinding = $false)] param({string.Join(", ", parameters)}) $__language.{name}($PSBoundParameters, $MyInvocation)");

    /// <summary>Functions that the block defines are there for its scripts, wherever these run.</summary>
    private void ReadFunctions(ScriptBlock block)
    {
        foreach (FunctionDefinitionAst function in block.Ast.FindAll(static ast => ast is FunctionDefinitionAst, searchNestedScriptBlocks: false).Cast<FunctionDefinitionAst>())
        {
            string body = function.Body.Extent.Text[1..^1];
            string head = function.Extent.Text[..(function.Body.Extent.StartOffset - function.Extent.StartOffset)];
            int open = head.IndexOf('(', StringComparison.Ordinal);
            string parameters = open < 0 ? "" : $"param{head[open..].TrimEnd()} ";
            string text = new string('\n', Math.Max(0, function.Body.Extent.StartLineNumber - 1)) + parameters + body;
            ScriptBlock script = Parser.ParseInput(text, function.Extent.File, out Token[] _, out ParseError[] _).GetScriptBlock();
            _functions[function.Name] = new AutomatonScript(script, _session);
        }
    }

    private void AddState(Call call)
    {
        string name = call.Require<object>("Name", "a name: State Start -Initial").ToString() ?? "";
        (string Word, AutomatonStateKind Kind)[] kinds =
        [
            .. new[]
            {
                ("Initial", AutomatonStateKind.Initial), ("Final", AutomatonStateKind.Final),
                ("Error", AutomatonStateKind.Error), ("Stop", AutomatonStateKind.Stop),
            }.Where(pair => call.Has(pair.Item1)),
        ];
        if (kinds.Length > 1)
        {
            throw call.Wrong($"The state '{name}' is {string.Join(" and ", kinds.Select(kind => "-" + kind.Word))}", "A state is one of them at most.");
        }

        _builder.State(new AutomatonState
        {
            Name = name,
            Kind = kinds.Length == 0 ? AutomatonStateKind.Ordinary : kinds[0].Kind,
            Enter = Handler(call, "Enter"),
            Origin = call.Origin,
        });
    }

    private void AddRule(Call call)
    {
        string word = call.Require<object>("Trigger", $"what it waits for: {string.Join(", ", s_triggers)}").ToString() ?? "";
        if (!Enum.TryParse(word, true, out AutomatonTrigger trigger) || !Enum.IsDefined(trigger) || char.IsDigit(word[0]))
        {
            throw call.Wrong($"On '{word}' is nothing that a rule can wait for", $"There are {string.Join(", ", s_triggers)}.");
        }

        string[] states = call.Require<string[]>("State", "a state or several: On Packet Waiting, or * for all");
        AutomatonScript? when = Script(call, "When");
        AutomatonRule rule = new()
        {
            Name = call.Get<string>("Name") ?? "",
            Trigger = trigger,
            States = states,
            Priority = call.Get<int>("Priority"),
            When = when is null ? null : when.Test,
            Then = Handler(call, "Then"),
            Target = call.Get<string>("Goto"),
            OtherTargets = call.Get<string[]>("Or") ?? [],
            Port = call.Get<string>("Port") ?? AutomatonRule.DefaultPort,
            Interval = ReadTime(call, trigger),
            Cut = ReadCut(call, trigger),
            Origin = call.Origin,
        };
        if (call.Has("Port") && trigger is not (AutomatonTrigger.Input or AutomatonTrigger.InputEnd))
        {
            throw call.Wrong($"On {trigger} has no port", "-Port belongs to Input and InputEnd.");
        }

        if (rule.Interval is null && rule.IsTimed && rule.Name.Length == 0)
        {
            throw call.Wrong($"On {trigger} -Manual has no name by which it could be set", "Give it one with -Name.");
        }

        _builder.On(rule);
    }

    private static TimeSpan? ReadTime(Call call, AutomatonTrigger trigger)
    {
        object? given = call.Get<object>("After");
        if (trigger is not (AutomatonTrigger.Timeout or AutomatonTrigger.Timer))
        {
            return given is null && !call.Has("Manual") ? null : throw call.Wrong(
                $"On {trigger} takes no time, and '{given}' is one too many",
                "What is asked goes to -When, what is done to -Then; times belong to Timeout and Timer.");
        }

        if (call.Has("Manual"))
        {
            return given is null ? null : throw call.Wrong($"On {trigger} has a time and is -Manual", "With -Manual it is set by $this.Timers['name'].Set(1.5).");
        }

        return given is not null && Duration.TryParse(given, 1, out TimeSpan time) && time > TimeSpan.Zero
            ? time
            : throw call.Wrong(
                given is null ? $"On {trigger} has no time" : $"'{given}' is no time for On {trigger}",
                $"Give it more than 0 seconds, such as On {trigger} Waiting 1.5, or 20ms; with -Manual it is set by hand.");
    }

    private StreamCut? ReadCut(Call call, AutomatonTrigger trigger)
    {
        string[] given = [.. s_cuts.Where(call.Has)];
        if (given.Length == 0)
        {
            return null;
        }

        if (trigger != AutomatonTrigger.Data || given.Length > 1)
        {
            throw call.Wrong($"On {trigger} has {string.Join(" and ", given.Select(name => "-" + name))}", "On Data has one of -Line, -Until, -Count and -Length, or none.");
        }

        switch (given[0])
        {
            case "Line":
                return StreamCut.Line;
            case "Until":
                return StreamCut.Through(PacketInput.TryReadData(call.Get<object>("Until"), Encoding.UTF8) is { Length: > 0 } mark
                    ? mark
                    : throw call.Wrong("-Until is neither text nor bytes", "Give it the mark that ends a message."));
            case "Count":
                int count = call.Get<int>("Count");
                return count > 0 ? StreamCut.Count(count) : throw call.Wrong($"-Count {count} are no bytes", "Give it 1 or more.");
            default:
                return StreamCut.By(Script(call, "Length")!.Measure);
        }
    }

    private void AddAction(Call call)
    {
        AutomatonScript script = Script(call, "Then") ?? throw call.Wrong("Action has nothing to do", "Write Action RuleName { ... }.");
        foreach (string rule in call.Require<string[]>("Rule", "the name of a rule"))
        {
            _builder.Action(new AutomatonAction
            {
                Rule = rule,
                Priority = call.Get<int>("Priority"),
                Name = call.Get<string>("Name") ?? "action",
                Run = script.Run,
                Origin = call.Origin,
            });
        }
    }

    private void SetFilter(Call call) =>
        _builder.Filter((Script(call, "When") ?? throw call.Wrong("Only has no script", "Write Only { $_.Tcp }.")).Test);

    private void SetSender(Call call) =>
        _builder.Sender((Script(call, "Then") ?? throw call.Wrong("Sender has no script", "Write Sender { $this.Transmit($_) }.")).Run);

    private void LeaveOut(Call call)
    {
        foreach (string rule in call.Require<string[]>("Rule", "the name of a rule of the base's"))
        {
            _builder.Without(rule);
        }
    }

    private AutomatonScript? Script(Call call, string name) => call.Get<ScriptBlock>(name) is { } block ? new AutomatonScript(block, _session, _functions) : null;

    private Action<AutomatonEvent>? Handler(Call call, string name) => Script(call, name) is { } script ? script.Run : null;

    /// <summary>What the words see of this.</summary>
    public sealed class Words
    {
        private readonly AutomatonLanguage _owner;

        internal Words(AutomatonLanguage owner) => _owner = owner;

        /// <summary>A state.</summary>
        public void State(IDictionary given, InvocationInfo where) => _owner.AddState(new Call(given, where));

        /// <summary>A rule.</summary>
        public void On(IDictionary given, InvocationInfo where) => _owner.AddRule(new Call(given, where));

        /// <summary>Something more to do when a rule is taken.</summary>
        public void Action(IDictionary given, InvocationInfo where) => _owner.AddAction(new Call(given, where));

        /// <summary>Which packets come in at all.</summary>
        public void Only(IDictionary given, InvocationInfo where) => _owner.SetFilter(new Call(given, where));

        /// <summary>What sends packets.</summary>
        public void Sender(IDictionary given, InvocationInfo where) => _owner.SetSender(new Call(given, where));

        /// <summary>A rule of the base's to leave out.</summary>
        public void Without(IDictionary given, InvocationInfo where) => _owner.LeaveOut(new Call(given, where));
    }

    /// <summary>One use of a word.</summary>
    private sealed class Call(IDictionary given, InvocationInfo where)
    {
        public string Origin { get; } = AutomatonScript.Origin(where);

        public bool Has(string name) => given["__" + name] is { } value && value is not SwitchParameter { IsPresent: false };

        public T? Get<T>(string name)
        {
            object? value = given["__" + name];
            return value is null ? default : value is T fits ? fits : (T)LanguagePrimitives.ConvertTo(value, typeof(T), CultureInfo.InvariantCulture);
        }

        public T Require<T>(string name, string what)
            where T : class => Get<T>(name) ?? throw Wrong($"{where.InvocationName} lacks its {name.ToLowerInvariant()}", $"Give it {what}.");

        public StackException Wrong(string message, string advice) => new(StackError.InvalidAutomaton, $"{message} ({Origin}).", advice);
    }
}
