using System;
using System.Linq;
using TcpTools.Channels;
using TcpTools.Links;
using TcpTools.Neighbors;
using TcpTools.Probing;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Tests.Links;
using TcpTools.Tests.Stack;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Probing;

/// <summary>What hosts believe while they are told something else than the truth, and after; in simulated time on a hub.</summary>
public sealed class ArpSpoofTests : IDisposable
{
    private static readonly NetworkAddress s_alice = NetworkAddress.Parse("10.0.0.1");
    private static readonly NetworkAddress s_bob = NetworkAddress.Parse("10.0.0.2");
    private static readonly NetworkAddress s_carol = NetworkAddress.Parse("10.0.0.3");
    private static readonly MacAddress s_mallory = MacAddress.Parse("02:00:00:00:00:99");

    private readonly Hub _hub = new();
    private readonly VirtualClock _clock = new();
    private readonly TcpStack _alice;
    private readonly TcpStack _bob;
    private readonly TcpStack _carol;

    public ArpSpoofTests()
    {
        _alice = Start("10.0.0.1/24", 1);
        _bob = Start("10.0.0.2/24", 2);
        _carol = Start("10.0.0.3/24", 3);
        // All know each other, as they would after a while.
        foreach (TcpStack one in new[] { _alice, _bob, _carol })
        {
            foreach (TcpStack other in new[] { _alice, _bob, _carol })
            {
                if (one != other)
                {
                    Assert.NotNull(one.ResolveNeighbor(other.Addresses[0].Address, Rig.Limit));
                }
            }
        }

        _clock.Network.Run(TimeSpan.FromSeconds(2));
    }

    public void Dispose()
    {
        _alice.Dispose();
        _bob.Dispose();
        _carol.Dispose();
    }

    [Fact]
    public void A_target_believes_it_until_the_end_and_then_the_truth_again()
    {
        using (ArpSpoof spoof = Begin(new ArpSpoofOptions { Address = s_bob, Targets = [s_alice], HardwareAddress = s_mallory }))
        {
            Assert.Equal([new ArpSpoofHost(s_bob, _bob.HardwareAddress!.Value), new ArpSpoofHost(s_alice, _alice.HardwareAddress!.Value)], spoof.Hosts);
            _clock.Network.Run(TimeSpan.FromMilliseconds(10));
            Assert.Equal(s_mallory, Believes(_alice, s_bob));
            Assert.Equal(_bob.HardwareAddress, Believes(_carol, s_bob));
            Assert.Equal(_alice.HardwareAddress, Believes(_bob, s_alice));
            _clock.Network.Run(TimeSpan.FromSeconds(20));
            Assert.InRange(spoof.Told, 10, 12);
            Assert.Equal(s_mallory, Believes(_alice, s_bob));
        }

        _clock.Network.RunUntilIdle();
        Assert.Equal(_bob.HardwareAddress, Believes(_alice, s_bob));
    }

    [Fact]
    public void Both_ways_with_forwarding_the_two_talk_through_us_and_lose_nothing()
    {
        using ArpSpoof spoof = Begin(new ArpSpoofOptions
        {
            Address = s_bob,
            Targets = [s_alice],
            HardwareAddress = s_mallory,
            BothWays = true,
            Forward = true,
        });
        _clock.Network.Run(TimeSpan.FromSeconds(1.5));
        Assert.Equal(s_mallory, Believes(_alice, s_bob));
        Assert.Equal(s_mallory, Believes(_bob, s_alice));
        using TcpListener listener = _bob.Listen(new ListenOptions { Port = 80 });
        TcpSession session = _alice.Connect(new ConnectOptions { RemoteAddress = s_bob, RemotePort = 80 });
        TcpSession far = listener.Accept(Rig.Limit)!;
        byte[] data = Transfer.Bytes(100_000, 5);
        session.WriteAll(data, Rig.Limit);
        byte[] got = new byte[data.Length];
        int length = 0;
        Assert.True(_clock.Network.RunUntil(() => (length += far.Read(got.AsSpan(length))) == data.Length, Rig.Limit));
        Assert.Equal(data, got);
        Assert.True(spoof.Forwarded > 80);
        Assert.Equal(0, _alice.Counters["TcpRetransSegs"]);
        spoof.Stop();
        _clock.Network.RunUntilIdle();
        Assert.Equal(_bob.HardwareAddress, Believes(_alice, s_bob));
        Assert.Equal(_alice.HardwareAddress, Believes(_bob, s_alice));
        // The two go on without us.
        session.Write("still there"u8);
        Assert.True(_clock.Network.RunUntil(() => far.Available == 11, Rig.Limit));
    }

