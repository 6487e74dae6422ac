using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using TcpTools.Inspection;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>
/// Sets one field of packets, named by its path (<c>Tcp.Window</c>), again and again and on any thread. A packet that has no
/// such layer is left alone.
/// </summary>
internal sealed class FieldSetter
{
    private readonly string[] _names;
    private readonly object? _value;
    private readonly ConcurrentDictionary<PropertyInfo, object?> _converted = new();

    /// <summary>Finds out whether there is such a field and whether it can have that value.</summary>
    /// <exception cref="StackException">It is not so.</exception>
    public FieldSetter(string path, object? value)
    {
        Path = path;
        _names = path.Split('.');
        _value = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        bool isKnown = false;
        foreach (Packet sample in Samples())
        {
            isKnown |= Set(sample);
        }

        if (!isKnown)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"'{path}' is no field of a packet that can be set.",
                "Name a layer and a field of it, such as Tcp.Window, IP.Identification, IP.TimeToLive or Payload.Text; Format-Packet shows them.");
        }
    }

    /// <summary>The field's path.</summary>
    public string Path { get; }

    /// <summary>Sets the field; false where the packet does not have it.</summary>
    public bool Set(Packet packet)
    {
        object? owner = packet;
        for (int i = 0; i < _names.Length - 1 && owner is not null; i++)
        {
            owner = Find(owner, _names[i])?.GetValue(owner);
        }

        if (owner is null || Find(owner, _names[^1]) is not { SetMethod.IsPublic: true } property)
        {
            return false;
        }

        property.SetValue(owner, _converted.GetOrAdd(property, Convert));
        return true;
    }

    private static PropertyInfo? Find(object owner, string name) =>
        owner.GetType().GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);

    private static IEnumerable<Packet> Samples()
    {
        foreach (PacketLayer layer in new PacketLayer[] { new TcpLayer(), new UdpLayer(), new IcmpLayer() })
        {
            yield return new Packet(new EthernetLayer(), new IPv4Layer(), layer, new PayloadLayer("x"));
        }

        yield return new Packet(new EthernetLayer(), new IPv6Layer(), new TcpLayer(), new PayloadLayer("x"));
        yield return new Packet(new EthernetLayer(), new ArpLayer());
    }

    private object? Convert(PropertyInfo property)
    {
        try
        {
            object? value = PacketProperty.Convert(_value, property.PropertyType);
            return value is null ? null : LanguagePrimitives.ConvertTo(value, property.PropertyType, CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is PSInvalidCastException or FormatException or ArgumentException)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"'{Path}' cannot be {PacketProperty.Show(_value)}: {error.Message}",
                $"It takes values of the type {(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType).Name}.",
                error);
        }
    }
}
