using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;

namespace TcpTools.Packets;

/// <summary>
/// Numbers to try one after another, such as ports: single ones and ranges in the order in which they were named. A range
/// takes no more room than its two ends.
/// </summary>
public sealed class NumberSet : IReadOnlyCollection<ulong>
{
    private readonly (ulong First, ulong Last)[] _ranges;

    /// <summary>These ranges; one whose last is less than its first counts down.</summary>
    public NumberSet(params IEnumerable<(ulong First, ulong Last)> ranges) => _ranges = [.. ranges];

    /// <summary>How many numbers there are; the most that an int holds where they are more.</summary>
    public int Count => (int)UInt128.Min(_ranges.Aggregate(UInt128.Zero, (sum, range) => sum + Distance(range) + 1), int.MaxValue);

    /// <summary>The ranges, each with both its ends.</summary>
    public IReadOnlyList<(ulong First, ulong Last)> Ranges => _ranges;

    /// <summary>
    /// Reads numbers and ranges with commas between them, such as <c>80,443,8000-8010</c>; numbers may be hexadecimal with
    /// 0x before.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out NumberSet? set)
    {
        set = null;
        List<(ulong, ulong)> ranges = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            string[] ends = part.Split("..", 2, StringSplitOptions.TrimEntries);
            ends = ends.Length == 2 ? ends : part.Split('-', 2, StringSplitOptions.TrimEntries);
            if (!TryReadNumber(ends[0], out ulong first) || !TryReadNumber(ends[^1], out ulong last))
            {
                return false;
            }

            ranges.Add((first, last));
        }

        set = new NumberSet(ranges);
        return true;
    }

    /// <summary>Whether all numbers lie within bounds.</summary>
    public bool IsWithin(ulong least, ulong most) =>
        _ranges.All(range => Math.Min(range.First, range.Last) >= least && Math.Max(range.First, range.Last) <= most);

    /// <inheritdoc/>
    public IEnumerator<ulong> GetEnumerator()
    {
        foreach ((ulong first, ulong last) in _ranges)
        {
            ulong number = first;
            yield return number;
            while (number != last)
            {
                number = first < last ? number + 1 : number - 1;
                yield return number;
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The numbers as they are read.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(range =>
        range.First == range.Last ? Show(range.First) : $"{Show(range.First)}-{Show(range.Last)}"));

    private static ulong Distance((ulong First, ulong Last) range) =>
        range.First < range.Last ? range.Last - range.First : range.First - range.Last;

    private static string Show(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool TryReadNumber(string text, out ulong number) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