    [Fact]
    public void Without_targets_everybody_is_told_and_the_owner_contradicts()
    {
        using ArpSpoof spoof = Begin(new ArpSpoofOptions { Address = s_bob, HardwareAddress = s_mallory, Interval = TimeSpan.FromSeconds(20) });
        _clock.Network.Run(TimeSpan.FromSeconds(1.5));
        // What is said against the owner's word comes again at once.
        Assert.Contains(_bob.Conflicts, c => c.HardwareAddress == s_mallory);
        Assert.Equal(s_mallory, Believes(_alice, s_bob));
        Assert.Equal(s_mallory, Believes(_carol, s_bob));
        spoof.Stop();
        _clock.Network.RunUntilIdle();
        _clock.Network.Run(TimeSpan.FromSeconds(2));
        Assert.NotEqual(s_mallory, Believes(_alice, s_bob));
        Assert.NotEqual(s_mallory, Believes(_carol, s_bob));
    }

    [Fact]
    public void Who_asks_anew_hears_the_owner_and_then_us()
    {
        using ArpSpoof spoof = Begin(new ArpSpoofOptions { Address = s_bob, Targets = [s_alice], HardwareAddress = s_mallory, Interval = TimeSpan.FromMinutes(1) });
        _clock.Network.Run(TimeSpan.FromMilliseconds(10));
        _alice.RemoveNeighbor(s_bob);
        Assert.Equal(_bob.HardwareAddress, _alice.ResolveNeighbor(s_bob, Rig.Limit)!.HardwareAddress);
        _alice.RemoveNeighbor(s_bob);
        _clock.Network.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(s_mallory, Believes(_alice, s_bob));
        Assert.InRange(spoof.Told, 2, 3);
    }

    [Fact]
    public void What_could_not_be_undone_is_not_begun()
    {
        LinkChannel channel = new(_hub.Plug("mallory"), _clock.Network);
        ArpSpoofOptions options = new() { Address = s_bob, Targets = [NetworkAddress.Parse("10.0.0.77")], HardwareAddress = s_mallory };
        Assert.Equal(StackError.Unreachable, Assert.Throws<StackException>(() => ArpSpoof.Start(channel, options)).Error);
        _clock.Network.RunUntilIdle();
        Assert.Equal(_bob.HardwareAddress, Believes(_alice, s_bob));
        Refused(options with { Targets = [s_bob] });
        Refused(options with { Targets = [], BothWays = true });
        Refused(options with { HardwareAddress = MacAddress.Broadcast });
        Refused(options with { Targets = [NetworkAddress.Parse("fe80::1")] });
        using PacketWire plain = new();
        using LinkChannel other = new(plain.A);
        Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => ArpSpoof.Start(other, options)).Error);

        void Refused(ArpSpoofOptions wrong) =>
            Assert.Equal(StackError.InvalidArgument, Assert.Throws<StackException>(() => ArpSpoof.Start(channel, wrong)).Error);
    }

    private static MacAddress? Believes(TcpStack stack, NetworkAddress address) =>
        stack.Neighbors.FirstOrDefault(n => n.Address == address)?.HardwareAddress;

    private ArpSpoof Begin(ArpSpoofOptions options) => ArpSpoof.Start(new LinkChannel(_hub.Plug("mallory"), _clock.Network), options);

    private TcpStack Start(string address, ulong seed) => TcpStack.Start(new TcpStackOptions
    {
        Link = _hub.Plug(address),
        Addresses = [InterfaceAddress.Parse(address)],
        Mode = StackMode.Virtual,
        Clock = _clock,
        Random = RandomSource.FromSeed(seed),
        Neighbors = NeighborSettings.Default with { ClaimMode = AddressClaimMode.None, Defense = AddressDefense.Always },
    });
}
