using System;
using System.Globalization;
using System.IO;
using TcpTools.Lab;

namespace TcpTools.Benchmarks;

/// <summary>What a segment costs with no hook, with hooks in C# and with hooks in script: hooks.ps1, which prints its own table.</summary>
internal static class HookCosts
{
    public static void Print(int runs)
    {
        string? found = Environment.GetEnvironmentVariable("TCPTOOLS_POWERSHELL") ?? Tool.Find("pwsh");
        if (found is null || !File.Exists("TcpTools.psd1"))
        {
            Console.WriteLine("hooks: not measured (no PowerShell here)");
            return;
        }

        string[] command = found.Split(' ');
        string[] arguments =
        [
            .. command[1..], "-NoProfile", "-NonInteractive", "-File", Path.Combine("tests", "Benchmarks", "hooks.ps1"),
            runs.ToString(CultureInfo.InvariantCulture),
        ];
        Console.Write(Tool.Run(command[0], arguments));
    }
}
