using TcpTools.Wire;

namespace TcpTools.IP;

/// <summary>
/// Chooses identification fields for datagrams that may be fragmented: they must not repeat for one source, destination
/// and protocol while fragments live (RFC 791, 3.2; RFC 6864, 4.2), and should not tell one peer how much another gets
/// (RFC 6274, 3.5.2).
/// </summary>
internal sealed class IdentificationGenerator
{
    private const int CounterCount = 2048;

    private readonly ushort[] _counters;
    private readonly ulong _key;
    private readonly IdentificationPolicy _policy;

    public IdentificationGenerator(IdentificationPolicy policy, RandomSource random)
    {
        _policy = policy;
        _key = random.NextUInt64();
        _counters = new ushort[policy == IdentificationPolicy.PerDestination ? CounterCount : 1];
        for (int i = 0; i < _counters.Length; i++)
        {
            _counters[i] = (ushort)Mix(_key + (ulong)i);
        }
    }

    /// <summary>The next value; <paramref name="count"/> values from it on are used up, as the packets of a split segment need.</summary>
    public ushort Next(NetworkAddress source, NetworkAddress destination, byte protocol, int count = 1)
    {
        if (_policy == IdentificationPolicy.Random)
        {
            return Permute(_counters[0]++);
        }

        ulong pair = ((ulong)source.IPv4Bits << 32) | destination.IPv4Bits;
        ref ushort counter = ref _counters[Mix(Mix(pair ^ _key) + protocol + _key) % CounterCount];
        ushort first = counter;
        counter += (ushort)count;
        return first;
    }

    /// <summary>A keyed permutation of 16 bits: four Feistel rounds over two bytes, so that no value comes twice a round.</summary>
    private ushort Permute(ushort value)
    {
        byte left = (byte)(value >> 8);
        byte right = (byte)value;
        for (ulong round = 0; round < 4; round++)
        {
            (left, right) = (right, (byte)(left ^ (byte)Mix(_key ^ (round << 8) ^ right)));
        }

        return (ushort)((left << 8) | right);
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 33)) * 0xFF51AFD7ED558CCD;
        z = (z ^ (z >> 33)) * 0xC4CEB9FE1A85EC53;
        return z ^ (z >> 33);
    }
}
