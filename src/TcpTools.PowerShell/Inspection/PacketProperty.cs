using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using TcpTools.Inspection;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Fields of packets by their paths, as people name them: <c>Tcp.Flags</c>, <c>IP.TimeToLive</c>, <c>TCP.Options[0].Value</c>.</summary>
internal static partial class PacketProperty
{
    /// <summary>The value at a path; null when the packet has no such layer or option.</summary>
    /// <exception cref="StackException">A layer that is there has no field of that name.</exception>
    public static object? Read(Packet packet, string path)
    {
        PacketField? field = FindField(packet.GetFields(), path);
        if (field is not null)
        {
            return field.Fields.Count == 0 ? field.Value : field.Value ?? field;
        }

        object? value = packet;
        foreach (string name in path.Split('.'))
        {
            if (value is null)
            {
                return null;
            }

            value = Step(value, name, path);
        }

        return value;
    }

    /// <summary>Sets the property at a path; control bits, addresses and options may be text.</summary>
    /// <exception cref="StackException">There is no such property, or it cannot have this value.</exception>
    public static void Write(Packet packet, string path, object? value)
    {
        int dot = path.LastIndexOf('.');
        object? owner = dot < 0 ? packet : Owner(packet, path[..dot]);
        string name = path[(dot + 1)..];
        PSPropertyInfo? property = owner is null ? null : PSObject.AsPSObject(owner).Properties[name];
        if (property is null || !property.IsSettable)
        {
            throw new StackException(
                StackError.InvalidArgument, $"The packet has no '{path}' to set.", "Format-Packet shows the layers and fields that it has.");
        }

        Type type = owner!.GetType().GetProperty(property.Name)!.PropertyType;
        try
        {
            property.Value = Convert(value, type);
        }
        catch (Exception error) when (error is SetValueException or PSInvalidCastException or FormatException)
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"'{path}' cannot be {Show(value)}: {error.Message}",
                $"It takes values of the type {(Nullable.GetUnderlyingType(type) ?? type).Name}.",
                error);
        }
    }

    /// <summary>Whether a value is what was expected: equal in its own type, matched by a pattern, or approved by a script block.</summary>
    public static bool IsAsExpected(object? actual, object? expected)
    {
        expected = expected is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : expected;
        switch (actual, expected)
        {
            case (_, ScriptBlock condition):
                return LanguagePrimitives.IsTrue(condition.InvokeWithContext(null, [new PSVariable("_", actual)]));
            case (null, _) or (_, null):
                return actual is null && expected is null;
            case (TcpFlags flags, string text) when TcpFlagsText.TryParse(text, out TcpFlags wanted):
                return flags == wanted;
            case (byte[] data, string text):
                return IsText(Encoding.UTF8.GetString(data), text);
            case (string or not IEnumerable, string text) when IsText(Show(actual), text):
                return true;
            case (not string and IEnumerable actuals, not string and IEnumerable wanted):
                return AreAsExpected([.. actuals.Cast<object?>()], [.. wanted.Cast<object?>()]);
            case (IList { Count: 1 } one, _):
                return IsAsExpected(one[0], expected);
            default:
                return LanguagePrimitives.Equals(actual, expected, true, CultureInfo.InvariantCulture)
                    || (LanguagePrimitives.TryConvertTo(expected, actual.GetType(), CultureInfo.InvariantCulture, out object converted) && Equals(actual, converted));
        }
    }

    /// <summary>A value for people.</summary>
    public static string Show(object? value) => (value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value) switch
    {
        null => "absent",
        ScriptBlock condition => $"{{{condition}}}",
        string text => text,
        TcpFlags flags => TcpFlagsText.ToLetters(flags) is { Length: > 0 } letters ? letters : "none",
        byte[] bytes => System.Convert.ToHexStringLower(bytes),
        IEnumerable many => string.Join(", ", many.Cast<object?>().Select(Show)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        PacketField field => field.Text,
        { } other => other.ToString() ?? "",
    };

    private static PacketField? FindField(IEnumerable<PacketField> fields, string path)
    {
        foreach (PacketField field in fields)
        {
            if (field.Path.Equals(path, StringComparison.OrdinalIgnoreCase))
            {
                return field;
            }

            if (path.StartsWith(field.Path + ".", StringComparison.OrdinalIgnoreCase) && FindField(field.Fields, path) is { } inner)
            {
                return inner;
            }
        }

        return null;
    }

    /// <summary>The layer, option or packet that a path leads to.</summary>
    private static object? Owner(Packet packet, string path)
    {
        object? value = packet;
        string[] names = path.Split('.');
        PacketField? layer = FindField(packet.GetFields(), names[0]);
        if (layer is not null)
        {
            value = layer.Value;
            names = names[1..];
        }

        foreach (string name in names)
        {
            value = value is null ? null : Step(value, name, path);
        }

        return value;
    }

    private static object? Step(object value, string name, string path)
    {
        Match parts = Indexed().Match(name);
        PSPropertyInfo property = PSObject.AsPSObject(value).Properties[parts.Groups["name"].Value] ?? throw new StackException(
            StackError.InvalidArgument,
            $"{(value is PacketLayer layer ? layer.Name : value.GetType().Name)} has no '{name}', which '{path}' names.",
            "Format-Packet shows the layers and fields that a packet has.");
        object? result = property.Value is PSObject wrapped ? wrapped.BaseObject : property.Value;
        if (!parts.Groups["index"].Success)
        {
            return result;
        }

        int index = int.Parse(parts.Groups["index"].ValueSpan, CultureInfo.InvariantCulture);
        return (result as IEnumerable)?.Cast<object?>().ElementAtOrDefault(index);
    }

    private static bool IsText(string actual, string expected) => actual.Equals(expected, StringComparison.OrdinalIgnoreCase)
        || (WildcardPattern.ContainsWildcardCharacters(expected) && IsLike(actual, expected));

    /// <summary>A pattern that is none, such as a bracket alone, matches nothing.</summary>
    private static bool IsLike(string actual, string pattern)
    {
        try
        {
            return new WildcardPattern(pattern, WildcardOptions.IgnoreCase).IsMatch(actual);
        }
        catch (WildcardPatternException)
        {
            return false;
        }
    }

    private static bool AreAsExpected(object?[] actual, object?[] expected) =>
        actual.Length == expected.Length && actual.Zip(expected).All(pair => IsAsExpected(pair.First, pair.Second));

    /// <summary>A value as a property of some type takes it: control bits, bytes and options from text, all else as it is.</summary>
    public static object? Convert(object? value, Type type)
    {
        value = value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;
        IEnumerable<object?> many = value is IEnumerable list and not string ? list.Cast<object?>() : [value];
        return (value, type) switch
        {
            (string text, _) when type == typeof(TcpFlags) => TcpFlagsText.Parse(text),
            (string text, _) when type == typeof(byte[]) => Encoding.UTF8.GetBytes(text),
            (not null, _) when type == typeof(System.Collections.ObjectModel.Collection<TcpOption>) =>
                new System.Collections.ObjectModel.Collection<TcpOption>([.. many.Select(one => one as TcpOption ?? TcpOption.Parse(Show(one)))]),
            (not null, _) when type == typeof(System.Collections.ObjectModel.Collection<IPOption>) =>
                new System.Collections.ObjectModel.Collection<IPOption>([.. many.Select(one => one as IPOption ?? IPOption.Parse(Show(one)))]),
            _ => value,
        };
    }

    [GeneratedRegex(@"^(?<name>[^\[]*)(\[(?<index>\d{1,9})\])?$", RegexOptions.ExplicitCapture)]
    private static partial Regex Indexed();
}
