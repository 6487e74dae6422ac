using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take objects behind a quotation as text: 'mpls 16005', 'object 1/1 0x0102'; or as bytes.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IcmpExtensionTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        try
        {
            // An array of bytes is one object as it is on the wire.
            return value is IEnumerable many and not (string or byte[]) ? many.Cast<object>().Select(One).ToArray() : new[] { One(value) };
        }
        catch (FormatException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static IcmpExtensionObject One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain switch
        {
            IcmpExtensionObject already => already,
            byte[] raw => IcmpExtensionObject.FromBytes(raw),
            _ => IcmpExtensionObject.Parse(plain?.ToString() ?? ""),
        };
    }
}

/// <summary>Completes objects behind a quotation.</summary>
public sealed class IcmpExtensionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("mpls 16005", "the label that the packet had"),
        ("mpls 16005 tc 3 ttl 1, 17 ttl 1", "a stack of labels, the outermost first"),
        ("object 1/1 0x0102", "any class and type with any data"),
    ];
}
