using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Linq;
using System.Reflection;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Inspection;

/// <summary>One layer as the command that makes it, and the layer that this command makes.</summary>
[RequiresUnreferencedCode("Reads the properties of layers by reflection.")]
internal sealed class ScriptLayer
{
    private readonly PacketLayer _original;
    private readonly List<string> _words = [];

    private ScriptLayer(PacketLayer original)
    {
        _original = original;
        Rebuilt = (PacketLayer)Activator.CreateInstance(original.GetType())!;
    }

    /// <summary>The layer as the command makes it.</summary>
    public PacketLayer Rebuilt { get; }

    /// <summary>Whether a cmdlet makes the layer, which can take data too.</summary>
    public bool IsCmdlet { get; private init; }

    /// <summary>What the cmdlet cannot be told: properties to set on the layer when it is made.</summary>
    public List<(string Property, string Value)> Later { get; } = [];

    /// <summary>The command: a cmdlet with its arguments, or the layer as an object.</summary>
    public string Command => IsCmdlet
        ? string.Join(' ', _words)
        : Later.Count == 0
            ? $"[{_original.GetType().FullName}]::new()"
            : $"[{_original.GetType().FullName}]@{{ {string.Join("; ", Later.Select(pair => $"{pair.Property} = {pair.Value}"))} }}";

    /// <summary>The command for a layer; null when there is a property that cannot be written.</summary>
    /// <param name="original">The layer.</param>
    /// <param name="ip">The nearest IP layer around it; null for none.</param>
    /// <param name="isForced">Whether to give values for the fields that could be computed as well.</param>
    public static ScriptLayer? TryWrite(PacketLayer original, IPLayer? ip, bool isForced)
    {
        if (original.GetType().GetConstructor(Type.EmptyTypes) is null)
        {
            return null;
        }

        ScriptForm? form = ScriptForm.Of(original, ip);
        return (form is null ? null : TryWriteCmdlet(original, form, isForced)) ?? TryWriteObject(original);
    }

    private static ScriptLayer? TryWriteCmdlet(PacketLayer original, ScriptForm form, bool isForced)
    {
        ScriptLayer layer = new(original) { IsCmdlet = true };
        layer._words.Add(form.Cmdlet);
        return form.Parameters.All(parameter => layer.TryWriteParameter(parameter, isForced)) && layer.TryWriteRest() ? layer : null;
    }

    private static ScriptLayer? TryWriteObject(PacketLayer original)
    {
        ScriptLayer layer = new(original);
        return layer.TryWriteRest() ? layer : null;
    }

    /// <summary>Writes a parameter if it is needed; false when one that has to be there cannot be written.</summary>
    private bool TryWriteParameter(ScriptParameter parameter, bool isForced)
    {
        PropertyInfo property = _original.GetType().GetProperty(parameter.Property)!;
        bool isGiven = parameter.Parameter is null || IsDifferent(property) || (isForced && IsComputable(property));
        object? value = isGiven ? property.GetValue(_original) : null;
        string? text = isGiven ? ScriptValue.Argument(value) : null;
        if (text is null)
        {
            return parameter.Parameter is not null;
        }

        property.SetValue(Rebuilt, value is Packet packet ? packet.Copy() : value);
        if (parameter.IsSwitch)
        {
            _words.Add($"-{parameter.Parameter}");
            return true;
        }

        if (parameter.Parameter is { } name)
        {
            _words.Add($"-{name}");
        }

        _words.Add(text);
        return true;
    }

    private bool TryWriteRest()
    {
        foreach (PropertyInfo property in _original.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetSetMethod() is null || property.GetIndexParameters().Length > 0 || IsOfAnother(property) || !IsDifferent(property))
            {
                continue;
            }

            object? value = property.GetValue(_original);
            if (value is NetworkAddress { IsNone: true })
            {
                // An address of another length than those known: there is a property for its bytes.
                continue;
            }

            if (ScriptValue.Expression(value) is not { } text)
            {
                return false;
            }

            property.SetValue(Rebuilt, value is Packet packet ? packet.Copy() : value);
            Later.Add((property.Name, text));
        }

        return true;
    }

    /// <summary>An IPv6 header tells what the fragment header behind it says, which is written there.</summary>
    private bool IsOfAnother(PropertyInfo property) =>
        _original is IPv6Layer && property.Name is nameof(IPLayer.FragmentOffset) or nameof(IPLayer.MoreFragments);

    /// <summary>A field that could be computed is told by its type; whether it was set, by the layer.</summary>
    private bool IsDifferent(PropertyInfo property) => IsComputable(property)
        ? _original.FixedFields.Contains(property.Name) && !Rebuilt.FixedFields.Contains(property.Name)
        : !ScriptValue.AreSame(property.GetValue(_original), property.GetValue(Rebuilt));

    private static bool IsComputable(PropertyInfo property) =>
        Nullable.GetUnderlyingType(property.PropertyType) is not null && property.Name != nameof(PacketLayer.TruncatedTo)
        && !(property.DeclaringType == typeof(GreLayer) && property.Name is nameof(GreLayer.Key) or nameof(GreLayer.Sequence));
}
