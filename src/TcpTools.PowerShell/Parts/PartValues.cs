using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>What people and their scripts give for a part, taken apart.</summary>
internal static class PartValues
{
    public static object? Unwrap(object? value) =>
        value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    public static bool TryInteger(object? value, out long number)
    {
        number = 0;
        switch (Unwrap(value))
        {
            case byte or sbyte or short or ushort or int or uint or long:
                number = Convert.ToInt64(Unwrap(value), CultureInfo.InvariantCulture);
                return true;
            case double or float or decimal or ulong:
                double real = Convert.ToDouble(Unwrap(value), CultureInfo.InvariantCulture);
                number = real is >= long.MinValue and <= 9e18 ? (long)real : 0;
                return real is >= long.MinValue and <= 9e18;
            case string text:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number);
            default:
                return false;
        }
    }

    public static bool TrySequence(object? value, out SequenceNumber sequence)
    {
        if (Unwrap(value) is SequenceNumber already)
        {
            sequence = already;
            return true;
        }

        // 0xFFFFFFFE is an Int32 below zero in PowerShell.
        bool isNumber = TryInteger(value, out long number) && number is >= int.MinValue and <= uint.MaxValue;
        sequence = new SequenceNumber(unchecked((uint)number));
        return isNumber;
    }

    /// <summary>Whether a value is a list in the manner of PowerShell.</summary>
    public static bool IsList(object? value) => Unwrap(value) is IEnumerable and not string and not IDictionary;

    /// <summary>Whether a type was made by PowerShell's <c>class</c>.</summary>
    public static bool IsShellClass(Type type) =>
        type.Assembly.IsDynamic && (type.Assembly.GetName().Name?.StartsWith("PowerShell Class Assembly", StringComparison.Ordinal) ?? false);

    // Newer than the PowerShell that this is compiled against.
    private static bool IsFree(Type type) =>
        type.GetCustomAttributes(inherit: false).Any(static a => a.GetType().Name == "NoRunspaceAffinityAttribute");

    /// <summary>Makes sure that methods of a PowerShell class can be called elsewhere than in the session that defined it.</summary>
    /// <exception cref="StackException">They cannot.</exception>
    public static void RequireFree(Type type, string example)
    {
        if (IsShellClass(type) && !IsFree(type))
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"The class {type.Name} is tied to the session that defined it: each call from a stack would take it a quarter of a second.",
                $"Write [NoRunspaceAffinity()] before 'class {type.Name}', or give a script block such as {example}.");
        }
    }
}
