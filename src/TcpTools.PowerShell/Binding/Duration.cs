using System;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using System.Threading;

namespace TcpTools.PowerShell;

/// <summary>Durations as people write them: <c>20ms</c>, <c>1.5s</c>, <c>00:00:02</c>.</summary>
internal static class Duration
{
    private static readonly (string Unit, double Seconds)[] s_units =
        [("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("min", 60), ("h", 3600), ("d", 86400), ("s", 1)];

    /// <summary>Reads a duration; a number without a unit counts in units of <paramref name="plainUnit"/> seconds.</summary>
    public static bool TryParse(object? value, double plainUnit, out TimeSpan duration)
    {
        if (value is PSObject wrapped)
        {
            // PowerShell takes an unquoted 60s for a number of the type Int16 and 2d for a Decimal, but keeps what was typed.
            value = wrapped.BaseObject is ValueType and not TimeSpan && char.IsAsciiLetter(wrapped.ToString().LastOrDefault())
                ? wrapped.ToString()
                : wrapped.BaseObject;
        }

        switch (value)
        {
            case TimeSpan span:
                duration = span;
                return true;
            case string text:
                return TryParseText(text.Trim(), plainUnit, out duration);
            case byte or sbyte or short or ushort or int or uint or long or ulong or float or double or decimal:
                return TryFromSeconds(Convert.ToDouble(value, CultureInfo.InvariantCulture) * plainUnit, out duration);
            default:
                duration = default;
                return false;
        }
    }

    private static bool TryParseText(string text, double plainUnit, out TimeSpan duration)
    {
        if (text.Contains(':', StringComparison.Ordinal))
        {
            return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out duration);
        }

        double unit = plainUnit;
        ReadOnlySpan<char> number = text;
        foreach ((string name, double seconds) in s_units)
        {
            if (text.EndsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                unit = seconds;
                number = text.AsSpan(0, text.Length - name.Length).TrimEnd();
                break;
            }
        }

        duration = default;
        return double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double count)
            && TryFromSeconds(count * unit, out duration);
    }

    private static bool TryFromSeconds(double seconds, out TimeSpan duration)
    {
        duration = default;
        if (!(Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds / 2))
        {
            return false;
        }

        duration = TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond));
        return true;
    }
}

/// <summary>Lets a duration parameter take a TimeSpan, text with a unit (20ms, 1.5s) or a number of milliseconds.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        const double Millisecond = 1e-3;
        return Duration.TryParse(inputData, Millisecond, out TimeSpan duration) && duration >= TimeSpan.Zero
            ? duration
            : throw new ArgumentTransformationMetadataException(
                $"'{inputData}' is not a duration: write 20ms, 1.5s, 2min, a TimeSpan, or a number of milliseconds.");
    }
}

/// <summary>Lets <c>-TimeoutSec</c> take seconds with a fraction, a TimeSpan, or -1 for no limit.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeoutTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (Duration.TryParse(inputData, 1, out TimeSpan duration))
        {
            if (duration == Timeout.InfiniteTimeSpan || duration == TimeSpan.FromSeconds(-1))
            {
                return -1.0;
            }

            if (duration >= TimeSpan.Zero)
            {
                return duration.TotalSeconds;
            }
        }

        throw new ArgumentTransformationMetadataException(
            $"'{inputData}' is not a time limit: write a number of seconds, a TimeSpan, or -1 for no limit.");
    }
}
