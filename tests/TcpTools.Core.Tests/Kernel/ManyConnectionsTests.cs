using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Threading;
using TcpTools.Lab;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>Connections come and go by the thousand, and leave nothing.</summary>
[Trait("Category", "Root")]
[Trait("Category", "Slow")]
public sealed class ManyConnectionsTests
{
    // TIME-WAIT is a minute by default, and its end is part of what is counted here.
    private static readonly TcpSettings s_settings =
        TcpSettings.For(TcpProfile.Linux) with { TimeWait = TimeSpan.FromMilliseconds(50) };

    [RootFact]
    public void Two_thousand_connections_one_after_another_leave_nothing()
    {
        using TunPair pair = new(settings: s_settings);
        KernelServer server = pair.Serve(KernelServer.Echo, onOneThread: true);
        List<WeakReference> sessions = EchoOnce(pair, 2000);
        Assert.True(Tool.Until(() => pair.Stack.Sessions.Count == 0, TunPair.Limit));
        int held = sessions.Count;
        // The heap is shared with the tests beside this one, so that only the sessions themselves tell whether they are held. A
        // few may be what threads worked with last.
        Assert.True(
            Tool.Until(
                () =>
                {
                    GC.Collect();
                    return (held = sessions.Count(static session => session.IsAlive)) < 20;
                },
                TunPair.Limit),
            $"{held} of {sessions.Count} sessions are still held");
        Assert.Null(server.Failure);
        pair.AssertNothingLeft();
    }

    [RootFact]
    public void Of_five_hundred_at_once_half_are_aborted_by_the_peer_and_nothing_is_left()
    {
        const int Count = 500;
        using TunPair pair = new(settings: s_settings);
        int threads = Directory.GetDirectories("/proc/self/task").Length;
        int accepted = 0;
        using ManualResetEventSlim all = new();
        pair.Serve(socket =>
        {
            bool isAborted = Interlocked.Increment(ref accepted) % 2 == 0;
            if (accepted == Count)
            {
                all.Set();
            }

            all.Wait(TunPair.Limit);
            if (isAborted)
            {
                KernelSocket.Abort(socket);
            }
            else
            {
                KernelServer.Echo(socket);
            }
        });
        TcpSession[] sessions = [.. Enumerable.Range(0, Count).Select(_ => pair.Stack.Connect(new ConnectOptions
        {
            RemoteAddress = NetworkAddress.From(TunPair.KernelAddress),
            RemotePort = TunPair.Port,
        }))];
        Assert.All(sessions, session => Assert.True(session.WaitFor(SessionCondition.Established, TunPair.Limit)));
        Assert.True(all.Wait(TunPair.Limit), $"only {accepted} arrived");
        Assert.True(Tool.Until(
            () => sessions.Count(session => session.CloseReason == TcpCloseReason.ResetByPeer) == Count / 2, TunPair.Limit));

        foreach (TcpSession session in sessions.Where(session => session.State == TcpState.Established))
        {
            session.WriteAll("still here"u8, TunPair.Limit);
            session.Shutdown();
            Assert.Equal("still here"u8, ReadAll(session));
            session.Close();
        }

        Array.ForEach(sessions, session => session.Dispose());
        pair.AssertNothingLeft();
        pair.Dispose();
        // The runtime's pool may have grown a little of its own accord.
        Assert.True(Tool.Until(
            () => Directory.GetDirectories("/proc/self/task").Length <= threads + 50, TunPair.Limit), "threads are left");
    }

    [RootFact]
    public void Every_port_is_free_again_after_its_connection()
    {
        using TunPair pair = new(settings: s_settings);
        pair.Serve(KernelServer.Echo, onOneThread: true);
        for (int i = 0; i < 3; i++)
        {
            // The same pair of sockets each time: refused while anything of the last connection is left.
            using TcpSession session = pair.Stack.Connect(new ConnectOptions
            {
                RemoteAddress = NetworkAddress.From(TunPair.KernelAddress),
                RemotePort = TunPair.Port,
                LocalPort = 40000,
            });
            Assert.True(session.WaitFor(SessionCondition.Established, TunPair.Limit));
            session.Shutdown();
            Assert.True(session.WaitFor(SessionCondition.Closed, TunPair.Limit));
            session.Close();
            Assert.True(Tool.Until(() => pair.Stack.Sessions.Count == 0, TunPair.Limit));
        }
    }

    private static List<WeakReference> EchoOnce(TunPair pair, int times)
    {
        List<WeakReference> sessions = [];
        byte[] message = RepeatableData.Make(64);
        for (int i = 0; i < times; i++)
        {
            using TcpSession session = pair.Connect();
            session.WriteAll(message, TunPair.Limit);
            session.Shutdown();
            Assert.Equal(message, ReadAll(session));
            sessions.Add(new WeakReference(session));
        }

        return sessions;
    }

    private static byte[] ReadAll(TcpSession session)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[4096];
        for (int count = session.ReadSome(buffer, TunPair.Limit); count > 0; count = session.ReadSome(buffer, TunPair.Limit))
        {
            all.Write(buffer, 0, count);
        }

        return all.ToArray();
    }
}
