using System;
using System.Collections;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Fragments;

namespace TcpTools.PowerShell;

/// <summary>Lets a parameter take stretches of data as text: 0-24 ends in front of byte 24, 16-48+ says that more follow, 40-64. that none do.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class FragmentRangeTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            FragmentRange[] ranges => ranges,
            string text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Parse).ToArray(),
            IEnumerable many => many.Cast<object>().Select(One).ToArray(),
            _ => new[] { One(value) },
        };
    }

    private static FragmentRange One(object? value)
    {
        object? plain = value is PSObject wrapped ? wrapped.BaseObject : value;
        return plain is FragmentRange range ? range : Parse(Convert.ToString(plain, CultureInfo.InvariantCulture) ?? "");
    }

    private static FragmentRange Parse(string text)
    {
        bool? more = text.EndsWith('+') ? true : text.EndsWith('.') ? false : null;
        string[] ends = text.TrimEnd('+', '.').Split('-');
        return ends.Length == 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int start)
            && int.TryParse(ends[1], NumberStyles.None, CultureInfo.InvariantCulture, out int end)
            && start % 8 == 0 && end >= start
            ? new FragmentRange(start, end, more)
            : throw new ArgumentTransformationMetadataException(
                $"'{text}' is no stretch of data: write 0-24, where the first number is a multiple of 8; with + behind when more are said to follow, with . when none are.");
    }
}
