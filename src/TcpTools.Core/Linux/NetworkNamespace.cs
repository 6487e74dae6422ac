using System;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace TcpTools.Linux;

/// <summary>Runs code inside another network namespace, so that the devices and sockets it makes belong there.</summary>
internal static class NetworkNamespace
{
    private const string NamedNamespaces = "/run/netns/";

    /// <summary>
    /// Runs <paramref name="action"/> in the namespace of this name (as <c>ip netns</c> knows it) or path. It runs on a
    /// thread of its own that ends afterwards, because a thread that has changed its namespace must not go back to a pool.
    /// </summary>
    /// <exception cref="StackException">There is no such namespace, the process may not enter it, or the action failed.</exception>
    internal static T Run<T>(string nameOrPath, Func<T> action)
    {
        string path = nameOrPath.Contains('/', StringComparison.Ordinal) ? nameOrPath : NamedNamespaces + nameOrPath;
        if (!File.Exists(path))
        {
            throw new StackException(
                StackError.InvalidArgument,
                $"There is no network namespace '{nameOrPath}'.",
                "Name one that 'ip netns' lists, or give a path such as /proc/1234/ns/net.");
        }

        T result = default!;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Enter(path);
                result = action();
            }
#pragma warning disable CA1031 // Whatever went wrong is thrown again on the caller's thread.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        })
        {
            IsBackground = true,
            Name = "TcpTools namespace visit",
        };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }

    private static void Enter(string path)
    {
        int descriptor = LibC.Open(path, LibC.CloseOnExec);
        int error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        if (descriptor >= 0)
        {
            error = LibC.SetNamespace(descriptor, LibC.NewNetworkNamespace) < 0 ? Marshal.GetLastPInvokeError() : 0;
            _ = LibC.Close(descriptor);
        }

        if (error != 0)
        {
            throw SystemError.ToException(error, $"Entering the network namespace {path}");
        }
    }
}
