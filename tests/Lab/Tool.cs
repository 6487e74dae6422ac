using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading;

namespace TcpTools.Lab;

/// <summary>What a finished command left.</summary>
/// <param name="ExitCode">0 for success, as usual.</param>
/// <param name="Output">Everything it wrote to its standard output.</param>
/// <param name="Error">Everything it wrote to its standard error.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>Whether the exit code is 0.</summary>
    public bool Succeeded => ExitCode == 0;
}

/// <summary>Runs the system's own commands: ip, tshark, curl and the like.</summary>
public static class Tool
{
    private static readonly string[] s_directories =
    [
        .. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
        // Not on every user's PATH, yet the home of nginx and ip.
        "/usr/sbin", "/sbin",
    ];

    /// <summary>How long a command may take unless a caller says otherwise.</summary>
    public static TimeSpan DefaultTimeout { get; } = TimeSpan.FromSeconds(60);

    /// <summary>The command's full path, or null where it is not installed.</summary>
    public static string? Find(string name) =>
        s_directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    /// <summary>Runs a command to its end, whatever its exit code.</summary>
    public static ToolResult Try(string name, params string[] arguments)
    {
        using LabProcess process = LabProcess.Start(name, arguments);
        if (!process.WaitForExit(DefaultTimeout))
        {
            throw new LabException($"'{name} {string.Join(' ', arguments)}' took longer than {DefaultTimeout.TotalSeconds} s.");
        }

        return new ToolResult(process.ExitCode, process.Output, process.Error);
    }

    /// <summary>Runs a command to its end and gives its output.</summary>
    /// <exception cref="LabException">It failed; the message has its last words.</exception>
    public static string Run(string name, params string[] arguments)
    {
        ToolResult result = Try(name, arguments);
        return result.Succeeded
            ? result.Output
            : throw new LabException($"'{name} {string.Join(' ', arguments)}' failed: {result.Error.Trim()}");
    }

    /// <summary>Waits for something outside this process that tells nobody when it happens.</summary>
    /// <returns>Whether it happened in time.</returns>
    public static bool Until(Func<bool> condition, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
            {
                return false;
            }

            Thread.Sleep(10);
        }

        return true;
    }
}

/// <summary>The lab could not be set up as asked.</summary>
public sealed class LabException : Exception
{
    public LabException()
    {
    }

    public LabException(string message)
        : base(message)
    {
    }

    public LabException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
