using System;
using System.Collections;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Linq;
using System.Text;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Inspection;

/// <summary>Values as PowerShell reads them.</summary>
[RequiresUnreferencedCode("Reads the properties of layers by reflection.")]
internal static class ScriptValue
{
    /// <summary>A value as a cmdlet's argument; null when it cannot be written.</summary>
    public static string? Argument(object? value) => value switch
    {
        TcpFlags flags => flags.ToString().Contains(',', StringComparison.Ordinal)
            ? Quote(flags.ToString().Replace(" ", "", StringComparison.Ordinal))
            : flags.ToString(),
        NetworkAddress { IsNone: true } => null,
        NetworkAddress or MacAddress => value.ToString(),
        byte[] bytes => $"({Bytes(bytes)})",
        IEnumerable<TcpOption> options => Join(options.Select(Option)),
        IEnumerable<IPOption> options => Join(options.Select(Option)),
        Packet packet => $"({PacketScript.Write(packet).Replace("\n", "\n    ", StringComparison.Ordinal)})",
        _ => Expression(value),
    };

    /// <summary>A value as an expression; null when it cannot be written.</summary>
    public static string? Expression(object? value) => value switch
    {
        null => "$null",
        bool flag => flag ? "$true" : "$false",
        string text => Quote(text),
        Enum name => Quote(name.ToString()),
        byte or ushort or uint or ulong or short or int or long => Convert.ToString(value, CultureInfo.InvariantCulture),
        NetworkAddress or MacAddress => Quote(value.ToString()!),
        byte[] bytes => Bytes(bytes),
        IEnumerable<IRawOption> options => $"@({string.Join(", ", options.Select(option => RawOption(option, value)))})",
        IEnumerable<DnsQuestion> questions => ScriptDns.Questions(questions),
        IEnumerable<DnsRecord> records => ScriptDns.Records(records),
        Packet packet => $"({PacketScript.Write(packet)})",
        _ => null,
    };

    /// <summary>Data as an argument: text where it is text that can be read, else digits.</summary>
    public static string Data(byte[] data)
    {
        if (data.Any(value => value is (< 0x20 or > 0x7E) and not ((byte)'\r' or (byte)'\n' or (byte)'\t')))
        {
            return $"({Bytes(data)})";
        }

        string text = Encoding.ASCII.GetString(data);
        if (!text.AsSpan().ContainsAny('\r', '\n', '\t'))
        {
            return Quote(text);
        }

        StringBuilder quoted = new("\"");
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '\r' => quoted.Append("`r"),
                '\n' => quoted.Append("`n"),
                '\t' => quoted.Append("`t"),
                '"' or '$' or '`' => quoted.Append('`').Append(letter),
                _ => quoted.Append(letter),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>Whether two values of a property are the same.</summary>
    public static bool AreSame(object? one, object? other) => (one, other) switch
    {
        (Packet first, Packet second) => first.ToBytes().AsSpan().SequenceEqual(second.ToBytes()),
        (string first, string second) => first == second,
        (IEnumerable first, IEnumerable second) => first.Cast<object>().SequenceEqual(second.Cast<object>()),
        _ => Equals(one, other),
    };

    /// <summary>An option of a collection as its bytes, read by the class that the collection is of.</summary>
    private static string RawOption(IRawOption option, object collection) =>
        $"[{collection.GetType().GetGenericArguments()[0].FullName}]::FromBytes({Bytes(option.Raw)})";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Bytes(byte[] bytes) =>
        bytes.Length == 0 ? "[byte[]] @()" : $"[Convert]::FromHexString('{Convert.ToHexStringLower(bytes)}')";

    private static string? Join(IEnumerable<string> values)
    {
        string[] list = [.. values];
        return list.Length == 0 ? null : string.Join(", ", list);
    }

    private static string Option(TcpOption option) => TryRead(() => TcpOption.Parse(option.ToString()).Equals(option))
        ? Quote(option.ToString())
        : $"({Bytes(option.Raw)})";

    private static string Option(IPOption option) => TryRead(() => IPOption.Parse(option.ToString()).Equals(option))
        ? Quote(option.ToString())
        : $"({Bytes(option.Raw)})";

    private static bool TryRead(Func<bool> read)
    {
        try
        {
            return read();
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
