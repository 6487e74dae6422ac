using System;
using System.Globalization;
using System.Linq;

namespace TcpTools.Benchmarks;

/// <summary>
/// Two ways to do the same, measured in turns: on a machine that others use as well, the ratio of neighbouring runs says more
/// than any absolute figure.
/// </summary>
internal sealed class Comparison(string name, string unit, Func<double> ours, Func<double> reference)
{
    /// <summary>Measures and prints medians, ranges and the median of the ratios of neighbouring runs.</summary>
    public void Run(int runs)
    {
        // One turn each, not counted, for the compiler and the caches.
        _ = ours();
        _ = reference();
        double[] own = new double[runs];
        double[] other = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            own[i] = ours();
            other[i] = reference();
        }

        double ratio = Median([.. own.Zip(other, (a, b) => a / b)]);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name,-34} {Show(own),24} {Show(other),24} {unit,-6} {ratio,6:F2}"));
    }

    /// <summary>The head of the table.</summary>
    public static void PrintHead() => Console.WriteLine(
        $"{"median [range]",-34} {"ours over TUN",24} {"kernel over veth",24} {"",-6} {"ratio",6}");

    /// <summary>The middle value.</summary>
    public static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>The median, and the range.</summary>
    public static string Show(double[] values)
    {
        string format = Median(values) < 100 ? "F2" : "F0";
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return $"{Text(Median(values))} [{Text(values.Min())}-{Text(values.Max())}]";
    }
}
