using System;
using System.Linq;
using TcpTools.Neighbors;
using TcpTools.Tests.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Neighbors;

/// <summary>Addresses are asked for, announced and defended (RFC 5227).</summary>
public sealed class AddressClaimTests
{
    private static readonly NeighborSettings s_probing = new() { ClaimMode = AddressClaimMode.Probe };

    private static Arp Announcement => new(ArpOperation.Request, Station.OtherMac, Station.Me, default, Station.Me);

    [Fact]
    public void Three_probes_tell_nobody_anything_and_then_the_address_is_announced_twice()
    {
        Station station = new(s_probing);
        Instant start = station.Now;
        Assert.Empty(station.Messages);
        station.Advance(12);
        Arp probe = new(ArpOperation.Request, Station.MyMac, NetworkAddress.AnyIPv4, default, Station.Me);
        Arp announcement = new(ArpOperation.Request, Station.MyMac, Station.Me, default, Station.Me);
        Assert.Equal([probe, probe, probe, announcement, announcement], station.Messages.Select(m => m.Message));
        double[] times = [.. station.Messages.Select(m => (m.Time - start).TotalSeconds)];
        Assert.InRange(times[0], 0, 1);
        Assert.InRange(times[1] - times[0], 1, 2);
        Assert.InRange(times[2] - times[1], 1, 2);
        Assert.Equal(2, times[3] - times[2], 6);
        Assert.Equal(2, times[4] - times[3], 6);
        Assert.True(station.Layer.NextDeadline.IsNever);
    }

