using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Authentication of segments by TCP-AO (RFC 5925, RFC 5926), over IPv4 and IPv6. A segment that is changed must be signed
/// again.
/// </summary>
public static class TcpAuthentication
{
    /// <summary>Bytes of the code.</summary>
    public const int CodeLength = 12;

    /// <summary>The code that the packet's segment should have, whatever the one in its option (RFC 5925, 5.1).</summary>
    /// <param name="packet">The packet; its segment has an authentication option.</param>
    /// <param name="key">The master key.</param>
    /// <param name="initial">The initial sequence numbers; of a SYN without ACK they are known.</param>
    /// <param name="sequenceExtension">How often the sequence number has gone round since then (RFC 5925, 6.2).</param>
    /// <exception cref="ArgumentException">
    /// The packet has no TCP segment inside an IP packet or that has no authentication option, or initial sequence numbers
    /// are needed.
    /// </exception>
    public static byte[] Compute(
        Packet packet, TcpAuthenticationKey key, TcpInitialSequences? initial = null, uint sequenceExtension = 0)
    {
        TcpLayer tcp = SignedSegment.TcpOf(packet);
        SignedSegment segment = SignedSegment.Of(packet);
        TcpInitialSequences sequences = initial ?? InitialOf(tcp);
        byte[] trafficKey = key.DeriveTrafficKey(
            segment.Source, tcp.SourcePort, segment.Destination, tcp.DestinationPort, sequences);
        List<byte> message =
        [
            (byte)(sequenceExtension >> 24), (byte)(sequenceExtension >> 16), (byte)(sequenceExtension >> 8), (byte)sequenceExtension,
            .. segment.PseudoHeader(), .. segment.FixedHeader,
        ];
        AddOptions(message, segment.Options, key.CoversOptions);
        message.AddRange(segment.Data);
        return key.Authenticate(trafficKey, [.. message]);
    }

    /// <summary>Sets the segment's code; adds the option where there is none.</summary>
    /// <inheritdoc cref="Compute"/>
    public static void Sign(Packet packet, TcpAuthenticationKey key, TcpInitialSequences? initial = null, uint sequenceExtension = 0)
    {
        // The header's length is covered too: the option is put in its place first.
        _ = SignedSegment.Of(packet);
        TcpLayer tcp = SignedSegment.TcpOf(packet);
        TcpInitialSequences sequences = initial ?? InitialOf(tcp);
        SignedSegment.Place(tcp.Options, new TcpAuthenticationOption(key.KeyId, key.ReceiveNextKeyId, new byte[CodeLength]));
        byte[] code = Compute(packet, key, sequences, sequenceExtension);
        SignedSegment.Place(tcp.Options, new TcpAuthenticationOption(key.KeyId, key.ReceiveNextKeyId, code));
    }

    /// <summary>Whether the segment has a code and it fits the key.</summary>
    /// <inheritdoc cref="Compute"/>
    public static bool Verify(Packet packet, TcpAuthenticationKey key, TcpInitialSequences? initial = null, uint sequenceExtension = 0) =>
        SignedSegment.TcpOf(packet).GetOption<TcpAuthenticationOption>() is { } option
        && option.KeyId == key.KeyId
        && CryptographicOperations.FixedTimeEquals(option.Code, Compute(packet, key, initial, sequenceExtension));

    private static TcpInitialSequences InitialOf(TcpLayer tcp) => (tcp.Flags & (TcpFlags.Syn | TcpFlags.Ack)) switch
    {
        TcpFlags.Syn => new(tcp.Sequence, 0),
        TcpFlags.Syn | TcpFlags.Ack => new(tcp.Sequence, unchecked(tcp.Acknowledgment - 1)),
        _ => throw new ArgumentException("Only SYNs tell the connection's initial sequence numbers; give them.", nameof(tcp)),
    };

    /// <summary>All options or the authentication option alone, its code zero (RFC 5925, 5.1).</summary>
    private static void AddOptions(List<byte> message, ReadOnlySpan<byte> options, bool all)
    {
        const int CodeOffset = 4;
        TcpOptionReader reader = new(options);
        int at = 0;
        while (reader.MoveNext())
        {
            int length = reader.Raw.Length;
            if (reader.Kind == TcpOptionKind.Authentication && length >= CodeOffset)
            {
                byte[] copy = options.ToArray();
                copy.AsSpan(at + CodeOffset, length - CodeOffset).Clear();
                message.AddRange(all ? copy : copy.AsSpan(at, length));
                return;
            }

            at += length;
        }

        throw new ArgumentException("The segment has no authentication option.", nameof(options));
    }
}
