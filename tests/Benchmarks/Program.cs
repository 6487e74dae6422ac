using System;
using System.Globalization;
using TcpTools.Benchmarks;
using TcpTools.Lab;

int runs = 5;
if (ArgumentsAreWrong())
{
    Console.Error.WriteLine("TcpTools.Benchmarks [RUNS]    measures, each figure RUNS times (5)");
    return 2;
}

Console.WriteLine($"{Environment.OSVersion.VersionString}, .NET {Environment.Version}, {Environment.ProcessorCount} processors, {runs} runs in turns.");
DataPathAllocation.Print();
StreamFollowing.Print(runs);
ModuleImport.Print(runs);
if (LabNamespace.Obstacle is { } obstacle)
{
    Console.WriteLine($"skipped: everything against the kernel ({obstacle})");
    return 0;
}

Console.WriteLine($"The kernel's sockets use {KernelSocket.Congestion}, whatever this host's default is; the MTU is 1500, offloads are on.");
Comparison.PrintHead();
using Arena arena = new();
foreach (Comparison comparison in KernelComparisons.All(arena))
{
    comparison.Run(runs);
}

return 0;

bool ArgumentsAreWrong() =>
    args.Length > 1 || (args.Length == 1 && !(int.TryParse(args[0], NumberStyles.None, CultureInfo.InvariantCulture, out runs) && runs > 0));
