using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using TcpTools.Lab;
using TcpTools.Stack;

namespace TcpTools.Benchmarks;

/// <summary>What is measured against the kernel's own TCP.</summary>
internal static class KernelComparisons
{
    private const int Rounds = 3000;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_span = TimeSpan.FromMilliseconds(600);

    public static Comparison[] All(Arena arena) =>
    [
        new("throughput in, one stream", "Gbit/s", () => OursIn(arena), () => KernelIn(arena)),
        new("throughput out, one stream", "Gbit/s", () => OursOut(arena), () => KernelOut(arena)),
        new("connections opened and closed", "1/s", () => OursConnections(arena), () => KernelConnections(arena)),
        new("round trip of 1 byte, p50", "us", () => OursRoundTrip(arena), () => KernelRoundTrip(arena)),
    ];

    private static double OursIn(Arena arena)
    {
        using TcpSession session = arena.ConnectOurs(Arena.SourcePort);
        byte[] buffer = new byte[1 << 18];
        double result = Rate(() => session.ReadSome(buffer, s_limit));
        session.Abort();
        return result;
    }

    private static double KernelIn(Arena arena)
    {
        using Socket socket = arena.ConnectKernel(Arena.SourcePort);
        byte[] buffer = new byte[1 << 18];
        double result = Rate(() => socket.Receive(buffer));
        KernelSocket.Abort(socket);
        return result;
    }

    private static double OursOut(Arena arena)
    {
        using TcpSession session = arena.ConnectOurs(Arena.SinkPort);
        byte[] data = RepeatableData.Make(1 << 18);
        double result = RateAtSink(arena, () => session.WriteAll(data, s_limit));
        session.Shutdown();
        session.WaitFor(SessionCondition.PeerFinished, s_limit);
        return result;
    }

    private static double KernelOut(Arena arena)
    {
        using Socket socket = arena.ConnectKernel(Arena.SinkPort);
        byte[] data = RepeatableData.Make(1 << 18);
        double result = RateAtSink(arena, () => KernelServer.SendAll(socket, data));
        socket.Shutdown(SocketShutdown.Send);
        _ = socket.Receive(data);
        return result;
    }

    private static double OursConnections(Arena arena) => PerSecond(() =>
    {
        using TcpSession session = arena.ConnectOurs(Arena.ClosePort);
        session.WaitFor(SessionCondition.PeerFinished, s_limit);
    });

    private static double KernelConnections(Arena arena) => arena.InClient(() =>
    {
        byte[] buffer = new byte[1];
        IPEndPoint server = new(IPAddress.Parse("10.8.0.1"), Arena.ClosePort);
        return PerSecond(() =>
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(server);
            _ = socket.Receive(buffer);
        });
    });

    private static double OursRoundTrip(Arena arena)
    {
        using TcpSession session = arena.ConnectOurs(Arena.EchoPort);
        session.NoDelay = true;
        byte[] one = new byte[1];
        return MedianMicroseconds(() =>
        {
            session.WriteAll(one, s_limit);
            _ = session.ReadSome(one, s_limit);
        });
    }

    private static double KernelRoundTrip(Arena arena)
    {
        using Socket socket = arena.ConnectKernel(Arena.EchoPort);
        byte[] one = new byte[1];
        return MedianMicroseconds(() =>
        {
            _ = socket.Send(one);
            _ = socket.Receive(one);
        });
    }

    /// <summary>Gbit/s of an action that gives the bytes it has moved.</summary>
    private static double Rate(Func<int> move)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_warmUp;)
        {
            _ = move();
        }

        long bytes = 0;
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < s_span)
        {
            bytes += move();
        }

        return Gigabits(bytes, Stopwatch.GetElapsedTime(from));
    }

    /// <summary>Gbit/s as they arrive: what waits in a sender's buffer does not count.</summary>
    private static double RateAtSink(Arena arena, Action send)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < s_warmUp;)
        {
            send();
        }

        long before = arena.Sunk;
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < s_span)
        {
            send();
        }

        return Gigabits(arena.Sunk - before, Stopwatch.GetElapsedTime(from));
    }

    private static double PerSecond(Action action)
    {
        int count = 0;
        long from = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(from) < s_span)
        {
            action();
            count++;
        }

        return count / Stopwatch.GetElapsedTime(from).TotalSeconds;
    }

    private static double MedianMicroseconds(Action roundTrip)
    {
        double[] times = new double[Rounds];
        for (int i = 0; i < Rounds; i++)
        {
            long from = Stopwatch.GetTimestamp();
            roundTrip();
            times[i] = Stopwatch.GetElapsedTime(from).TotalMicroseconds;
        }

        return Comparison.Median(times);
    }

    private static double Gigabits(long bytes, TimeSpan time) => bytes * 8 / time.TotalSeconds / 1e9;
}
