using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using TcpTools.Wire;

namespace TcpTools.Packets;

/// <summary>
/// Addresses to try one after another: single ones, networks and ranges of either version, in the order in which they were
/// named. A network takes no more room than its two ends, however large it is.
/// </summary>
public sealed class AddressSet : IEnumerable<NetworkAddress>
{
    private readonly (UInt128 First, UInt128 Last, int Length)[] _ranges;

    /// <summary>One address.</summary>
    public AddressSet(NetworkAddress address)
        : this([(address.Bits, address.Bits, address.Length)])
    {
    }

    /// <summary>All addresses of other sets, one set after the other.</summary>
    public AddressSet(IEnumerable<AddressSet> sets)
        : this([.. sets.SelectMany(set => set._ranges)])
    {
    }

    private AddressSet((UInt128 First, UInt128 Last, int Length)[] ranges) => _ranges = ranges;

    /// <summary>How many addresses there are; a whole IPv6 internet counts as one too few.</summary>
    public UInt128 Count => _ranges.Aggregate(UInt128.Zero, (sum, range) =>
    {
        UInt128 more = UInt128.Max(range.First, range.Last) - UInt128.Min(range.First, range.Last);
        return sum + more < sum || sum + more == UInt128.MaxValue ? UInt128.MaxValue : sum + more + 1;
    });

    /// <summary>
    /// Reads an address, a network (<c>10.0.0.0/30</c>, with its first and last address), a range
    /// (<c>10.0.0.1-10.0.0.9</c>, or <c>10.0.0.1-9</c> for the last octet), or several with commas between them.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out AddressSet? set)
    {
        List<AddressSet> sets = [];
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryParseOne(part, out (UInt128, UInt128, int) range))
            {
                set = null;
                return false;
            }

            sets.Add(new AddressSet([range]));
        }

        set = new AddressSet(sets);
        return true;
    }

    /// <inheritdoc/>
    public IEnumerator<NetworkAddress> GetEnumerator()
    {
        foreach ((UInt128 first, UInt128 last, int length) in _ranges)
        {
            UInt128 bits = first;
            yield return NetworkAddress.FromBits(bits, length);
            while (bits != last)
            {
                bits = first < last ? bits + UInt128.One : bits - UInt128.One;
                yield return NetworkAddress.FromBits(bits, length);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The addresses as they are read.</summary>
    public override string ToString() => string.Join(',', _ranges.Select(range => range.First == range.Last
        ? NetworkAddress.FromBits(range.First, range.Length).ToString()
        : $"{NetworkAddress.FromBits(range.First, range.Length)}-{NetworkAddress.FromBits(range.Last, range.Length)}"));

    private static bool TryParseOne(string text, out (UInt128 First, UInt128 Last, int Length) range)
    {
        range = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0)
        {
            return TryReadAddress(text[..slash], out NetworkAddress network)
                && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix)
                && TryMakeNetwork(network, prefix, out range);
        }

        int dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryReadAddress(dash < 0 ? text : text[..dash], out NetworkAddress first))
        {
            return false;
        }

        NetworkAddress last = first;
        if (dash >= 0 && !TryReadAddress(text[(dash + 1)..], out last) && !TryReadOctet(text[(dash + 1)..], first, out last))
        {
            return false;
        }

        range = (first.Bits, last.Bits, first.Length);
        return first.Length == last.Length;
    }

    private static bool TryMakeNetwork(NetworkAddress network, int prefix, out (UInt128 First, UInt128 Last, int Length) range)
    {
        int bits = network.Length * 8;
        int hostBits = bits - prefix;
        UInt128 hosts = hostBits >= 128 ? UInt128.MaxValue : (UInt128.One << Math.Max(hostBits, 0)) - UInt128.One;
        UInt128 first = network.Bits & ~hosts;
        range = (first, first | hosts, network.Length);
        return prefix <= bits;
    }

    // IPAddress.Parse takes "10" for 0.0.0.10, which nobody means.
    private static bool TryReadAddress(string text, out NetworkAddress address)
    {
        address = default;
        return (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3)
            && NetworkAddress.TryParse(text.Trim(), out address);
    }

    private static bool TryReadOctet(string text, NetworkAddress first, out NetworkAddress last)
    {
        bool isOctet = byte.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out byte octet);
        last = NetworkAddress.FromIPv4((first.IPv4Bits & ~0xFFu) | octet);
        return isOctet && first.IsIPv4;
    }
}
