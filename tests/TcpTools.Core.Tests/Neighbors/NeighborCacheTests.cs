using System;
using System.Linq;
using TcpTools.Neighbors;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.Neighbors;

/// <summary>Neighbours' addresses: asked for, remembered, asked again, forgotten (RFC 826; RFC 1122, 2.3.2).</summary>
public sealed class NeighborCacheTests
{
    [Fact]
    public void A_packet_waits_until_the_neighbour_has_told_its_address()
    {
        Station station = new();
        station.Send(1);
        Assert.Empty(station.Sent);
        Arp request = station.TakeMessage().Message;
        Assert.Equal(new Arp(ArpOperation.Request, Station.MyMac, Station.Me, default, Station.Peer), request);
        station.Send(2);
        Assert.Empty(station.Messages);
        station.Answer();
        Assert.Equal([1, 2], station.SentNumbers());
        EthernetView frame = new(station.Sent[0]);
        Assert.Equal(Station.PeerMac, frame.Destination);
        Assert.Equal(Station.MyMac, frame.Source);
        Assert.Equal(EtherType.IPv4, frame.EtherType);
        station.Send(3);
        Assert.Equal([1, 2, 3], station.SentNumbers());
        Assert.Empty(station.Messages);
        Assert.Equal(0, station.Pool.Outstanding);
    }

    [Fact]
    public void Nobody_answers_three_requests_a_second_apart_and_the_packets_come_back()
    {
        Station station = new();
        Instant start = station.Now;
        station.Send(1);
        station.Send(2);
        station.Advance(2.9);
        Assert.Equal([0.0, 1, 2], station.Messages.Select(m => (m.Time - start).TotalSeconds));
        Assert.Empty(station.Unreachable);
        station.Advance(0.2);
        Assert.Equal(2, station.Unreachable.Count);
        Assert.Equal(1, station.Unreachable[0][^1]);
        Assert.Null(station.Find(Station.Peer));
        Assert.Equal(1, station.Counters.Failures);
        Assert.Equal(0, station.Pool.Outstanding);
        Assert.True(station.Layer.NextDeadline.IsNever);
        // What comes later is a new beginning, and still no more than one request a second.
        station.Send(3);
        Assert.Equal(4, station.Messages.Count);
        Assert.True(station.Messages[3].Time - station.Messages[2].Time >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Who_is_told_that_a_neighbour_does_not_answer_may_send_again_at_once()
    {
        Station station = new();
        station.Send(1);
        int again = 0;
        station.OnUnreachableDo = () =>
        {
            if (again++ == 0)
            {
                station.Send(2);
            }
        };
        station.Advance(3.5);
        Assert.Equal(NeighborState.Incomplete, station.Find(Station.Peer)!.State);
        station.Answer();
        Assert.Equal([2], station.SentNumbers());
    }

    [Fact]
    public void Of_many_packets_that_wait_the_latest_are_kept()
    {
        Station station = new(new NeighborSettings { ClaimMode = AddressClaimMode.None, MaximumWaiting = 2 });
        for (byte i = 1; i <= 5; i++)
        {
            station.Send(i);
        }

        Assert.Equal(2, station.Find(Station.Peer)!.Waiting);
        Assert.Equal(3, station.Counters.WaitingDrops);
        station.Answer();
        Assert.Equal([4, 5], station.SentNumbers());
    }

    [Fact]
    public void What_waits_in_all_is_bounded_and_each_neighbour_keeps_its_latest_packet()
    {
        Station station = new(new NeighborSettings { ClaimMode = AddressClaimMode.None, MaximumWaitingInAll = 3 });
        station.Send(1);
        station.Send(2);
        station.Send(3, Station.Other);
        station.Send(4, Station.Other);
        station.Send(5);
        station.Send(6, NetworkAddress.Parse("10.0.0.9"));
        Assert.Equal(3, station.Pool.Outstanding);
        station.Answer();
        station.Answer(Station.OtherMac, Station.Other);
        Assert.Equal([2, 5, 4], station.SentNumbers());
        station.Layer.Clear();
        Assert.Equal(0, station.Pool.Outstanding);
    }

    [Fact]
    public void An_entry_in_use_is_asked_itself_before_it_expires_and_is_used_meanwhile()
    {
        Station station = Known();
        station.Advance(10);
        station.Send(2);
        station.Advance((station.Layer.NextDeadline - station.Now).TotalSeconds);
        (Instant _, Arp poll) = station.TakeMessage();
        Assert.Equal(Station.PeerMac, poll.To);
        Assert.Equal(NeighborState.Probing, station.Find(Station.Peer)!.State);
        station.Send(3);
        Assert.Equal([1, 2, 3], station.SentNumbers());
        station.Answer();
        Assert.Equal(NeighborState.Reachable, station.Find(Station.Peer)!.State);
        Assert.Empty(station.Messages);
    }

    [Fact]
    public void A_neighbour_that_does_not_answer_the_polls_is_asked_for_among_all_and_given_up()
    {
        Station station = Known();
        station.Advance(1);
        station.Send(2);
        station.Advance(60);
        Assert.Equal([Station.PeerMac, Station.PeerMac], station.Messages.Take(2).Select(m => m.Message.To));
        Assert.Equal([true, true, true], station.Messages.Skip(2).Select(m => m.Message.To.IsBroadcast));
        Assert.Null(station.Find(Station.Peer));
        Assert.True(station.Layer.NextDeadline.IsNever);
    }

    [Fact]
    public void An_entry_that_nobody_uses_is_not_asked_for_and_goes()
    {
        Station station = Known();
        station.Advance(46);
        Assert.Equal(NeighborState.Stale, station.Find(Station.Peer)!.State);
        Assert.Empty(station.Messages);
        station.Advance(60);
        Assert.Null(station.Find(Station.Peer));
        Assert.True(station.Layer.NextDeadline.IsNever);
    }

    [Fact]
    public void An_old_entry_is_used_at_once_and_asked_again_at_the_same_time()
    {
        Station station = Known();
        station.Advance(46);
        station.Send(2);
        Assert.Equal([1, 2], station.SentNumbers());
        Assert.Equal(Station.PeerMac, station.TakeMessage().Message.To);
    }

    [Fact]
    public void Entries_do_not_all_expire_at_the_same_time()
    {
        Station station = new();
        for (uint i = 2; i < 40; i++)
        {
            NetworkAddress address = NetworkAddress.FromIPv4(0x0A000000 | i);
            station.Send(1, address);
            station.Answer(new MacAddress(0x020000000000UL | i), address);
        }

        station.Messages.Clear();
        station.Advance(30);
        int stale = station.Layer.Neighbors.Count(n => n.State == NeighborState.Stale);
        Assert.InRange(stale, 5, 33);
    }

    [Fact]
    public void A_request_for_us_is_answered_and_tells_us_who_asks()
    {
        Station station = new();
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Me));
        Assert.Equal(
            new Arp(ArpOperation.Reply, Station.MyMac, Station.Me, Station.PeerMac, Station.Peer) { To = Station.PeerMac },
            station.TakeMessage().Message);
        station.Send(1);
        Assert.Equal([1], station.SentNumbers());
        Assert.Empty(station.Messages);
    }

