using System;
using System.Globalization;
using System.Text;

namespace TcpTools.Messages;

/// <summary>The lines of an HTTP/1 message in front of its body (RFC 9112, 3 to 5).</summary>
internal static class HttpLine
{
    /// <summary>Whether the beginning of a piece looks like that of a message.</summary>
    public static bool LooksLikeStart(ReadOnlySpan<byte> data, bool isRequest)
    {
        if (!isRequest)
        {
            return data.StartsWith("HTTP/1."u8) || (data.Length < 7 && "HTTP/1."u8.StartsWith(data));
        }

        int length = data[..Math.Min(data.Length, 20)].IndexOf((byte)' ');
        ReadOnlySpan<byte> method = length < 0 ? data[..Math.Min(data.Length, 20)] : data[..length];
        return !method.IsEmpty && (length >= 0 || data.Length < 20) && !method.ContainsAnyExceptInRange((byte)'A', (byte)'Z');
    }

    /// <summary>Reads a first line. What is none gives a message of that line alone.</summary>
    public static HttpMessage ReadStart(ReadOnlySpan<byte> line, bool isRequest, DateTimeOffset time, out bool isSound)
    {
        string text = Encoding.Latin1.GetString(line);
        HttpMessage message = new(isRequest, text, time);
        string[] parts = text.Split(' ', 3);
        if (isRequest)
        {
            isSound = parts.Length == 3 && parts[0].Length > 0 && parts[2].StartsWith("HTTP/", StringComparison.Ordinal);
            if (isSound)
            {
                (message.Method, message.Target, message.Version) = (parts[0], parts[1], parts[2][5..]);
            }

            return message;
        }

        int status = 0;
        isSound = parts.Length >= 2 && parts[0].StartsWith("HTTP/", StringComparison.Ordinal)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out status) && status is >= 100 and <= 999;
        if (isSound)
        {
            message.StatusCode = status;
            message.Version = parts[0][5..];
            message.Reason = parts.Length > 2 ? parts[2] : "";
        }

        return message;
    }

    /// <summary>Adds a header line to its message.</summary>
    public static void ReadHeader(HttpMessage message, ReadOnlySpan<byte> line, bool isTrailer)
    {
        string text = Encoding.Latin1.GetString(line);
        if (text[0] is ' ' or '\t')
        {
            message.Report(HttpAnomalyKind.BadHeader, "a header line is folded");
            message.Continue(text.Trim(), isTrailer);
            return;
        }

        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? "" : text[..colon];
        if (name.Length == 0 || name.AsSpan().ContainsAny(" \t"))
        {
            message.Report(HttpAnomalyKind.BadHeader, $"'{text[..Math.Min(text.Length, 80)]}' is no header field");
            if (name.Trim().Length == 0)
            {
                return;
            }
        }

        message.Add(new HttpHeader(name.Trim(), text[(colon + 1)..].Trim()), isTrailer);
    }
}
