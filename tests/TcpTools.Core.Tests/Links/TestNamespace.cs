using System;
using System.Diagnostics;
using System.Globalization;
using System.Threading;

namespace TcpTools.Tests.Links;

/// <summary>A network namespace with a name of this process's own, deleted at the end whatever happens.</summary>
internal sealed class TestNamespace : IDisposable
{
    private static int _count;

    public TestNamespace()
    {
        Name = string.Create(
            CultureInfo.InvariantCulture, $"ttl-{Environment.ProcessId}-{Interlocked.Increment(ref _count)}");
        Check(Run("ip", "netns", "add", Name));
        Check(Run("ip", "-n", Name, "link", "set", "lo", "up"));
    }

    public string Name { get; }

    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        using Process process = Start(program, arguments);
        string output = process.StandardOutput.ReadToEnd();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors);
    }

    public static Process Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    public (int ExitCode, string Output) IP(params string[] arguments) => Run("ip", ["-n", Name, .. arguments]);

    public Process StartInside(string program, params string[] arguments) =>
        Start("ip", ["netns", "exec", Name, program, .. arguments]);

    public void Dispose() => Run("ip", "netns", "delete", Name);

    private static void Check((int ExitCode, string Output) result)
    {
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException(result.Output);
        }
    }
}
