using System;
using System.Globalization;

namespace TcpTools.Wire;

/// <summary>An address together with the length of its network's prefix, as an interface or a route has it: 10.9.0.1/24.</summary>
/// <param name="Address">The address; for a route, any address of the network.</param>
/// <param name="PrefixLength">How many leading bits name the network: 0 to 32 for IPv4, 0 to 128 for IPv6.</param>
public readonly record struct InterfaceAddress(NetworkAddress Address, int PrefixLength)
{
    /// <summary>Whether the prefix length is one that the address's family allows.</summary>
    public bool IsValid => !Address.IsNone && PrefixLength >= 0 && PrefixLength <= Address.Length * 8;

    /// <summary>Whether <paramref name="other"/> lies in this network.</summary>
    public bool Contains(NetworkAddress other) => other.IsInNetwork(Address, PrefixLength);

    /// <summary>Reads <c>address/prefix</c>; without a prefix, that of a single host.</summary>
    /// <exception cref="FormatException">The text is no address with prefix.</exception>
    public static InterfaceAddress Parse(string text) => TryParse(text, out InterfaceAddress address)
        ? address
        : throw new FormatException($"'{text}' is not an address with a prefix length, such as 10.9.0.1/24.");

    /// <summary>Reads <c>address/prefix</c>; without a prefix, that of a single host.</summary>
    public static bool TryParse(string? text, out InterfaceAddress address)
    {
        address = default;
        ReadOnlySpan<char> rest = text.AsSpan();
        int slash = rest.IndexOf('/');
        if (!NetworkAddress.TryParse((slash < 0 ? rest : rest[..slash]).ToString(), out NetworkAddress host))
        {
            return false;
        }

        int prefix = host.Length * 8;
        if (slash >= 0
            && !int.TryParse(rest[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out prefix))
        {
            return false;
        }

        address = new InterfaceAddress(host, prefix);
        return address.IsValid;
    }

    /// <summary>The address, a slash, and the prefix length.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address}/{PrefixLength}");
}
