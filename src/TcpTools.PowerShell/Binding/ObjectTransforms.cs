using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Links;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Lets <c>-Stack</c> take a stack, its name or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StackTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is TcpStack stack)
        {
            return stack;
        }

        IReadOnlyList<TcpStack> stacks = ModuleState.Current.Stacks;
        TcpStack? found = Lookup.TryGetId(value, out long id) ? stacks.FirstOrDefault(s => s.Id == id) : null;
        if (value is string name)
        {
            found = stacks.FirstOrDefault(s => string.Equals(s.Name, name, StringComparison.OrdinalIgnoreCase)) ?? found;
        }

        return found ?? throw new ArgumentTransformationMetadataException(
            $"{Lookup.Show(inputData)} is not a stack of this runspace. Get-TcpStack lists them.");
    }
}

/// <summary>Lets <c>-Stack</c> take several stacks, each as itself, its name or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class StacksTransformAttribute : ArgumentTransformationAttribute
{
    private readonly StackTransformAttribute _one = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        IEnumerable<object> items = value is IEnumerable many and not string ? many.Cast<object>() : [inputData];
        return items.Select(item => (TcpStack)_one.Transform(engineIntrinsics, item)).ToArray();
    }
}

/// <summary>Lets <c>-Session</c> take a session or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value as TcpSession
            ?? (Lookup.TryGetId(value, out long id) ? ModuleState.Current.Sessions.FirstOrDefault(s => s.Id == id) : null)
            ?? throw new ArgumentTransformationMetadataException(
                $"{Lookup.Show(inputData)} is not a session of this runspace. Get-TcpSession lists them.");
    }
}

/// <summary>Lets <c>-Session</c> take several sessions, each as itself or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SessionsTransformAttribute : ArgumentTransformationAttribute
{
    private readonly SessionTransformAttribute _one = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        IEnumerable<object> items = value is IEnumerable many and not string ? many.Cast<object>() : [inputData];
        return items.Select(item => (TcpSession)_one.Transform(engineIntrinsics, item)).ToArray();
    }
}

/// <summary>Lets <c>-Listener</c> take a listener or its number.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListenerTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value as TcpListener
            ?? (Lookup.TryGetId(value, out long id) ? ModuleState.Current.Listeners.FirstOrDefault(l => l.Id == id) : null)
            ?? throw new ArgumentTransformationMetadataException(
                $"{Lookup.Show(inputData)} is not a listener of this runspace. Get-TcpListener lists them.");
    }
}

/// <summary>Lets <c>-Link</c> take a link, or a stack whose link is meant.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LinkTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            ILink link => link,
            TcpStack stack => stack.Link,
            ImpairedWire => throw new ArgumentTransformationMetadataException(
                "A wire has two ends: name one of them, such as $wire.A."),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{inputData}' is not a link. New-PacketWire makes a wire whose ends, A and B, are links."),
        };
    }
}

/// <summary>Numbers by which people name things.</summary>
internal static class Lookup
{
    public static string Show(object? value) => value is null ? "$null" : $"'{value}'";

    public static bool TryGetId(object? value, out long id)
    {
        switch (value)
        {
            case int or long or uint or short or ushort or byte:
                id = Convert.ToInt64(value, CultureInfo.InvariantCulture);
                return true;
            case string text:
                return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id);
            default:
                id = 0;
                return false;
        }
    }
}
