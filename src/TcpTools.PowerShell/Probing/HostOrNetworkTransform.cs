using System;
using System.Collections;
using System.Linq;
using System.Management.Automation;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take addresses, each standing for itself alone, and networks: 10.9.0.2, 10.9.1.0/24.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HostOrNetworkTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value is IEnumerable many and not string ? many.Cast<object>().Select(One).ToArray() : new[] { One(value) };
    }

    private static InterfaceAddress One(object? value)
    {
        const int Whole = 8;
        return Addresses.TryRead(value, out NetworkAddress host)
            ? new InterfaceAddress(host, host.Length * Whole)
            : Addresses.TryReadWithPrefix(value, 32, out InterfaceAddress network)
                ? network
                : throw new ArgumentTransformationMetadataException(
                    $"{Lookup.Show(value)} is neither an address nor a network such as 10.9.1.0/24.");
    }
}
