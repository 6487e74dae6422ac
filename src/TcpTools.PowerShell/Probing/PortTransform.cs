using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take ports: numbers, arrays of them at any depth, and text such as 80,443,8000-8010.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PortTransformAttribute : ArgumentTransformationAttribute
{
    private const ulong LastPort = 65535;

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        List<int> ports = [];
        Collect(inputData, ports);
        return ports.ToArray();
    }

    private static void Collect(object? input, List<int> ports)
    {
        object? value = input is PSObject wrapped ? wrapped.BaseObject : input;
        if (value is IEnumerable many and not string)
        {
            foreach (object? item in many)
            {
                Collect(item, ports);
            }

            return;
        }

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (!NumberSet.TryParse(text, out NumberSet? set) || !set.IsWithin(1, LastPort))
        {
            throw new ArgumentTransformationMetadataException(
                $"{Lookup.Show(value)} are no ports: write numbers from 1 to 65535, such as 22,80,(8000..8010) or '22,8000-8010'.");
        }

        ports.AddRange(set.Select(static number => (int)number));
    }
}
