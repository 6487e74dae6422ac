using System;
using System.Buffers.Binary;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// Initial sequence numbers (RFC 6528, 3): a clock of 4 microseconds plus a keyed hash of the connection's four
/// addresses and ports. Reuse of the same pair of sockets finds rising numbers; nobody without the key can tell the
/// numbers of one connection from another's. The same hash gives the timestamps their start.
/// </summary>
/// <param name="random">Where the key comes from; no further values are taken.</param>
public sealed class InitialSequenceGenerator(RandomSource random) : IInitialSequenceGenerator
{
    private const long TicksPerStep = 4 * TimeSpan.TicksPerMicrosecond;

    private readonly ulong _key0 = random.NextUInt64();
    private readonly ulong _key1 = random.NextUInt64();

    /// <inheritdoc/>
    public string Name => "rfc6528";

    /// <inheritdoc/>
    public SequenceNumber Next(in FlowKey flow, Instant now)
    {
        uint clock = (uint)(now.Ticks / TicksPerStep);
        return new SequenceNumber(clock + (uint)Hash(flow));
    }

    /// <summary>
    /// What to add to the clock of a pair of sockets' timestamps: as different as a random number from one pair to another,
    /// but always the same for one pair, whose next connection the peer may still have in TIME-WAIT. It takes a SYN there
    /// only with a timestamp that is not older than the last one it saw (RFC 6191, 2; RFC 7323, 5.3).
    /// </summary>
    public uint TimestampOffset(in FlowKey flow) => (uint)(Hash(flow) >> 32);

    private ulong Hash(in FlowKey flow)
    {
        Span<byte> input = stackalloc byte[16 + 16 + 4 + 2];
        int length = Write(flow.LocalAddress, input, 0);
        length = Write(flow.RemoteAddress, input, length);
        BinaryPrimitives.WriteUInt16LittleEndian(input[length..], flow.LocalPort);
        BinaryPrimitives.WriteUInt16LittleEndian(input[(length + 2)..], flow.RemotePort);
        return SipHash.Compute(_key0, _key1, input[..(length + 4)]);
    }

    private static int Write(NetworkAddress address, Span<byte> destination, int offset)
    {
        _ = address.TryWriteBytes(destination[offset..]);
        return offset + address.Length;
    }
}
