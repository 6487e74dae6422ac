using System;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Capture;

/// <summary>What the two sides of a conversation are named by.</summary>
public enum ConversationKind
{
    /// <summary>By Ethernet addresses.</summary>
    Ethernet,

    /// <summary>By IP addresses.</summary>
    IP,

    /// <summary>By IP addresses and TCP ports.</summary>
    Tcp,

    /// <summary>By IP addresses and UDP ports.</summary>
    Udp,
}

/// <summary>Two sides, the one that was seen to send first in front.</summary>
internal readonly record struct ConversationKey(NetworkAddress A, ushort PortA, NetworkAddress B, ushort PortB, MacAddress MacA, MacAddress MacB)
{
    public ConversationKey Reverse() => new(B, PortB, A, PortA, MacB, MacA);

    // Seeded by the runtime, unlike a record's own: an outsider cannot aim at one chain of the dictionary.
    public override int GetHashCode() => HashCode.Combine(A, PortA, B, PortB, MacA, MacB);
}

/// <summary>What two sides sent each other.</summary>
public class Conversation
{
    private readonly CaptureTime _start;
    private CaptureTime _end;

    private protected Conversation(ConversationKind kind, ConversationKey key, CaptureTime start)
    {
        Kind = kind;
        Key = key;
        _start = start;
        _end = start;
    }

    /// <summary>What the sides are named by.</summary>
    public ConversationKind Kind { get; }

    /// <summary>The side that was seen to send first.</summary>
    public string AddressA => Kind == ConversationKind.Ethernet ? Key.MacA.ToString() : Key.A.ToString();

    /// <summary>Its port; null where there are none.</summary>
    public ushort? PortA => Kind is ConversationKind.Tcp or ConversationKind.Udp ? Key.PortA : null;

    /// <summary>The other side.</summary>
    public string AddressB => Kind == ConversationKind.Ethernet ? Key.MacB.ToString() : Key.B.ToString();

    /// <summary>Its port; null where there are none.</summary>
    public ushort? PortB => Kind is ConversationKind.Tcp or ConversationKind.Udp ? Key.PortB : null;

    /// <summary>Packets from A to B.</summary>
    public long PacketsAToB { get; private set; }

    /// <summary>Bytes from A to B, as on the wire, headers included.</summary>
    public long BytesAToB { get; private set; }

    /// <summary>Packets from B to A.</summary>
    public long PacketsBToA { get; private set; }

    /// <summary>Bytes from B to A, as on the wire, headers included.</summary>
    public long BytesBToA { get; private set; }

    /// <summary>Packets both ways.</summary>
    public long Packets => PacketsAToB + PacketsBToA;

    /// <summary>Bytes both ways.</summary>
    public long Bytes => BytesAToB + BytesBToA;

    /// <summary>The time of the first packet.</summary>
    public DateTimeOffset Start => _start.ToDateTimeOffset();

    /// <summary>From the first packet to the last.</summary>
    public TimeSpan Duration => new((_end.Nanoseconds - _start.Nanoseconds) / TimeSpan.NanosecondsPerTick);

    /// <summary>Bits per second from A to B; null when no time passed.</summary>
    public double? BitsPerSecondAToB => Rate(BytesAToB);

    /// <summary>Bits per second from B to A; null when no time passed.</summary>
    public double? BitsPerSecondBToA => Rate(BytesBToA);

    internal ConversationKey Key { get; }

    /// <summary>A conversation without analysis.</summary>
    internal static Conversation Of(ConversationKind kind, ConversationKey key, CaptureTime start) =>
        kind == ConversationKind.Tcp ? new TcpConversation(key, start) : new Conversation(kind, key, start);

    internal void Count(bool fromA, int bytes, CaptureTime time)
    {
        if (fromA)
        {
            PacketsAToB++;
            BytesAToB += bytes;
        }
        else
        {
            PacketsBToA++;
            BytesBToA += bytes;
        }

        _end = time > _end ? time : _end;
    }

    private double? Rate(long bytes) =>
        _end.Nanoseconds > _start.Nanoseconds ? bytes * 8 / ((_end.Nanoseconds - _start.Nanoseconds) / 1e9) : null;

    /// <summary>Both sides and how much there was.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Kind} {Side(AddressA, PortA)} <-> {Side(AddressB, PortB)}, {Packets} packets, {Bytes} bytes");

    private static string Side(string address, ushort? port) => port is null ? address : $"{address}:{port}";
}

/// <summary>What one address, or one address and port, sent and received.</summary>
/// <param name="Kind">What it is named by.</param>
/// <param name="Address">The address.</param>
/// <param name="Port">The port; null where there are none.</param>
/// <param name="SentPackets">Packets that it sent.</param>
/// <param name="SentBytes">Bytes that it sent.</param>
/// <param name="ReceivedPackets">Packets sent to it.</param>
/// <param name="ReceivedBytes">Bytes sent to it.</param>
public sealed record CaptureEndpoint(
    ConversationKind Kind, string Address, ushort? Port, long SentPackets, long SentBytes, long ReceivedPackets, long ReceivedBytes);
