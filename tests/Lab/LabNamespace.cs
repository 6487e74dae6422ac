using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.Lab;

/// <summary>
/// A network namespace: a second, empty network of the kernel's, in which devices, addresses and servers disturb nobody.
/// It goes when it is disposed or when the process ends in order; what a killed process left is removed by the next
/// one that makes a namespace.
/// </summary>
public sealed partial class LabNamespace : IDisposable
{
    private const string Prefix = "tcptools-";
    private const string Directory = "/run/netns";

    private static readonly Lock s_lock = new();
    private static readonly HashSet<LabNamespace> s_live = [];
    private static readonly Lazy<string?> s_obstacle = new(FindObstacle);
    private static int s_count;
    private static bool s_isPrepared;

    private readonly List<IDisposable> _contents = [];

    private LabNamespace(string name) => Name = name;

    /// <summary>Why this process can make no namespace, or null when it can.</summary>
    public static string? Obstacle => s_obstacle.Value;

    /// <summary>The name that <c>ip netns</c> knows.</summary>
    public string Name { get; }

    /// <summary>The file that stands for the namespace.</summary>
    public string FilePath => Path.Combine(Directory, Name);

    /// <summary>Makes a namespace with nothing but its loopback device, which is up.</summary>
    public static LabNamespace Create()
    {
        if (Obstacle is { } obstacle)
        {
            throw new LabException(obstacle);
        }

        lock (s_lock)
        {
            if (!s_isPrepared)
            {
                s_isPrepared = true;
                RemoveStale();
                // Also on Ctrl+C and SIGTERM, which end a process in order.
                AppDomain.CurrentDomain.ProcessExit += (_, _) => DisposeAll();
            }

            LabNamespace made = new(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{++s_count}"));
            Tool.Run("ip", "netns", "add", made.Name);
            s_live.Add(made);
            made.Configure("link", "set", "lo", "up");
            return made;
        }
    }

    /// <summary>Removes the namespaces of processes that are no longer there, and what runs in them.</summary>
    public static void RemoveStale()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return;
        }

        foreach (string name in System.IO.Directory.GetFiles(Directory, Prefix + "*").Select(file => Path.GetFileName(file)!))
        {
            string owner = name[Prefix.Length..].Split('-')[0];
            if (!System.IO.Directory.Exists("/proc/" + owner))
            {
                Remove(name);
            }
        }
    }

    /// <summary>Joins two namespaces with a pair of devices of one name, each end with its address and up.</summary>
    public static void Join(LabNamespace a, string addressA, LabNamespace b, string addressB, string device = "veth0")
    {
        Tool.Run("ip", "link", "add", device, "netns", a.Name, "type", "veth", "peer", "name", device, "netns", b.Name);
        a.SetAddress(device, addressA);
        b.SetAddress(device, addressB);
    }

    /// <summary>Gives a device that is in this namespace an address with prefix length, and brings it up.</summary>
    public void SetAddress(string device, string address)
    {
        Configure("address", "add", address, "dev", device);
        Configure("link", "set", device, "up");
    }

    /// <summary>Runs <c>ip</c> inside.</summary>
    public string Configure(params string[] arguments) => Tool.Run("ip", ["-n", Name, .. arguments]);

    /// <summary>Runs a command inside to its end.</summary>
    public ToolResult Run(string command, params string[] arguments) => Tool.Try("ip", Inside(command, arguments));

    /// <summary>Starts a command inside; it is killed with the namespace at the latest.</summary>
    public LabProcess Start(string command, params string[] arguments) =>
        Adopt(LabProcess.Start("ip", Inside(command, arguments)));

    /// <summary>Lets the namespace dispose something before it goes itself.</summary>
    public T Adopt<T>(T content)
        where T : IDisposable
    {
        lock (_contents)
        {
            _contents.Add(content);
        }

        return content;
    }

    /// <summary>
    /// Runs code on a thread that is inside. A socket made there belongs to this namespace for good, whichever thread
    /// uses it later.
    /// </summary>
    public T Do<T>(Func<T> action)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter();
                result = action();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        { IsBackground = true };
        // A thread of its own, because there is no way back that could not fail; it ends here.
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (s_lock)
        {
            if (!s_live.Remove(this))
            {
                return;
            }
        }

        try
        {
            lock (_contents)
            {
                foreach (IDisposable content in Enumerable.Reverse(_contents))
                {
                    content.Dispose();
                }
            }
        }
        finally
        {
            Remove(Name);
        }
    }

    private static string? FindObstacle()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "not root";
        }

        if (Tool.Find("ip") is null)
        {
            return "no ip command (package iproute2)";
        }

        if (!Tool.Try("unshare", "--net", "true").Succeeded)
        {
            return "this root may not make network namespaces";
        }

        return File.Exists("/dev/net/tun") ? null : "no /dev/net/tun";
    }

    private static void DisposeAll()
    {
        LabNamespace[] live;
        lock (s_lock)
        {
            live = [.. s_live];
        }

        foreach (LabNamespace one in live)
        {
            one.Dispose();
        }
    }

    private static void Remove(string name)
    {
        string[] left = Tool.Try("ip", "netns", "pids", name).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string process in left)
        {
            _ = Tool.Try("kill", "-s", "KILL", process);
        }

        _ = Tool.Try("ip", "netns", "delete", name);
    }

    private string[] Inside(string command, string[] arguments) =>
        ["netns", "exec", Name, Tool.Find(command) ?? command, .. arguments];

    private void Enter()
    {
        const int NewNetwork = 0x40000000;
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = File.OpenHandle(FilePath);
        if (SetNamespace((int)handle.DangerousGetHandle(), NewNetwork) != 0)
        {
            throw new LabException($"The namespace {Name} cannot be entered (errno {Marshal.GetLastPInvokeError()}).");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}
