using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take domain names as text.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DnsNameTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Many.Read(inputData, value => value as DnsName ?? DnsName.Parse(value?.ToString() ?? ""));
}

/// <summary>Lets a parameter take DNS records as zone files have them: 'example.org 300 IN A 192.0.2.1'.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DnsRecordTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        Many.Read(inputData, value => value as DnsRecord ?? DnsRecord.Parse(value?.ToString() ?? ""));
}

/// <summary>Lets a parameter take a secret as text, in UTF-8, or as bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        PacketInput.TryReadData(inputData, Encoding.UTF8)
        ?? throw new ArgumentTransformationMetadataException("A key is text or bytes ([byte[]]).");
}

/// <summary>Completes the types that announce VLAN tags.</summary>
public sealed class TagProtocolCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("0x8100", "a customer's tag (IEEE 802.1Q)"),
        ("0x88A8", "a provider's tag (IEEE 802.1ad)"),
        ("0x9100", "an outer tag of older equipment"),
    ];
}

/// <summary>One value or many, each read on its own.</summary>
internal static class Many
{
    public static T[] Read<T>(object inputData, Func<object?, T> read)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            return value is IEnumerable many and not string
                ? [.. many.Cast<object>().Select(item => read(item is PSObject inner ? inner.BaseObject : item))]
                : [read(value)];
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
