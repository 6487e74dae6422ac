using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace TcpTools.Messages;

/// <summary>Makes HTTP/1.1 requests (RFC 9112, 3), and knows them when it sees them.</summary>
public static class HttpRequestText
{
    /// <summary>A request.</summary>
    /// <param name="method">The method, such as GET.</param>
    /// <param name="target">What is asked for, such as /index.html.</param>
    /// <param name="host">What the Host field says unless the fields say it.</param>
    /// <param name="fields">Header fields in their order.</param>
    /// <param name="body">The body; its length is told unless the fields tell it.</param>
    /// <exception cref="StackException">
    /// <see cref="StackError.InvalidArgument"/>: a part would break out of its line. Whoever wants that writes the request himself.
    /// </exception>
    public static byte[] Make(
        string method,
        string target,
        string host,
        IEnumerable<KeyValuePair<string, string>>? fields = null,
        ReadOnlyMemory<byte> body = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(target);
        KeyValuePair<string, string>[] all = [.. fields ?? []];
        if (method.Length == 0 || !method.All(IsTokenCharacter))
        {
            throw Wrong($"'{method}' is no method of HTTP.");
        }

        if (target.Length == 0 || target.AsSpan().ContainsAny(" \r\n\t"))
        {
            throw Wrong($"'{target}' cannot be asked for: a target has no blanks; write %20.");
        }

        StringBuilder text = new();
        text.Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\n");
        if (!Has(all, "Host"))
        {
            Append(text, "Host", host);
        }

        foreach ((string name, string value) in all)
        {
            Append(text, name, value);
        }

        bool tellsLength = Has(all, "Content-Length") || Has(all, "Transfer-Encoding");
        if (!tellsLength && (!body.IsEmpty || method is "POST" or "PUT" or "PATCH"))
        {
            Append(text, "Content-Length", body.Length.ToString(CultureInfo.InvariantCulture));
        }

        text.Append("\r\n");
        return [.. Encoding.Latin1.GetBytes(text.ToString()), .. body.Span];
    }

    /// <summary>The method and the target of a text such as <c>GET /index.html</c>: a request line without the rest.</summary>
    public static bool TryReadShort(string text, out string method, out string target)
    {
        method = target = "";
        string[] parts = (text ?? "").Split(' ');
        if (parts.Length != 2 || parts[0].Length == 0 || parts[1].Length == 0 || !parts[0].All(char.IsAsciiLetterUpper)
            || !(parts[1][0] == '/' || parts[1] == "*" || parts[1].Contains("://", StringComparison.Ordinal))
            || parts[1].AsSpan().ContainsAny("\r\n\t"))
        {
            return false;
        }

        (method, target) = (parts[0], parts[1]);
        return true;
    }

    /// <summary>The method of a request as bytes; null when it does not begin like one of HTTP/1.</summary>
    public static string? MethodOf(ReadOnlySpan<byte> request)
    {
        int end = request.IndexOf((byte)'\n');
        ReadOnlySpan<byte> line = end < 0 ? default : request[..end].TrimEnd((byte)'\r');
        int method = line.IndexOf((byte)' ');
        int version = line.LastIndexOf(" HTTP/1."u8);
        return method > 0 && version > method && !line[..method].ContainsAnyExceptInRange((byte)'A', (byte)'Z')
            ? Encoding.ASCII.GetString(line[..method])
            : null;
    }

    private static bool Has(KeyValuePair<string, string>[] fields, string name) =>
        Array.Exists(fields, field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static void Append(StringBuilder text, string name, string value)
    {
        if (name.Length == 0 || !name.All(IsTokenCharacter))
        {
            throw Wrong($"'{name}' is no name of a header field.");
        }

        if (value.AsSpan().ContainsAny("\r\n\0"))
        {
            throw Wrong($"The value of {name} has more than one line.");
        }

        text.Append(name).Append(": ").Append(value).Append("\r\n");
    }

    // RFC 9110, 5.6.2.
    private static bool IsTokenCharacter(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".Contains(letter, StringComparison.Ordinal);

    private static StackException Wrong(string message) => new(
        StackError.InvalidArgument, message, "A request that is wrong on purpose can be sent as text or bytes, as it is.");
}
