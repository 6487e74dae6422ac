using System;
using System.Runtime.InteropServices;
using System.Threading;
using TcpTools.Lab;

namespace TcpTools.Demo;

/// <summary>The demo for machines without PowerShell; with it, demo.ps1 does the same with the cmdlets.</summary>
internal static class Program
{
    private const string Usage = """
        TcpTools.Demo           our stack fetches a page: from a server of the kernel's as root, else from a stack of ours
        TcpTools.Demo memory    the same between two stacks of ours, also as root
        TcpTools.Demo serve     our stack serves a page on a TUN device until interrupted
        """;

    private static int Main(string[] arguments)
    {
        using CancellationTokenSource interrupted = new();
        Action<PosixSignalContext> stop = context =>
        {
            // The first signal ends the demo in order; a second one ends it at once.
            context.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        };
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop);
        Report report = new(Console.Out);
        try
        {
            switch (arguments)
            {
                case [] when LabNamespace.Obstacle is null:
                    KernelDemo.Run(report, interrupted.Token);
                    break;
                case []:
                    report.Say($"No namespace for a server of the kernel's ({LabNamespace.Obstacle}), so both sides are ours.");
                    WireDemo.Run(report, interrupted.Token);
                    break;
                case ["memory"]:
                    WireDemo.Run(report, interrupted.Token);
                    break;
                case ["serve"]:
                    ServeDemo.Run(report, interrupted.Token);
                    break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }
        catch (OperationCanceledException)
        {
            report.Say("Interrupted; everything made for the demo has been removed.");
            return 130;
        }
        catch (StackException failure)
        {
            Console.Error.WriteLine($"{failure.Message} {failure.Advice}".Trim());
            return 1;
        }
        catch (LabException failure)
        {
            Console.Error.WriteLine(failure.Message);
            return 1;
        }

        return report.IsGood ? 0 : 1;
    }
}
