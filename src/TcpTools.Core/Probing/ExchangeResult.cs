using System;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>A packet that was sent and what came back.</summary>
public sealed class ExchangeResult
{
    /// <summary>The packet that was sent: the object that was given, or a copy where the host had to choose its source address.</summary>
    public required Packet Probe { get; init; }

    /// <summary>What came back; null when nothing did in time.</summary>
    public Packet? Reply { get; init; }

    /// <summary>Whether anything came back.</summary>
    public bool Answered => Reply is not null;

    /// <summary>Whether what came back is an ICMP error about the packet rather than an answer.</summary>
    public bool IsError { get; init; }

    /// <summary>
    /// From sending to receiving, by the time that the kernel noted where it does. Of a packet that was sent several times,
    /// from the last time before the reply. Null without a reply.
    /// </summary>
    public TimeSpan? RoundTripTime { get; init; }

    /// <summary>How often the packet was sent.</summary>
    public int Attempts { get; init; }

    /// <summary>The packet's place among all that were given, from 1.</summary>
    public long Number { get; init; }

    /// <summary>Which reply to the packet this is, from 1; 0 when it was not answered.</summary>
    public int ReplyNumber { get; init; }

    /// <summary>In a repeated exchange, which round this is, from 1.</summary>
    public int Round { get; init; } = 1;

    /// <summary>When the packet was sent last.</summary>
    public DateTimeOffset Sent { get; init; }

    /// <summary>When the reply was received.</summary>
    public DateTimeOffset? Received => Reply?.Timestamp;

    /// <summary>Who sent the reply; null when it was not answered, or without an IP address.</summary>
    public NetworkAddress? ReceivedFrom { get; init; }

    /// <summary>The name of the interface or the link that the reply came in by; null without one.</summary>
    public string? Interface => Reply?.Interface;

    /// <summary>Why the packet could not be sent; null when it could.</summary>
    public StackException? Failure { get; init; }

    /// <summary>What was given with the packet.</summary>
    public object? Tag { get; init; }

    /// <summary>The packet and its answer, in a line.</summary>
    public override string ToString() => Answered ? $"{Probe} => {Reply}" : $"{Probe} => nothing";
}
