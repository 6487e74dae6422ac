using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Lists hooks.</summary>
[Cmdlet(VerbsCommon.Get, "PacketHook")]
[OutputType(typeof(PacketHook))]
public sealed class GetPacketHookCommand : TcpToolsCmdlet
{
    /// <summary>Their names; wildcards are allowed.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(HookCompleter))]
    public string[]? Name { get; set; }

    /// <summary>The stacks whose hooks are listed; all of the runspace's when none is named.</summary>
    [Parameter(ValueFromPipeline = true)]
    [StacksTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack[]? Stack { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        IEnumerable<PacketHook> hooks = Stack is null ? HookLookup.All : Stack.SelectMany(static stack => stack.Hooks);
        PacketHook[] found = Name is null ? [.. hooks] : HookLookup.Find(hooks, Name);
        WriteObject(found, enumerateCollection: true);
        if (found.Length == 0 && Name is { Length: 1 } && !WildcardPattern.ContainsWildcardCharacters(Name[0]))
        {
            WriteError(Errors.Make(
                "NoHook", ErrorCategory.ObjectNotFound, $"There is no hook '{Name[0]}'.", Name[0], "Get-PacketHook lists those that there are."));
        }
    }
}

/// <summary>Removes hooks.</summary>
[Cmdlet(VerbsLifecycle.Unregister, "PacketHook", DefaultParameterSetName = "Hook", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(PacketHook))]
public sealed class UnregisterPacketHookCommand : TcpToolsCmdlet
{
    /// <summary>The hooks: as objects, by name or by number.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Hook")]
    [PacketHooksTransform]
    [ArgumentCompleter(typeof(HookCompleter))]
    [AllowEmptyCollection]
    [Alias("Name", "InputObject")]
    [SupportsWildcards]
    public PacketHook[] Hook { get; set; } = [];

    /// <summary>The stacks that lose all their hooks.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Stack")]
    [StacksTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack[] Stack { get; set; } = [];

    /// <summary>Writes the hooks, with their last counts.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (PacketHook hook in ParameterSetName == "Hook" ? Hook : [.. Stack.SelectMany(static stack => stack.Hooks)])
        {
            if (!ShouldProcess(hook.ToString(), "Remove the hook"))
            {
                continue;
            }

            hook.Remove();
            State.Hooks.Remove(hook);
            if (PassThru)
            {
                WriteObject(hook);
            }
        }
    }
}
