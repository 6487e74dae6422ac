using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>
/// Lets a parameter take one number, several, ranges of PowerShell (1..30) or ranges as text ('1-1024,8080'), in any mixture.
/// </summary>
/// <param name="largest">The largest number that fits into the field.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NumberSetTransformAttribute(ulong largest) : ArgumentTransformationAttribute
{
    /// <summary>The largest number that fits into the field.</summary>
    public ulong Largest { get; } = largest;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        NumberSet set = Read(inputData);
        return set.IsWithin(0, Largest)
            ? set
            : throw new ArgumentTransformationMetadataException($"{Lookup.Show(inputData)} does not fit: this field goes from 0 to {Largest}.");
    }

    /// <summary>Numbers from whatever stands for some.</summary>
    internal static NumberSet Read(object? value)
    {
        List<(ulong, ulong)> ranges = [];
        Add(value, ranges);
        return new NumberSet(ranges);
    }

    private static void Add(object? value, List<(ulong First, ulong Last)> ranges)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case NumberSet set:
                ranges.AddRange(set.Ranges);
                break;
            case string text when NumberSet.TryParse(text, out NumberSet? read):
                ranges.AddRange(read.Ranges);
                break;
            case IEnumerable many and not string:
                foreach (object? one in many)
                {
                    Add(one, ranges);
                }

                break;
            case not (null or string) when LanguagePrimitives.TryConvertTo(plain, CultureInfo.InvariantCulture, out ulong number):
                // What counts up by one is one range, however long: PowerShell's ranges come as arrays.
                if (ranges.Count > 0 && ranges[^1].First <= ranges[^1].Last && ranges[^1].Last + 1 == number)
                {
                    ranges[^1] = (ranges[^1].First, number);
                }
                else
                {
                    ranges.Add((number, number));
                }

                break;
            default:
                throw new ArgumentTransformationMetadataException(
                    $"{Lookup.Show(plain)} is no number. Give numbers (80, 0x50), ranges (1..30, '1-1024'), or several of them.");
        }
    }
}

/// <summary>
/// Lets a parameter take one address, several, networks (10.0.0.0/30, 2001:db8::/126) or ranges (10.0.0.1-10.0.0.9), in any
/// mixture.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressSetTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => new AddressSet(Read(inputData));

    private static IEnumerable<AddressSet> Read(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (plain)
        {
            case AddressSet set:
                return [set];
            case InterfaceAddress { IsValid: true } own:
                return [new AddressSet(own.Address)];
            case string text when AddressSet.TryParse(text, out AddressSet? read):
                return [read];
            case IEnumerable many and not string:
                return many.Cast<object?>().SelectMany(Read).ToArray();
            default:
                return Addresses.TryRead(plain, out NetworkAddress address)
                    ? [new AddressSet(address)]
                    : throw new ArgumentTransformationMetadataException(
                        $"{Lookup.Show(plain)} is no address such as 10.9.0.1 or 2001:db8::1, no network such as 10.9.0.0/30, and no range such as 10.9.0.1-10.9.0.9.");
        }
    }
}

/// <summary>Lets a parameter take Ethernet addresses, one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MacAddressSetTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable many and not string ? many.Cast<object?>().Select(One).ToArray() : new[] { One(value) };
    }

    private static MacAddress One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain is MacAddress already ? already
            : MacAddress.TryParse(plain?.ToString(), out MacAddress address) ? address
            : throw new ArgumentTransformationMetadataException($"{Lookup.Show(plain)} is not an Ethernet address such as 02:00:00:00:00:01.");
    }
}

/// <summary>
/// Lets a parameter take TCP control bits, one value or several. Single names one after another (Syn, Ack) are the bits of
/// one value; letters (S, SA), numbers and texts of several names ('Syn,Ack') are a value each.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TcpFlagsSetTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is string or not IEnumerable)
        {
            return new[] { One(value) };
        }

        object?[] values = [.. ((IEnumerable)value).Cast<object?>().Select(one => one is PSObject inner ? inner.BaseObject : one)];
        return values.All(IsName)
            ? new[] { values.Select(One).Aggregate(TcpFlags.None, (sum, flags) => sum | flags) }
            : values.Select(One).ToArray();
    }

    private static bool IsName(object? value) => value is string text && Enum.GetNames<TcpFlags>().Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);

    private static TcpFlags One(object? value)
    {
        if (value is TcpFlags flags)
        {
            return flags;
        }

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        return TcpFlagsText.TryParse(text, out flags)
            ? flags
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' are no TCP flags: write names (Syn,Ack), letters (SA of FSRPAUECN) or a number (0x12).");
    }
}

/// <summary>Lets a parameter take IPv4 options as text: 'rr', 'lsrr 10.0.0.1,10.0.0.2', 'ts', 'ra', 'nop'; or as bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IPOptionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            // An array of bytes is one option as it is on the wire.
            return value is IEnumerable many and not (string or byte[]) ? many.Cast<object>().Select(One).ToArray() : new[] { One(value) };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static IPOption One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            IPOption option => option,
            byte[] raw => IPOption.FromBytes(raw),
            _ => IPOption.Parse(plain?.ToString() ?? ""),
        };
    }
}
