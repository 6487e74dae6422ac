using System;
using System.Buffers.Binary;
using TcpTools.Wire;

namespace TcpTools.Tcp;

/// <summary>
/// Initial sequence numbers (RFC 6528, 3): a clock of 4 microseconds plus a keyed hash of the connection's four
/// addresses and ports. Reuse of the same pair of sockets finds rising numbers; nobody without the key can tell the
/// numbers of one connection from another's.
/// </summary>
internal sealed class InitialSequenceGenerator(RandomSource random)
{
    private const long TicksPerStep = 4 * TimeSpan.TicksPerMicrosecond;

    private readonly ulong _key0 = random.NextUInt64();
    private readonly ulong _key1 = random.NextUInt64();

    /// <summary>The initial sequence number for a connection that begins now.</summary>
    public SequenceNumber Next(in FlowKey flow, Instant now)
    {
        Span<byte> input = stackalloc byte[16 + 16 + 4 + 2];
        int length = Write(flow.LocalAddress, input, 0);
        length = Write(flow.RemoteAddress, input, length);
        BinaryPrimitives.WriteUInt16LittleEndian(input[length..], flow.LocalPort);
        BinaryPrimitives.WriteUInt16LittleEndian(input[(length + 2)..], flow.RemotePort);
        uint clock = (uint)(now.Ticks / TicksPerStep);
        return new SequenceNumber(clock + (uint)SipHash.Compute(_key0, _key1, input[..(length + 4)]));
    }

    private static int Write(NetworkAddress address, Span<byte> destination, int offset)
    {
        _ = address.TryWriteBytes(destination[offset..]);
        return offset + address.Length;
    }
}
