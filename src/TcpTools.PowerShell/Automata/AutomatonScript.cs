using System;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.IO;
using System.Linq;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using System.Threading;
using TcpTools.Automata;
using TcpTools.Channels;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>
/// A script block of an automaton's, for the engine to call on whichever thread takes its steps: the pipeline's, or that of a worker. In the runspace in which it was
/// written it is the block itself, elsewhere it is made again from its text; what it takes by <c>$using:</c> was read when it was written. It knows its file and its
/// lines in either case.
/// </summary>
internal sealed class AutomatonScript
{
    private static readonly ConditionalWeakTable<Runspace, Dictionary<string, ScriptBlock>> s_functions = [];

    private static long s_lastNumber;

    private readonly ConditionalWeakTable<Runspace, ScriptBlock> _blocks = [];
    private readonly string _text;
    private readonly string? _file;
    private readonly IReadOnlyDictionary<string, object?> _values;
    private readonly IReadOnlyDictionary<string, AutomatonScript> _own;

    /// <param name="script">The script block.</param>
    /// <param name="session">Where the values of <c>$using:</c> are found.</param>
    /// <param name="own">Functions of the user's that the script may call, by name; filled by the time it runs.</param>
    public AutomatonScript(ScriptBlock script, SessionState session, IReadOnlyDictionary<string, AutomatonScript>? own = null)
    {
        _own = own ?? new Dictionary<string, AutomatonScript>();
        // Functions and scripts share a scope: each has names of its own.
        ScriptText text = ScriptText.From(script, FormattableString.Invariant($"__using{Interlocked.Increment(ref s_lastNumber)}_"), session);
        // As many lines above as in the file, so that errors name the right one.
        _text = new string('\n', Math.Max(0, script.Ast.Extent.StartLineNumber - 1)) + text.Text;
        _file = script.Ast.Extent.File;
        _values = text.Variables;
        if (_values.Count == 0)
        {
            _blocks.Add(Runspace.DefaultRunspace, script);
        }
    }

    /// <summary>Whether what the script writes counts as true.</summary>
    public bool Test(AutomatonEvent e) => LanguagePrimitives.IsTrue(Invoke(e));

    /// <summary>What the script writes comes out of the automaton.</summary>
    public void Run(AutomatonEvent e)
    {
        foreach (PSObject? output in Invoke(e))
        {
            e.Automaton.Output(output?.BaseObject is PSCustomObject ? output : output?.BaseObject);
        }
    }

    /// <summary>True accepts, packets replace, and nothing else is sent.</summary>
    public AutomatonVerdict Judge(AutomatonEvent e)
    {
        Collection<PSObject> answer = Invoke(e);
        Packet[] packets = [.. answer.Select(one => PacketInput.TryRead(one)).OfType<Packet>()];
        return packets.Length > 0 ? AutomatonVerdict.Replace(packets)
            : LanguagePrimitives.IsTrue(answer) ? AutomatonVerdict.Accept
            : AutomatonVerdict.Reject;
    }

    /// <summary>How long the message at the beginning of a stream's data is.</summary>
    public int Measure(ReadOnlyMemory<byte> data)
    {
        List<PSVariable> variables = [new PSVariable("_", data.ToArray()), .. Values()];
        object? last = Block().InvokeWithContext(null, variables).LastOrDefault()?.BaseObject;
        return LanguagePrimitives.TryConvertTo(last, out int length) ? length : 0;
    }

    /// <summary>Where in the user's script something failed; empty when nobody knows.</summary>
    public static string PlaceOf(Exception exception)
    {
        InvocationInfo? where = (exception as IContainsErrorRecord)?.ErrorRecord?.InvocationInfo;
        return where is { ScriptLineNumber: > 0 } ? Origin(where) : "";
    }

    /// <summary>A place in the user's script, in a word or two.</summary>
    public static string Origin(InvocationInfo where) => string.IsNullOrEmpty(where.ScriptName)
        ? FormattableString.Invariant($"line {where.ScriptLineNumber}")
        : FormattableString.Invariant($"{Path.GetFileName(where.ScriptName)}:{where.ScriptLineNumber}");

    private static Dictionary<string, ScriptBlock> Functions() => s_functions.GetValue(Runspace.DefaultRunspace, static _ => new(StringComparer.OrdinalIgnoreCase)
    {
        ["Send"] = ScriptBlock.Create("""
            param([Parameter(Position = 0, ValueFromPipeline = $true)] $__Item)
            process { $__automaton.Send($__Item) }
            """),
        ["Goto"] = ScriptBlock.Create("param([Parameter(Position = 0)] [string] $__State) $__automaton.Goto($__State)"),
    });

    private Collection<PSObject> Invoke(AutomatonEvent e)
    {
        List<PSVariable> variables =
        [
            new PSVariable("_", e.Value),
            new PSVariable("this", e.Automaton),
            new PSVariable("Automaton", e.Automaton),
            new PSVariable("__automaton", new Hands(e.Automaton)),
            .. Values(),
        ];
        try
        {
            Dictionary<string, ScriptBlock> functions = Functions();
            if (_own.Count > 0)
            {
                functions = new Dictionary<string, ScriptBlock>(functions, StringComparer.OrdinalIgnoreCase);
                foreach ((string name, AutomatonScript function) in _own)
                {
                    functions[name] = function.Block();
                    variables.AddRange(function.Values());
                }
            }

            return Block().InvokeWithContext(functions, variables);
        }
        catch (PipelineStoppedException stopped)
        {
            throw new OperationCanceledException(stopped.Message, stopped);
        }
        catch (Exception left) when (left.GetType().Name is "BreakException" or "ContinueException")
        {
            // A break or a continue that is in no loop of the script's leaves the script.
            return [];
        }
        catch (Exception left) when (left.GetType().Name == "ExitException")
        {
            e.Automaton.Stop();
            return [];
        }
    }

    private IEnumerable<PSVariable> Values() => _values.Select(pair => new PSVariable(pair.Key, pair.Value));

    private ScriptBlock Block() => _blocks.GetValue(Runspace.DefaultRunspace, _ =>
        Parser.ParseInput(_text, _file, out Token[] _, out ParseError[] _).GetScriptBlock());

    /// <summary>What the functions Send and Goto see of an automaton.</summary>
    public sealed class Hands
    {
        private readonly PacketAutomaton _automaton;

        internal Hands(PacketAutomaton automaton) => _automaton = automaton;

        /// <summary>Sends packets, and writes text and bytes to the stream.</summary>
        public void Send(object? item)
        {
            if (PlaceHasStream && PacketInput.TryReadData(item, System.Text.Encoding.UTF8) is { } data)
            {
                _automaton.Write(data);
                return;
            }

            PacketStart start = (_automaton.Outlet as AutomatonPlace)?.Start ?? PacketStart.IP;
            Packet packet = PacketInput.TryRead(item, start) ?? throw new StackException(
                StackError.InvalidArgument,
                $"{Lookup.Show(item)} is not a packet{(PlaceHasStream ? ", and neither text nor bytes" : "")}.",
                "Send takes packets, such as New-IPPacket makes, and on a session text and bytes.");
            _automaton.Send(packet);
        }

        /// <summary>Chooses the state to go to.</summary>
        public void Goto(string state) => _automaton.Goto(state);

        private bool PlaceHasStream => (_automaton.Outlet as AutomatonPlace)?.HasStream == true;
    }
}
