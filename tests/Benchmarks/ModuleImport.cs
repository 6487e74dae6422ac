using System;
using System.Globalization;
using System.IO;
using System.Linq;
using TcpTools.Lab;

namespace TcpTools.Benchmarks;

/// <summary>How long Import-Module takes in a fresh PowerShell.</summary>
internal static class ModuleImport
{
    private const string Script = "(Measure-Command { Import-Module ./TcpTools.psd1 -ErrorAction Stop }).TotalMilliseconds.ToString([cultureinfo]::InvariantCulture)";

    public static void Print(int runs)
    {
        string? named = Environment.GetEnvironmentVariable("TCPTOOLS_POWERSHELL");
        string? found = named ?? Tool.Find("pwsh");
        if (found is null || !File.Exists("TcpTools.psd1"))
        {
            Console.WriteLine("module import: not measured (no PowerShell here)");
            return;
        }

        string[] command = found.Split(' ');
        string[] arguments = [.. command[1..], "-NoProfile", "-NonInteractive", "-Command", Script];
        double[] times = [.. Enumerable.Range(0, runs).Select(_ =>
            double.Parse(Tool.Run(command[0], arguments).Trim(), CultureInfo.InvariantCulture))];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"module import: {Comparison.Median(times):F0} ms [{times.Min():F0}-{times.Max():F0}]"));
    }
}
