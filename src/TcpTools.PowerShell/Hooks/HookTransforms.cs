using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Hooks;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Which way packets go that a hook is for.</summary>
public enum HookDirection
{
    /// <summary>To this side.</summary>
    In,

    /// <summary>From this side.</summary>
    Out,

    /// <summary>Either way.</summary>
    Both,
}

/// <summary>Lets a parameter take C# code that is called for packets: a hook object, a deferred one, or a delegate.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HookHandlerTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        bool isScript = value is ScriptBlock || value?.GetType().Assembly.IsDynamic == true
            // What a script block becomes when it is converted to a delegate.
            || value is Delegate { Target: { } target } && target.GetType().FullName == "System.Runtime.CompilerServices.Closure";
        if (isScript)
        {
            throw new ArgumentTransformationMetadataException(
                "A handler is called on threads that can run no script of PowerShell's. Give the script block to -Action.");
        }

        return value switch
        {
            IPacketHook or IDeferredPacketHook or PacketHookHandler => value,
            Action<PacketHookContext> action => new PacketActionHook(action),
            _ => throw new ArgumentTransformationMetadataException(
                $"{Lookup.Show(value)} is no handler: give an object whose class implements TcpTools.Stack.IPacketHook or IDeferredPacketHook, "
                    + "a PacketHookHandler, or an Action of TcpTools.Hooks.PacketHookContext."),
        };
    }
}

/// <summary>Lets a parameter take hooks, each as itself, its name (wildcards are allowed) or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PacketHooksTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        IEnumerable<object?> items = value is IEnumerable many and not string ? many.Cast<object?>() : [value];
        return items.SelectMany(Find).ToArray();
    }

    private static IEnumerable<PacketHook> Find(object? item)
    {
        object? value = item is PSObject wrapped ? wrapped.BaseObject : item;
        if (value is PacketHook hook)
        {
            return [hook];
        }

        PacketHook[] found = Lookup.TryGetId(value, out long id) ? [.. HookLookup.All.Where(h => h.Id == id)] : [];
        if (found.Length == 0 && value is string name)
        {
            found = HookLookup.Find(HookLookup.All, [name]);
            if (found.Length == 0 && WildcardPattern.ContainsWildcardCharacters(name))
            {
                return found;
            }
        }

        return found.Length > 0 ? found : throw new ArgumentTransformationMetadataException(
            $"{Lookup.Show(value)} is not a hook of this runspace. Get-PacketHook lists them.");
    }
}

/// <summary>Completes the names of hooks.</summary>
public sealed class HookCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        HookLookup.All.Select(hook => (hook.Name, $"{hook.Id}: {string.Join(", ", hook.Stages)}; {hook.Description}"));
}

/// <summary>The hooks that a runspace knows.</summary>
internal static class HookLookup
{
    /// <summary>Those of its stacks, and those that it has registered with others.</summary>
    public static IReadOnlyList<PacketHook> All
    {
        get
        {
            ModuleState state = ModuleState.Current;
            IEnumerable<TcpStack> stacks = state.DefaultStack is { } usual ? state.Stacks.Append(usual) : state.Stacks;
            return [.. stacks.Distinct().SelectMany(static stack => stack.Hooks).Union(state.Hooks.Items).OrderBy(static hook => hook.Id)];
        }
    }

    /// <summary>Those among some whose names are like one of these.</summary>
    public static PacketHook[] Find(IEnumerable<PacketHook> hooks, string[] names)
    {
        WildcardPattern[] patterns = [.. names.Select(static name => WildcardPattern.Get(name, WildcardOptions.IgnoreCase))];
        return [.. hooks.Where(hook => patterns.Any(pattern => pattern.IsMatch(hook.Name)))];
    }
}