    [Fact]
    public void Until_it_is_claimed_an_address_is_neither_used_nor_answered_for()
    {
        Station station = new(s_probing);
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Me));
        station.Send(1);
        Assert.Empty(station.Messages);
        Assert.Empty(station.Sent);
        Assert.Equal(1, station.Counters.UnclaimedDrops);
        Assert.True(station.Layer.IsProbing);
        station.Advance(8);
        Assert.Equal(AddressClaimState.Claimed, station.Layer.GetClaim(Station.Me));
        station.Messages.Clear();
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Me));
        Assert.Equal(ArpOperation.Reply, station.Messages.First().Message.Operation);
    }

    [Theory]
    [InlineData("reply")]
    [InlineData("request")]
    [InlineData("probe")]
    public void Whoever_has_the_address_or_asks_for_it_too_ends_the_claim(string kind)
    {
        Station station = new(s_probing);
        station.Advance(1.5);
        station.Receive(kind switch
        {
            "reply" => new Arp(ArpOperation.Reply, Station.OtherMac, Station.Me, Station.MyMac, NetworkAddress.AnyIPv4) { To = Station.MyMac },
            "request" => new Arp(ArpOperation.Request, Station.OtherMac, Station.Me, default, Station.Peer),
            _ => new Arp(ArpOperation.Request, Station.OtherMac, NetworkAddress.AnyIPv4, default, Station.Me),
        });
        Assert.Equal(AddressClaimState.Lost, station.Layer.GetClaim(Station.Me));
        AddressConflict conflict = Assert.Single(station.Conflicts);
        Assert.Equal((Station.Me, Station.OtherMac, AddressConflictOutcome.Refused), (conflict.Address, conflict.HardwareAddress, conflict.Outcome));
        station.Messages.Clear();
        station.Advance(20);
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Me));
        Assert.Empty(station.Messages);
    }

    [Fact]
    public void Our_own_probes_coming_back_are_no_conflict()
    {
        Station station = new(s_probing);
        station.Advance(1.1);
        station.Receive(station.Messages[0].Message);
        station.Advance(10);
        Assert.Equal(AddressClaimState.Claimed, station.Layer.GetClaim(Station.Me));
        Assert.Empty(station.Conflicts);
    }

    [Fact]
    public void A_probe_for_an_address_of_ours_is_answered_so_that_the_other_does_without()
    {
        Station station = new();
        station.Receive(new Arp(ArpOperation.Request, Station.OtherMac, NetworkAddress.AnyIPv4, default, Station.Me));
        Arp answer = station.TakeMessage().Message;
        Assert.Equal((ArpOperation.Reply, Station.Me, Station.OtherMac), (answer.Operation, answer.Sender, answer.To));
        Assert.Empty(station.Layer.Neighbors);
        Assert.Empty(station.Conflicts);
    }

    [Fact]
    public void An_address_is_defended_once_and_given_up_when_it_is_claimed_again_soon()
    {
        Station station = new();
        station.Receive(Announcement);
        Assert.Equal(new Arp(ArpOperation.Request, Station.MyMac, Station.Me, default, Station.Me), station.TakeMessage().Message);
        station.Advance(9.9);
        station.Receive(Announcement);
        Assert.Empty(station.Messages);
        Assert.Equal([AddressConflictOutcome.Defended, AddressConflictOutcome.GivenUp], station.Conflicts.Select(c => c.Outcome));
        Assert.Equal(AddressClaimState.Lost, station.Layer.GetClaim(Station.Me));
        station.Send(1);
        Assert.Equal(1, station.Counters.UnclaimedDrops);
    }

    [Fact]
    public void Conflicts_that_are_rare_are_each_contradicted()
    {
        Station station = new();
        for (int i = 0; i < 5; i++)
        {
            station.Receive(Announcement);
            station.Advance(10.1);
        }

        Assert.Equal(5, station.Messages.Count);
        Assert.Equal(AddressClaimState.Claimed, station.Layer.GetClaim(Station.Me));
    }

    [Fact]
    public void An_address_that_is_always_defended_is_kept_with_one_defence_in_ten_seconds()
    {
        Station station = new(new NeighborSettings { ClaimMode = AddressClaimMode.None, Defense = AddressDefense.Always });
        for (int i = 0; i < 25; i++)
        {
            station.Receive(Announcement);
            station.Advance(1);
        }

        Assert.Equal(3, station.Messages.Count);
        Assert.Equal(AddressClaimState.Claimed, station.Layer.GetClaim(Station.Me));
        Assert.Equal(25, station.Counters.Conflicts);
    }

    [Fact]
    public void Claims_start_at_different_times_by_the_seed_and_at_the_same_by_the_same_seed()
    {
        Assert.Equal(FirstProbe(1), FirstProbe(1));
        Assert.True(Enumerable.Range(1, 20).Select(i => FirstProbe((ulong)i)).Distinct().Count() > 15);

        static Instant FirstProbe(ulong seed)
        {
            Station station = new(s_probing, seed);
            station.Advance(1);
            return station.Messages[0].Time;
        }
    }

    [Fact]
    public void The_quick_way_asks_as_often_within_a_second()
    {
        Station station = new(NeighborSettings.Quick);
        station.Advance(1);
        Assert.Equal(3, station.Messages.Count(m => m.Message.Sender.IsAny));
        Assert.Equal(AddressClaimState.Claimed, station.Layer.GetClaim(Station.Me));
    }

    [Fact]
    public void Settings_and_addresses_that_make_no_sense_are_refused()
    {
        Assert.Throws<StackException>(() => new Station(new NeighborSettings { MaximumEntries = 0 }));
        Assert.Throws<StackException>(() => new Station(new NeighborSettings { ProbeMaximum = TimeSpan.Zero }));
        Station station = new();
        StackException error = Assert.Throws<StackException>(() => new EthernetProtocol(
            MacAddress.Broadcast, NeighborSettings.Default, station, RandomSource.FromSeed(1), station.Pool));
        Assert.Contains("even", error.Advice);
    }

    [Fact]
    public void Made_up_addresses_are_one_stations_and_locally_administered()
    {
        RandomSource random = RandomSource.FromSeed(1);
        for (int i = 0; i < 100; i++)
        {
            MacAddress address = EthernetProtocol.CreateAddress(random);
            Assert.True(address is { IsLocal: true, IsGroup: false });
        }
    }
}
