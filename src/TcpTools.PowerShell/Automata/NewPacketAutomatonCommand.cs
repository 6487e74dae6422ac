using System.Collections;
using System.Management.Automation;
using TcpTools.Automata;

namespace TcpTools.PowerShell;

/// <summary>Makes an automaton of states and rules.</summary>
[Cmdlet(VerbsCommon.New, "PacketAutomaton", DefaultParameterSetName = "Block")]
[OutputType(typeof(PacketAutomaton))]
public sealed class NewPacketAutomatonCommand : TcpToolsCmdlet
{
    /// <summary>The automaton's name.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Block")]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = "Base")]
    [ValidateNotNullOrEmpty]
    public string? Name { get; set; }

    /// <summary>Its states and rules.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "Block")]
    [Parameter(Position = 1, ParameterSetName = "Base")]
    [Parameter(Position = 0, ParameterSetName = "Unnamed")]
    public ScriptBlock? Definition { get; set; }

    /// <summary>Another automaton, whose states and rules this one has unless it has others of the same name.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Base", ValueFromPipeline = true)]
    [Parameter(Mandatory = true, ParameterSetName = "Unnamed", ValueFromPipeline = true)]
    [AutomatonTransform]
    public PacketAutomaton? Base { get; set; }

    /// <summary>Values that its scripts find in <c>$this.Parameter</c>.</summary>
    [Parameter]
    public IDictionary? Parameter { get; set; }

    /// <summary>Values that its scripts find in <c>$this.Data</c>, as they are at each start.</summary>
    [Parameter]
    public IDictionary? Data { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        AutomatonBuilder builder = new(Name ?? Base!.Name, Base?.Definition);
        foreach (DictionaryEntry entry in Parameter ?? new Hashtable())
        {
            builder.Parameter(entry.Key.ToString() ?? "", entry.Value);
        }

        foreach (DictionaryEntry entry in Data ?? new Hashtable())
        {
            builder.Data(entry.Key.ToString() ?? "", entry.Value);
        }

        if (Definition is not null)
        {
            new AutomatonLanguage(builder, SessionState).Read(Definition);
        }

        WriteObject(new PacketAutomaton(builder.Build()));
    }
}