    [Fact]
    public void Strangers_teach_us_nothing()
    {
        Station station = new();
        // An answer that nobody asked for, a request for somebody else, an announcement.
        station.Answer();
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Other));
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Peer, default, Station.Peer));
        // Senders that can be no neighbour's: outside, broadcast, group, nobody.
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, Station.Outside, default, Station.Me));
        station.Receive(new Arp(ArpOperation.Request, Station.PeerMac, NetworkAddress.Parse("10.0.0.255"), default, Station.Me));
        station.Receive(new Arp(ArpOperation.Request, MacAddress.Broadcast, Station.Peer, default, Station.Me));
        station.Receive(new Arp(ArpOperation.Request, default, Station.Peer, default, Station.Me));
        Assert.Empty(station.Layer.Neighbors);
        Assert.Empty(station.Messages);
    }

    [Fact]
    public void An_announcement_changes_an_entry_that_there_is()
    {
        Station station = Known();
        station.Advance(5);
        station.Receive(new Arp(ArpOperation.Request, Station.OtherMac, Station.Peer, default, Station.Peer));
        Assert.Equal(Station.OtherMac, station.Find(Station.Peer)!.HardwareAddress);
        station.Send(2);
        Assert.Equal(Station.OtherMac, new EthernetView(station.Sent[1]).Destination);
    }

    [Fact]
    public void Right_after_an_answer_another_one_is_not_believed()
    {
        Station station = Known();
        station.Answer(Station.OtherMac);
        Assert.Equal(Station.PeerMac, station.Find(Station.Peer)!.HardwareAddress);
        station.Advance(1.1);
        station.Answer(Station.OtherMac);
        Assert.Equal(Station.OtherMac, station.Find(Station.Peer)!.HardwareAddress);
    }

    [Fact]
    public void An_entry_made_by_hand_stays_as_it_is()
    {
        Station station = new();
        station.Send(1);
        station.Layer.SetNeighbor(Station.Peer, Station.PeerMac, station.Now);
        Assert.Equal([1], station.SentNumbers());
        station.Messages.Clear();
        station.Advance(500);
        station.Answer(Station.OtherMac);
        station.Send(2);
        Assert.Equal(Station.PeerMac, new EthernetView(station.Sent[1]).Destination);
        Assert.Empty(station.Messages);
        Assert.True(station.Layer.RemoveNeighbor(Station.Peer));
        Assert.False(station.Layer.RemoveNeighbor(Station.Peer));
    }

    [Fact]
    public void A_flood_of_askers_is_bounded_and_leaves_those_in_use()
    {
        Station station = new(new NeighborSettings { ClaimMode = AddressClaimMode.None, MaximumEntries = 8 });
        station.Send(1);
        station.Answer();
        for (uint i = 10; i < 200; i++)
        {
            station.Now += TimeSpan.FromMilliseconds(1);
            station.Receive(new Arp(
                ArpOperation.Request, new MacAddress(0x020000000000UL | i), NetworkAddress.FromIPv4(0x0A000000 | i), default, Station.Me));
        }

        Assert.Equal(8, station.Layer.Neighbors.Count);
        Assert.Equal(183, station.Counters.Evictions);
        Assert.NotNull(station.Find(Station.Peer));
    }

    [Fact]
    public void Groups_and_all_stations_need_no_question()
    {
        Station station = new();
        station.Send(1, NetworkAddress.Parse("10.0.0.255"));
        station.Send(2, NetworkAddress.Parse("255.255.255.255"));
        station.Send(3, NetworkAddress.Parse("224.129.2.3"));
        Assert.Empty(station.Messages);
        Assert.Equal(
            ["ff:ff:ff:ff:ff:ff", "ff:ff:ff:ff:ff:ff", "01:00:5e:01:02:03"],
            station.Sent.Select(frame => new EthernetView(frame).Destination.ToString()));
    }

    private static Station Known()
    {
        Station station = new();
        station.Send(1);
        station.Answer();
        station.Messages.Clear();
        return station;
    }
}
