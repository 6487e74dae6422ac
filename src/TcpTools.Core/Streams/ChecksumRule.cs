using System;
using System.Collections.Generic;
using System.Globalization;
using TcpTools.Wire;

namespace TcpTools.Streams;

/// <summary>Whether checksums of packets from a network are verified. The first rule whose network has the source decides.</summary>
/// <param name="Network">An address of the network.</param>
/// <param name="PrefixLength">How many of its bits name the network.</param>
/// <param name="Verify">Whether packets with a wrong checksum are left out.</param>
public sealed record ChecksumRule(NetworkAddress Network, int PrefixLength, bool Verify)
{
    /// <summary>Reads <c>10.0.0.0/8</c>, <c>fe80::/10</c> or a single address.</summary>
    /// <exception cref="StackException"><see cref="StackError.InvalidArgument"/>: the text names no network.</exception>
    public static ChecksumRule Parse(string text, bool verify)
    {
        ArgumentNullException.ThrowIfNull(text);
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (NetworkAddress.TryParse(slash < 0 ? text : text[..slash], out NetworkAddress address))
        {
            int bits = address.Length * 8;
            if (slash < 0)
            {
                return new ChecksumRule(address, bits, verify);
            }

            if (int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int prefix) && prefix <= bits)
            {
                return new ChecksumRule(address, prefix, verify);
            }
        }

        throw new StackException(
            StackError.InvalidArgument, $"'{text}' is no network.", "Write an address and a prefix length: 10.0.0.0/8.");
    }

    /// <summary>Whether the checksums of a source are to be verified; they are where no rule speaks of it.</summary>
    internal static bool IsVerified(IReadOnlyList<ChecksumRule> rules, NetworkAddress source)
    {
        for (int i = 0; i < rules.Count; i++)
        {
            if (source.IsInNetwork(rules[i].Network, rules[i].PrefixLength))
            {
                return rules[i].Verify;
            }
        }

        return true;
    }

    /// <summary>The network, and on or off.</summary>
    public override string ToString() => $"{Network}/{PrefixLength} {(Verify ? "on" : "off")}";
}
