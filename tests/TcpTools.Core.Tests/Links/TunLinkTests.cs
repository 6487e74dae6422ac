using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Diagnostics;
using System.Net.NetworkInformation;
using System.Threading.Tasks;
using TcpTools.Buffers;
using TcpTools.Lab;
using TcpTools.Links;
using TcpTools.Linux;
using TcpTools.Tests.Kernel;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Links;

[Trait("Category", "Root")]
public sealed class TunLinkTests : IDisposable
{
    private static readonly InterfaceAddress KernelSide = InterfaceAddress.Parse("10.77.0.1/24");

    private readonly LabNamespace _space = LabNamespace.Create();
    private readonly PacketBufferPool _pool = new();

    public void Dispose()
    {
        _space.Dispose();
        Assert.Equal(0, _pool.Outstanding);
    }

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private TunOptions Options => new()
    {
        Name = "ttl0",
        Address = KernelSide,
        NetworkNamespace = _space.Name,
        Pool = _pool,
    };

    [RootFact]
    public void A_device_has_the_name_address_and_mtu_asked_for_and_is_up()
    {
        using TunLink link = TunLink.Open(Options with { Mtu = 9000, Routes = [InterfaceAddress.Parse("10.78.9.9/16")] });
        Assert.Equal("ttl0", link.Name);
        string device = IP("-d", "address", "show", "dev", "ttl0").Output;
        Assert.Contains("mtu 9000", device, StringComparison.Ordinal);
        Assert.Contains("inet 10.77.0.1/24", device, StringComparison.Ordinal);
        Assert.Contains(",UP", device, StringComparison.Ordinal);
        Assert.Contains("persist off", device, StringComparison.Ordinal);
        string routes = IP("route").Output;
        Assert.Contains("10.77.0.0/24 dev ttl0", routes, StringComparison.Ordinal);
        Assert.Contains("10.78.0.0/16 dev ttl0", routes, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_peer_makes_a_point_to_point_device_and_a_missing_name_gets_a_free_one()
    {
        using TunLink link = TunLink.Open(Options with { Name = null, Peer = NetworkAddress.Parse("10.99.0.7") });
        using TunLink second = TunLink.Open(Options with { Name = null, Address = null });
        Assert.NotEqual(link.Name, second.Name);
        string device = IP("address", "show", "dev", link.Name).Output;
        Assert.Contains("inet 10.77.0.1 peer 10.99.0.7/32", device, StringComparison.Ordinal);
    }

    [RootFact]
    public void An_IPv6_address_is_usable_at_once_and_the_kernel_adds_none_of_its_own()
    {
        using TunLink link = TunLink.Open(Options with { Address = InterfaceAddress.Parse("fd00:77::1/64") });
        string device = IP("-6", "address", "show", "dev", "ttl0").Output;
        Assert.Contains("inet6 fd00:77::1/64", device, StringComparison.Ordinal);
        Assert.DoesNotContain("tentative", device, StringComparison.Ordinal);
        Assert.DoesNotContain("fe80", device, StringComparison.Ordinal);
    }

    [RootFact]
    public void A_fresh_device_is_silent()
    {
        using TunLink link = TunLink.Open(Options);
        Assert.Empty(ReceiveAll(link, TimeSpan.FromSeconds(1.5), frames => false));
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_ping_of_the_kernel_reaches_us_and_our_reply_reaches_ping(bool offload)
    {
        using TunLink link = TunLink.Open(Options with { Offload = offload });
        Task<IPStatus> ping = Task.Run(() => NetworkNamespace.Run(_space.Name, () =>
        {
            using Ping sender = new();
            return sender.Send("10.77.0.2", 5000).Status;
        }));
        byte[] request = ReceiveAll(link, TimeSpan.FromSeconds(5), frame => frame[0] == 0x45 && frame[9] == 1)[^1];
        Assert.Equal(8, request[20]);
        request.AsSpan(12, 4).CopyTo(request.AsSpan(16));
        new byte[] { 10, 77, 0, 2 }.CopyTo(request, 12);
        request[20] = 0;
        request.AsSpan(22, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(22), (ushort)~Frames.Sum(request.AsSpan(20)));
        Assert.Equal(1, link.Send([Frames.From(_pool, request)], Instant.Zero));
        Assert.Equal(IPStatus.Success, await ping);
        Assert.Equal(1, link.Counters.SentFrames);
    }

    [RootTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_datagram_of_the_kernel_arrives_with_its_checksum_good_or_marked_open(bool offload)
    {
        using TunLink link = TunLink.Open(Options with { Offload = offload });
        LabProcess sender = _space.Start("bash", "-c", "echo hello > /dev/udp/10.77.0.2/9999");
        OffloadInfo info = default;
        byte[] datagram = ReceiveAll(
            link, TimeSpan.FromSeconds(5), frame => frame[0] == 0x45 && frame[9] == 17, found => info = found)[^1];
        Assert.Equal("hello\n", System.Text.Encoding.ASCII.GetString(datagram, 28, 6));
        Assert.Equal(offload, info.NeedsChecksum);
        if (offload)
        {
            Assert.Equal(20, info.ChecksumStart);
            Assert.Equal(6, info.ChecksumOffset);
            // RFC 768 sum over what the marks say; the field already holds the pseudo-header's.
            BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(26), (ushort)~Frames.Sum(datagram.AsSpan(20)));
        }

        Assert.True(Frames.HasGoodChecksums(datagram));
        Assert.True(sender.WaitForExit(TimeSpan.FromSeconds(5)));
    }

    [RootTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_kernel_takes_an_unsplit_segment_whole(bool isIPv6)
    {
        using TunLink link = TunLink.Open(
            Options with { Address = isIPv6 ? InterfaceAddress.Parse("fd00::1/64") : KernelSide });
        // Without ACK, the reset of a closed port acknowledges all that came (RFC 9293, 3.10.7.1).
        Assert.Equal(1, link.Send([Frames.Offloaded(_pool, isIPv6, 1000, 60000, 0x08, 1400)], Instant.Zero));
        int ip = isIPv6 ? 40 : 20;
        byte[] reset = ReceiveAll(
            link, TimeSpan.FromSeconds(5), frame => frame[isIPv6 ? 6 : 9] == 6 && (frame[ip + 13] & 4) != 0)[^1];
        Assert.Equal(61000u, BinaryPrimitives.ReadUInt32BigEndian(reset.AsSpan(ip + 8)));
    }

    [RootFact]
    public void Passing_frames_allocates_nothing()
    {
        using TunLink link = TunLink.Open(Options);
        PacketBuffer[] frames = new PacketBuffer[8];
        byte[] segment = Frames.Tcp(false, 1000, 100, 8);
        int answers = 0;
        void Pass()
        {
            frames[0] = Frames.From(_pool, segment);
            link.Send(frames.AsSpan(0, 1), Instant.Zero);
            int count = link.Receive(frames, Instant.Zero);
            answers += count;
            for (int i = 0; i < count; i++)
            {
                frames[i].Release();
            }
        }

        Pass();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Pass();
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        // The kernel answers each with a reset, within the call that writes it.
        Assert.InRange(answers, 990, 1001);
    }

    [RootFact]
    public void A_frame_that_the_kernel_refuses_is_dropped_and_counted()
    {
        using TunLink link = TunLink.Open(Options);
        Assert.Equal(2, link.Send(
            [Frames.From(_pool, [0xFF]), Frames.Offloaded(_pool, false, 1, 10, 0x10, 0)], Instant.Zero));
        Assert.Equal(1, link.Counters.SendDrops);
        Assert.Equal(1, link.Counters.SentFrames);
    }

    [RootFact]
    public void A_name_in_use_is_refused_as_such()
    {
        using TunLink link = TunLink.Open(Options);
        StackException error = Assert.Throws<StackException>(
            () => TunLink.Open(Options with { Address = InterfaceAddress.Parse("10.78.0.1/24") }));
        Assert.Equal(StackError.LinkInUse, error.Error);
        Assert.Contains("ttl0", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<StackException>(() => TunLink.Open(Options with { Name = "lo" }));
        Assert.Equal(StackError.LinkInUse, error.Error);
    }

    [RootTheory]
    [InlineData("10.77.0.1/16", null)]
    [InlineData("10.78.0.1/24", "10.77.0.1")]
    [InlineData("127.0.0.1/8", null)]
    [InlineData("::1/128", null)]
    public void An_address_of_the_host_is_refused_and_no_device_stays(string address, string? peer)
    {
        using TunLink link = TunLink.Open(Options);
        StackException error = Assert.Throws<StackException>(() => TunLink.Open(Options with
        {
            Name = "ttl1",
            Address = InterfaceAddress.Parse(address),
            Peer = peer is null ? null : NetworkAddress.Parse(peer),
        }));
        Assert.Equal(StackError.LinkInUse, error.Error);
        Assert.NotEqual(0, IP("link", "show", "dev", "ttl1").ExitCode);
    }

    [RootFact]
    public void A_route_that_exists_is_refused_and_no_device_stays()
    {
        InterfaceAddress route = InterfaceAddress.Parse("10.90.0.0/16");
        using TunLink link = TunLink.Open(Options with { Routes = [route] });
        StackException error = Assert.Throws<StackException>(
            () => TunLink.Open(Options with { Name = "ttl1", Address = null, Routes = [route] }));
        Assert.Equal(StackError.LinkInUse, error.Error);
        Assert.NotEqual(0, IP("link", "show", "dev", "ttl1").ExitCode);
    }

    [RootFact]
    public void The_device_is_gone_after_Dispose_and_its_name_free_again()
    {
        TunLink.Open(Options).Dispose();
        Assert.NotEqual(0, IP("link", "show", "dev", "ttl0").ExitCode);
        using TunLink again = TunLink.Open(Options);
        again.Dispose();
        Assert.Equal(0, again.Receive(new PacketBuffer[1], Instant.Zero));
    }

    [RootFact]
    public void The_device_is_gone_after_its_process_was_killed()
    {
        using LabProcess child = Hold("ttl5");
        Assert.True(Tool.Until(() => child.Output.Contains("holding ttl5", StringComparison.Ordinal), s_limit), child.Error);
        Assert.Equal(0, IP("link", "show", "dev", "ttl5").ExitCode);
        child.Kill();
        Assert.NotEqual(0, IP("link", "show", "dev", "ttl5").ExitCode);
        Assert.Empty(IP("route").Output);
    }

    [RootTheory("setpriv", "unshare")]
    // As root without the capability; in a place without the device.
    [InlineData("setpriv --bounding-set -net_admin --inh-caps -net_admin", "NotPermitted")]
    [InlineData("unshare --mount sh -c 'mount -t tmpfs none /dev/net && exec \"$@\"' sh", "TunUnavailable")]
    public void What_the_system_does_not_allow_is_named_with_what_to_do_about_it(string obstacle, string error)
    {
        using LabProcess child = Hold("ttl6", obstacle);
        Assert.True(child.WaitForExit(s_limit));
        Assert.Equal(1, child.ExitCode);
        Assert.Contains(error + ": ", child.Output);
        Assert.Contains("Advice: ", child.Output);
    }

    [RootFact]
    public void A_device_that_is_deleted_under_us_reads_as_silent_and_says_so()
    {
        using TunLink link = TunLink.Open(Options);
        Assert.Equal(0, IP("link", "delete", "dev", "ttl0").ExitCode);
        Assert.Equal(0, link.Receive(new PacketBuffer[1], Instant.Zero));
        Assert.Equal(-1, link.PollDescriptor);
        link.Send([Frames.Numbered(_pool, 1)], Instant.Zero);
        Assert.Equal(1, link.Counters.SendDrops);
    }

    [RootFact]
    public void A_namespace_that_does_not_exist_is_named_in_the_error()
    {
        StackException error = Assert.Throws<StackException>(
            () => TunLink.Open(Options with { NetworkNamespace = "no-such-space" }));
        Assert.Equal(StackError.InvalidArgument, error.Error);
        Assert.Contains("no-such-space", error.Message, StringComparison.Ordinal);
    }

    private ToolResult IP(params string[] arguments) => _space.Run("ip", arguments);

    /// <summary>Another process that opens a device inside and keeps it, perhaps run by a command that stands in its way.</summary>
    private LabProcess Hold(string name, string obstacle = "") => _space.Start(
        "bash", "-c", "exec " + obstacle + " \"$@\"", "bash", "dotnet", typeof(TunLinkTests).Assembly.Location, "hold-tun", name, "10.77.5.1/24");

    /// <summary>Everything that arrives until a frame is the last one wanted or the time has passed.</summary>
    private static List<byte[]> ReceiveAll(
        TunLink link, TimeSpan limit, Func<byte[], bool> isLast, Action<OffloadInfo>? offload = null)
    {
        List<byte[]> all = [];
        using Poller poller = new();
        poller.Watch(link.PollDescriptor);
        PacketBuffer[] frames = new PacketBuffer[8];
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) is var passed && passed < limit)
        {
            poller.Wait(limit - passed);
            int count = link.Receive(frames, Instant.Zero);
            bool done = false;
            for (int i = 0; i < count; i++)
            {
                all.Add(frames[i].Span.ToArray());
                offload?.Invoke(frames[i].Offload);
                frames[i].Release();
                done |= isLast(all[^1]);
            }

            if (done)
            {
                break;
            }
        }

        return all;
    }
}
