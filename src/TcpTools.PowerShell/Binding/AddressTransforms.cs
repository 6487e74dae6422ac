using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using System.Net;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Reads addresses from text and from .NET's types.</summary>
internal static class Addresses
{
    public static bool TryRead(object? value, out NetworkAddress address)
    {
        value = value is PSObject wrapped ? wrapped.BaseObject : value;
        switch (value)
        {
            case NetworkAddress already:
                address = already;
                return true;
            case IPAddress ip:
                address = NetworkAddress.From(ip);
                return true;
            // IPAddress.Parse takes "10" for 0.0.0.10, which nobody means.
            case string text when text.Contains('.', StringComparison.Ordinal) || text.Contains(':', StringComparison.Ordinal):
                return NetworkAddress.TryParse(text.Trim(), out address) && (address.IsIPv6 || text.Count(c => c == '.') == 3);
            default:
                address = default;
                return false;
        }
    }

    public static bool TryReadWithPrefix(object? value, int defaultPrefix, out InterfaceAddress address)
    {
        value = value is PSObject wrapped ? wrapped.BaseObject : value;
        if (value is InterfaceAddress already)
        {
            address = already;
            return already.IsValid;
        }

        if (value is string text && text.Contains('/', StringComparison.Ordinal))
        {
            return InterfaceAddress.TryParse(text.Trim(), out address);
        }

        address = default;
        if (!TryRead(value, out NetworkAddress host))
        {
            return false;
        }

        address = new InterfaceAddress(host, host.IsIPv4 ? defaultPrefix : 64);
        return true;
    }
}

/// <summary>Lets an address parameter take text, an IPAddress or a NetworkAddress.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Addresses.TryRead(inputData, out NetworkAddress address)
            ? address.ToIPAddress()
            : throw new ArgumentTransformationMetadataException($"'{inputData}' is not an IP address such as 10.9.0.1.");
}

/// <summary>Lets a parameter take one address or several, as text or as objects.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AddressesTransformAttribute : ArgumentTransformationAttribute
{
    private static readonly AddressTransformAttribute s_one = new();

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable many and not string
            ? many.Cast<object>().Select(one => (IPAddress)s_one.Transform(engineIntrinsics, one)).ToArray()
            : new[] { (IPAddress)s_one.Transform(engineIntrinsics, inputData) };
    }
}

/// <summary>Lets a parameter take addresses with the length of their network's prefix: 10.9.0.2/24.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InterfaceAddressTransformAttribute : ArgumentTransformationAttribute
{
    /// <summary>
    /// Whether what can be no address at all, such as the name of an interface, is left as it is: the binder then looks for another
    /// parameter at the same position before it complains.
    /// </summary>
    public bool PassNames { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (PassNames && value is string name && name.AsSpan().IndexOfAny('.', ':', '/') < 0)
        {
            return name;
        }

        return value is IEnumerable many and not string ? many.Cast<object>().Select(One).ToArray() : new[] { One(value) };
    }

    private static InterfaceAddress One(object? value)
    {
        const int UsualPrefix = 24;
        return Addresses.TryReadWithPrefix(value, UsualPrefix, out InterfaceAddress address)
            ? address
            : throw new ArgumentTransformationMetadataException(
                $"'{value}' is not an IP address with a prefix length such as 10.9.0.2/24.");
    }
}
