using System;
using System.Globalization;
using TcpTools.Benchmarks;
using TcpTools.Lab;

int runs = 5;
string what = "all";
foreach (string argument in args)
{
    if (int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
    {
        runs = number;
    }
    else if (argument is "packets" or "stack" or "hooks")
    {
        what = argument;
    }
    else
    {
        Console.Error.WriteLine("TcpTools.Benchmarks [packets|stack|hooks] [RUNS]    measures one part or all, each figure RUNS times (5)");
        return 2;
    }
}

Console.WriteLine($"{Environment.OSVersion.VersionString}, .NET {Environment.Version}, {Environment.ProcessorCount} processors, {runs} runs in turns.");
if (what is "all" or "stack")
{
    DataPathAllocation.Print();
    ModuleImport.Print(runs);
    if (LabNamespace.Obstacle is null)
    {
        Console.WriteLine($"The kernel's sockets use {KernelSocket.Congestion}, whatever this host's default is; the MTU is 1500, offloads are on.");
        Comparison.PrintHead();
        using Arena arena = new();
        foreach (Comparison comparison in KernelComparisons.All(arena))
        {
            comparison.Run(runs);
        }
    }
    else
    {
        Console.WriteLine($"skipped: everything against the kernel ({LabNamespace.Obstacle})");
    }
}

if (what is "all" or "hooks")
{
    HookCosts.Print(runs);
}

if (what is "all" or "packets")
{
    StreamFollowing.Print(runs);
    PacketComparisons.Print(runs);
    if (LabNamespace.Obstacle is null)
    {
        NetworkComparisons.Print(runs);
    }
}

return 0;
