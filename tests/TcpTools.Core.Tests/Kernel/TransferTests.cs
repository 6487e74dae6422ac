using System;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Tasks;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Stack;
using TcpTools.Tcp;
using Xunit;

namespace TcpTools.Tests.Kernel;

/// <summary>What arrives is what was sent, however much it is and whatever the network does on the way.</summary>
public static class Transfers
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(4);

    // TIME-WAIT is a minute by default, and that nothing is left after it is asserted each time.
    private static readonly TcpSettings s_settings =
        TcpSettings.For(TcpProfile.Linux) with { TimeWait = TimeSpan.FromMilliseconds(300) };

    /// <summary>A network with a little of everything that networks do to packets.</summary>
    internal static Impairment Rough { get; } = new()
    {
        Loss = 0.02,
        Reorder = 0.01,
        ReorderDelay = TimeSpan.FromMilliseconds(2),
        Duplicate = 0.01,
        Corrupt = 0.005,
    };

    /// <summary>The kernel sends, we receive, and both close.</summary>
    internal static void Download(int length, Func<ILink, ILink>? decorate = null)
    {
        byte[] data = RepeatableData.Make(length);
        using TunPair pair = new(decorate, settings: s_settings);
        KernelServer server = pair.Serve(socket =>
        {
            KernelServer.SendAll(socket, data);
            socket.Shutdown(SocketShutdown.Send);
            KernelServer.Drain(socket);
        });
        using (TcpSession session = pair.Connect())
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[256 * 1024];
            long total = 0;
            for (int count = session.ReadSome(buffer, s_patience); count > 0; count = session.ReadSome(buffer, s_patience))
            {
                hash.AppendData(buffer, 0, count);
                total += count;
            }

            Assert.Equal(length, total);
            Assert.Equal(RepeatableData.Hash(data), Convert.ToHexString(hash.GetHashAndReset()));
            CloseInOrder(session);
        }

        Assert.Null(server.Failure);
        pair.AssertNothingLeft();
    }

    /// <summary>We send, the kernel receives, and both close.</summary>
    internal static void Upload(int length, Func<ILink, ILink>? decorate = null)
    {
        byte[] data = RepeatableData.Make(length);
        using TunPair pair = new(decorate, settings: s_settings);
        TaskCompletionSource<string> seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        KernelServer server = pair.Serve(socket =>
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            byte[] buffer = new byte[256 * 1024];
            for (int count = socket.Receive(buffer); count > 0; count = socket.Receive(buffer))
            {
                hash.AppendData(buffer, 0, count);
            }

            seen.SetResult(Convert.ToHexString(hash.GetHashAndReset()));
        });
        using (TcpSession session = pair.Connect())
        {
            session.WriteAll(data, s_patience);
            session.Shutdown();
            Assert.True(seen.Task.Wait(s_patience), "the kernel has not got all of it");
            Assert.Equal(RepeatableData.Hash(data), seen.Task.Result);
            CloseInOrder(session);
        }

        Assert.Null(server.Failure);
        pair.AssertNothingLeft();
    }

    private static void CloseInOrder(TcpSession session)
    {
        session.Close();
        Assert.True(session.WaitFor(TcpState.Closed, s_patience));
        Assert.Equal(TcpCloseReason.Finished, session.CloseReason);
    }
}

/// <summary>Large transfers over a clean device.</summary>
[Trait("Category", "Root")]
[Trait("Category", "Slow")]
public sealed class CleanTransferTests
{
    [RootFact]
    public void A_hundred_megabytes_down_arrive_unchanged() => Transfers.Download(100 * 1000 * 1000);

    [RootFact]
    public void A_hundred_megabytes_up_arrive_unchanged() => Transfers.Upload(100 * 1000 * 1000);
}

/// <summary>Large transfers where packets are lost, reordered, repeated and damaged.</summary>
[Trait("Category", "Root")]
[Trait("Category", "Slow")]
public sealed class RoughTransferTests
{
    [RootFact]
    public void A_hundred_megabytes_down_a_rough_network_arrive_unchanged() =>
        Transfers.Download(100 * 1000 * 1000, link => new ImpairmentLink(link, Transfers.Rough, RandomSource.FromSeed(1)));

    [RootFact]
    public void A_hundred_megabytes_up_a_rough_network_arrive_unchanged() =>
        Transfers.Upload(100 * 1000 * 1000, link => new ImpairmentLink(link, Transfers.Rough, RandomSource.FromSeed(2)));
}

/// <summary>Where every fifth packet is lost, most of the time is spent waiting: both ways run at once, beside other tests.</summary>
[Trait("Category", "Root")]
[Trait("Category", "Slow")]
public sealed class LossyTransferTests
{
    private static readonly Impairment s_terrible = new() { Loss = 0.2 };

    [RootFact]
    public async Task A_megabyte_gets_through_where_every_fifth_packet_is_lost()
    {
        Task up = Start(() => Transfers.Upload(
            1000 * 1000, link => new ImpairmentLink(link, s_terrible, RandomSource.FromSeed(3))));
        // The kernel's sender needs minutes where its acknowledgments are lost as well, which would be no test of ours.
        Task down = Start(() => Transfers.Download(
            1000 * 1000, link => new ImpairmentLink(link, Impairment.None, s_terrible, RandomSource.FromSeed(4))));
        await Task.WhenAll(up, down);
    }

    private static Task Start(Action action) => Task.Factory.StartNew(
        action, System.Threading.CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
