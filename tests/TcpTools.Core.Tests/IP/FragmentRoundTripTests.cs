using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using TcpTools.IP;
using TcpTools.Wire;
using Xunit;

namespace TcpTools.Tests.IP;

/// <summary>Whatever one host cuts up, another puts together again.</summary>
public sealed class FragmentRoundTripTests
{
    [Theory]
    [InlineData(FragmentOverlapPolicy.Drop)]
    [InlineData(FragmentOverlapPolicy.First)]
    [InlineData(FragmentOverlapPolicy.Last)]
    [InlineData(FragmentOverlapPolicy.Bsd)]
    [InlineData(FragmentOverlapPolicy.Linux)]
    public void Any_payload_over_any_MTU_survives_shuffling_and_duplication(FragmentOverlapPolicy policy)
    {
        Gen<(int Length, int Mtu, int Seed)> cases =
            from length in Gen.OneOf(Gen.Choose(1, 4000), Gen.Choose(1, 65515))
            from mtu in Gen.OneOf(Gen.Choose(68, 1500), Gen.Choose(68, 128), Gen.Choose(1500, 65535))
            from seed in Gen.Choose(0, int.MaxValue - 1)
            select (length, mtu, seed);
        Prop.ForAll(cases.ToArbitrary(), c => RoundTrip(c.Length, c.Mtu, c.Seed, policy)).QuickCheckThrowOnFailure();
    }

    private static bool RoundTrip(int length, int mtu, int seed, FragmentOverlapPolicy policy)
    {
        var random = new Random(seed);
        byte[] payload = new byte[length];
        random.NextBytes(payload);
        var sender = new IPHost(new IPSettings { Mtu = mtu });
        var receiver = new IPHost(new IPSettings { OverlapPolicy = policy });
        sender.Layer.Routes.RemoveAddress(IPHost.Me);
        sender.Layer.Routes.AddAddress(new InterfaceAddress(IPHost.Peer, 24));
        sender.Send(payload, new IPSendOptions { Destination = IPHost.Me, Protocol = 17 });

        List<byte[]> packets = [.. sender.Sent, .. sender.Sent.Where(_ => random.Next(3) == 0)];
        byte[][] shuffled = [.. packets];
        random.Shuffle(shuffled);
        foreach (byte[] packet in shuffled)
        {
            receiver.Receive(packet);
        }

        // Duplicates that come after completion start a datagram that never ends; that is not a mistake.
        return receiver.Delivered.Count >= 1
            && receiver.Delivered.All(d => d.Payload.AsSpan().SequenceEqual(payload))
            && receiver.Pool.Outstanding == receiver.Layer.IncompleteDatagrams
            && sender.Pool.Outstanding == 0;
    }
}
