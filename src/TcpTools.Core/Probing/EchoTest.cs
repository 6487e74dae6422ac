using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>What came of an echo request.</summary>
public sealed record EchoResult
{
    /// <summary>The host that was asked.</summary>
    public required NetworkAddress Address { get; init; }

    /// <summary>The request's number, from 1.</summary>
    public int Sequence { get; init; }

    /// <summary>Whether the host answered. An error of a router on the way is not its answer.</summary>
    public bool Answered { get; init; }

    /// <summary>From sending to receiving; null when nothing came.</summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>The time to live, or hop limit, that the answer had left; null without one.</summary>
    public byte? TimeToLive { get; init; }

    /// <summary>Bytes of data in the request.</summary>
    public int Size { get; init; }

    /// <summary>Whether the data came back as they went out; null when the host did not answer.</summary>
    public bool? IsIntact { get; init; }

    /// <summary>Who sent the answer or the error; null when nothing came.</summary>
    public NetworkAddress? ReceivedFrom { get; init; }

    /// <summary>What came, in words.</summary>
    public string Reason { get; init; } = "no answer";

    /// <summary>The packet that came; null when nothing did.</summary>
    public Packet? Reply { get; init; }

    /// <summary>Host, number and what came of it.</summary>
    public override string ToString() => $"{Address} #{Sequence}: {Reason}";
}

/// <summary>Makes echo requests (ping) and judges the answers.</summary>
public static class EchoTest
{
    /// <summary>A request of ICMP in the version of the addresses, with data that show whether they come back intact.</summary>
    /// <param name="source">Who asks.</param>
    /// <param name="destination">The host.</param>
    /// <param name="identifier">Which series of requests it belongs to.</param>
    /// <param name="sequence">Its number there.</param>
    /// <param name="size">Bytes of data.</param>
    /// <param name="timeToLive">How many routers it may pass.</param>
    /// <param name="dontFragment">Routers may not split it; in IPv6 they never do.</param>
    public static Packet MakeProbe(
        NetworkAddress source,
        NetworkAddress destination,
        ushort identifier,
        ushort sequence,
        int size = 56,
        byte timeToLive = 64,
        bool dontFragment = false)
    {
        IPLayer ip = ProbePackets.IP(source, destination, timeToLive, sequence);
        if (ip is IPv4Layer header)
        {
            header.DontFragment = dontFragment;
        }

        byte[] data = new byte[size];
        for (int i = 0; i < size; i++)
        {
            data[i] = (byte)(i + sequence);
        }

        return ProbePackets.Echo(ip, identifier, sequence, data);
    }

    /// <summary>What an answer, or none, says.</summary>
    public static EchoResult Judge(ExchangeResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        byte[] sent = result.Probe.Payload?.Data ?? [];
        bool answered = result.Answered && !result.IsError;
        string reason = (result.Failure, result.Answered) switch
        {
            ({ } failure, _) => failure.Message,
            (_, false) => "no answer",
            _ when answered => "echo reply",
            _ => IcmpVerdicts.Describe(IcmpVerdicts.Of(result.Reply)),
        };
        return new EchoResult
        {
            Address = result.Probe.IP!.Destination,
            Sequence = (int)result.Number,
            Answered = answered,
            RoundTripTime = result.RoundTripTime,
            TimeToLive = result.Reply?.IP?.TimeToLive,
            Size = sent.Length,
            IsIntact = answered ? sent.AsSpan().SequenceEqual(result.Reply!.Payload?.Data ?? []) : null,
            ReceivedFrom = result.ReceivedFrom,
            Reason = reason,
            Reply = result.Reply,
        };
    }
}
