using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Forwarding;

namespace TcpTools.PowerShell;

/// <summary>Lists the forwarders of this runspace.</summary>
[Cmdlet(VerbsCommon.Get, "TcpForwarder")]
[OutputType(typeof(TcpForwarder))]
public sealed class GetTcpForwarderCommand : TcpToolsCmdlet
{
    /// <summary>Their names.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ForwarderCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IReadOnlyList<TcpForwarder> all = State.Forwarders.Items;
        if (Name is null)
        {
            WriteObject(all, true);
            return;
        }

        foreach (string name in Name)
        {
            WildcardPattern pattern = new(name, WildcardOptions.IgnoreCase);
            TcpForwarder[] found = [.. all.Where(forwarder => pattern.IsMatch(forwarder.Name))];
            if (found.Length == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
            {
                WriteError(Errors.Make(
                    "ForwarderNotFound", ErrorCategory.ObjectNotFound, $"There is no forwarder '{name}'.", name, "Get-TcpForwarder lists all."));
            }

            WriteObject(found, true);
        }
    }
}

/// <summary>Ends forwarders, and the connections that they forward.</summary>
[Cmdlet(VerbsLifecycle.Stop, "TcpForwarder", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(TcpForwarder))]
public sealed class StopTcpForwarderCommand : TcpToolsCmdlet
{
    /// <summary>The forwarders.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ForwarderTransform]
    [ArgumentCompleter(typeof(ForwarderCompleter))]
    public TcpForwarder[] Forwarder { get; set; } = [];

    /// <summary>Writes them.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (TcpForwarder forwarder in Forwarder)
        {
            Subject = forwarder;
            if (!ShouldProcess(forwarder.ToString(), "Stop forwarding"))
            {
                continue;
            }

            forwarder.Stop();
            State.Forwarders.Remove(forwarder);
            if (PassThru)
            {
                WriteObject(forwarder);
            }
        }
    }
}

/// <summary>Lets <c>-Forwarder</c> take forwarders, their names or their numbers.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ForwarderTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        IEnumerable all = value is IEnumerable many and not string ? many : new[] { value };
        return all.Cast<object?>().Select(Find).ToArray();
    }

    private static TcpForwarder Find(object? item)
    {
        object? value = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (value is TcpForwarder forwarder)
        {
            return forwarder;
        }

        IReadOnlyList<TcpForwarder> all = ModuleState.Current.Forwarders.Items;
        TcpForwarder? found = Lookup.TryGetId(value, out long id) ? all.FirstOrDefault(f => f.Id == id) : null;
        if (value is string name)
        {
            found = all.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase)) ?? found;
        }

        return found ?? throw new ArgumentTransformationMetadataException(
            $"{Lookup.Show(item)} is not a forwarder of this runspace. Get-TcpForwarder lists them.");
    }
}

/// <summary>Completes the names of this runspace's forwarders.</summary>
public sealed class ForwarderCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Forwarders.Items.Select(f => (f.Name, f.ToString()));
}
