using System;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Numbers of a byte that have names: those of a class of constants.</summary>
internal sealed partial class IcmpNames
{
    private readonly (string Name, byte Value)[] _names;
    private readonly string _what;

    private IcmpNames(Type constants, string what)
    {
        _names =
        [
            .. constants.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Where(field => field is { IsLiteral: true } && field.FieldType == typeof(byte))
                .Select(field => (field.Name, (byte)field.GetRawConstantValue()!)),
        ];
        _what = what;
    }

    /// <summary>Types of ICMP for IPv4.</summary>
    public static IcmpNames Types { get; } = new(typeof(IcmpType), "type of ICMP messages");

    /// <summary>Codes of ICMP for IPv4.</summary>
    public static IcmpNames Codes { get; } = new(typeof(IcmpCode), "code of ICMP messages");

    /// <summary>Types of ICMP for IPv6.</summary>
    public static IcmpNames Types6 { get; } = new(typeof(Icmpv6Type), "type of ICMPv6 messages");

    /// <summary>Codes of ICMP for IPv6.</summary>
    public static IcmpNames Codes6 { get; } = new(typeof(Icmpv6Code), "code of ICMPv6 messages");

    /// <summary>The names, each with its number.</summary>
    public IEnumerable<(string Word, string About)> Words =>
        _names.Select(name => (name.Name, $"{name.Value.ToString(CultureInfo.InvariantCulture)}: {Capital().Replace(name.Name, " $0").Trim().ToLowerInvariant()}"));

    /// <summary>Numbers from names, numbers and ranges; null for none given.</summary>
    /// <exception cref="StackException">A word is none of them.</exception>
    public NumberSet? Read(string[]? words) => words is null ? null : new NumberSet(words.SelectMany(word => ReadOne(word).Ranges));

    private NumberSet ReadOne(string word)
    {
        int index = Array.FindIndex(_names, name => name.Name.Equals(word.Trim(), StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            return new NumberSet((_names[index].Value, _names[index].Value));
        }

        return NumberSet.TryParse(word, out NumberSet? set) && set.IsWithin(0, byte.MaxValue) ? set : throw new StackException(
            StackError.InvalidArgument,
            $"'{word}' is no {_what}.",
            $"Give a number from 0 to 255, or a name such as {_names[0].Name} or {_names[1].Name}; Tab completes them.");
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex Capital();
}

/// <summary>Completes types of ICMP messages.</summary>
public sealed class IcmpTypeCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) => IcmpNames.Types.Words.Concat(IcmpNames.Types6.Words).DistinctBy(word => word.Word);
}

/// <summary>Completes codes of ICMP messages.</summary>
public sealed class IcmpCodeCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) => IcmpNames.Codes.Words.Concat(IcmpNames.Codes6.Words).DistinctBy(word => word.Word);
}

/// <summary>Completes IPv4 options as text.</summary>
public sealed class IPOptionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("rr", "record route, nine free slots"),
        ("rr 3", "record route, three free slots"),
        ("lsrr 10.0.0.1,10.0.0.2", "loose source route"),
        ("ssrr 10.0.0.1,10.0.0.2", "strict source route"),
        ("ts", "timestamps, nine free slots"),
        ("ts flag 1 0 0", "timestamps with addresses"),
        ("ra", "router alert"),
        ("sec 0x0000000000000000", "security"),
        ("sid 1", "stream id"),
        ("nop", "filling"),
        ("eol", "end of the options"),
        ("unknown-77 0x0102", "any kind with any data"),
    ];
}
