using System;
using System.Globalization;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Wire;

namespace TcpTools.Benchmarks;

/// <summary>
/// How much a segment allocates on its way from one stack's user to another's: everything runs on this thread, in simulated
/// time, so that the thread's own counter sees all of it.
/// </summary>
internal static class DataPathAllocation
{
    private const int Chunk = 64 * 1024;
    private const int WarmUp = 400;
    private const int Counted = 1600;

    public static void Print()
    {
        VirtualNetwork network = new();
        // Every segment a packet of its own, as on a device without offloads.
        using PacketWire wire = new(new PacketWireOptions { MaximumSegmentationLength = 0 });
        using TcpStack sender = Start(network, wire.A, "10.9.0.1/24");
        using TcpStack receiver = Start(network, wire.B, "10.9.0.2/24");
        using TcpListener listener = receiver.Listen(new ListenOptions { Port = 9 });
        using TcpSession from = sender.Connect(
            new ConnectOptions { RemoteAddress = NetworkAddress.Parse("10.9.0.2"), RemotePort = 9 });
        using TcpSession to = listener.Accept(TimeSpan.FromSeconds(5))
            ?? throw new StackException(StackError.TimedOut, "No connection between the two stacks.");
        byte[] data = RepeatableData.Make(Chunk);
        byte[] received = new byte[Chunk];
        Move(network, from, to, data, received, WarmUp);
        long segments = from.Info.SegmentsOut + to.Info.SegmentsOut;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Move(network, from, to, data, received, Counted);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        segments = from.Info.SegmentsOut + to.Info.SegmentsOut - segments;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"allocated on the data path: {(double)allocated / segments:F3} bytes a segment ({allocated} bytes, {segments} segments)"));
    }

    // Neither call waits: what a waiting user's thread needs is no part of the data path.
    private static void Move(VirtualNetwork network, TcpSession from, TcpSession to, byte[] data, byte[] received, int times)
    {
        for (int i = 0; i < times; i++)
        {
            int sent = 0;
            for (int arrived = 0; arrived < data.Length;)
            {
                sent += from.Write(data.AsSpan(sent));
                network.RunUntilIdle();
                int count = to.Read(received);
                arrived += count;
                if (count == 0)
                {
                    network.Run(TimeSpan.FromMilliseconds(1));
                }
            }
        }
    }

    private static TcpStack Start(VirtualNetwork network, ILink link, string address) => TcpStack.Start(new TcpStackOptions
    {
        Link = link,
        Addresses = [InterfaceAddress.Parse(address)],
        Mode = StackMode.Virtual,
        Clock = network.Clock,
        Random = RandomSource.FromSeed(1),
    });
}
