using System;
using System.Buffers.Binary;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>
/// Chooses local ports for connections that name none: the double-hash algorithm of RFC 6056, 3.3.4. An outsider cannot
/// guess the next port, and the ports of connections to one peer still follow one another, so that a port comes back
/// only after all the others, when its TIME-WAIT is most likely over.
/// </summary>
public sealed class PortAllocator : IPortSelector
{
    private const int Counters = 256;

    private readonly ulong _offsetKey0;
    private readonly ulong _offsetKey1;
    private readonly ulong _counterKey0;
    private readonly ulong _counterKey1;
    private readonly uint[] _counters = new uint[Counters];
    private readonly int _first;
    private readonly int _count;

    /// <summary>An allocator for the ports from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public PortAllocator(RandomSource random, int first, int last)
    {
        _first = first;
        _count = last - first + 1;
        _offsetKey0 = random.NextUInt64();
        _offsetKey1 = random.NextUInt64();
        _counterKey0 = random.NextUInt64();
        _counterKey1 = random.NextUInt64();
        for (int i = 0; i < Counters; i++)
        {
            // RFC 6056, 3.3.4: each counter starts at a random value.
            _counters[i] = random.NextUInt32();
        }
    }

    /// <inheritdoc/>
    public string Name => "rfc6056";

    /// <inheritdoc/>
    public bool TrySelect(
        NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        ArgumentNullException.ThrowIfNull(isFree);
        Span<byte> input = stackalloc byte[16 + 16 + 2];
        _ = local.TryWriteBytes(input);
        _ = remote.TryWriteBytes(input[16..]);
        BinaryPrimitives.WriteUInt16LittleEndian(input[32..], remotePort);
        uint offset = (uint)SipHash.Compute(_offsetKey0, _offsetKey1, input);
        ref uint counter = ref _counters[SipHash.Compute(_counterKey0, _counterKey1, input) % Counters];
        for (int tries = 0; tries < _count; tries++)
        {
            port = (ushort)(_first + (int)((offset + (ulong)counter++) % (uint)_count));
            if (isFree(port))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}
